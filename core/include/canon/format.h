/* SPDX-License-Identifier: MIT
 * format.h: the facet "canon.format/1": reads and writes one kind of artifact. Draft until it is frozen.
 * A reader turns bytes into a manifest (a tree without tensor bytes) and gives the elements of its tensors on request;
 * a writer lays out a manifest and says where each tensor's bytes go. */
#ifndef CANON_FORMAT_H
#define CANON_FORMAT_H

#include <string.h>

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CANON_FORMAT_FACET "canon.format/1"

/* Kinds of node, and how the value of a leaf lies in data/data_size. */
#define CANON_NODE_TENSOR 1
#define CANON_NODE_DICT 2 /* children carry keys, in file order */
#define CANON_NODE_LIST 3 /* children carry CANON_KEY_INDEX */
#define CANON_NODE_TUPLE 4
#define CANON_NODE_SET 5 /* children carry CANON_KEY_INDEX */
#define CANON_NODE_NONE 6
#define CANON_NODE_BOOL 7     /* one byte, 0 or 1 */
#define CANON_NODE_INT 8      /* two's complement, little-endian, shortest (at least one byte) */
#define CANON_NODE_FLOAT 9    /* binary64, little-endian */
#define CANON_NODE_COMPLEX 10 /* two binary64: real, imaginary */
#define CANON_NODE_STR 11     /* UTF-8; a lone surrogate as its three bytes */
#define CANON_NODE_BYTES 12
#define CANON_NODE_REF 13    /* `target` once more (an object that the file shares); has no children */
#define CANON_NODE_OPAQUE 14 /* named by `type`, not interpreted; data is a short text for people, or empty */

/* Kinds of key; key/key_size hold it as the leaf kinds above do. */
#define CANON_KEY_NONE_AT_ROOT 0 /* the root has none */
#define CANON_KEY_INDEX 1        /* the place in its list, tuple or set; key is NULL */
#define CANON_KEY_STR 2
#define CANON_KEY_BYTES 3
#define CANON_KEY_INT 4
#define CANON_KEY_BOOL 5
#define CANON_KEY_NONE 6
#define CANON_KEY_FLOAT 7
#define CANON_KEY_TUPLE 8 /* text, as Python prints the tuple */

/* Node flags: what the canonical form drops and counts. */
#define CANON_NODE_ORDERED 1u       /* dict: was an OrderedDict (or another dict class, see type) */
#define CANON_NODE_PARAMETER 2u     /* tensor: was a Parameter */
#define CANON_NODE_REQUIRES_GRAD 4u /* tensor */
#define CANON_NODE_NUMPY 8u         /* tensor: was a numpy array or scalar */
#define CANON_NODE_MUTABLE 16u      /* set, bytes: was set or bytearray (not frozenset or bytes) */
#define CANON_NODE_VOLATILE                                                            \
  32u /* a leaf, no tensor: tells of the run that wrote it (a time, a host, a folder); \
         kept, not compared unless asked; dropping the flag is no loss and not counted */

typedef struct canon_attribute {
  const char *name; /* "_metadata" */
  const char *text; /* for people */
} canon_attribute;

typedef struct canon_node {
  uint32_t kind;
  uint32_t flags;
  uint64_t parent; /* index of the container, smaller than this node's; CANON_NONE at the root, which is node 0 */
  uint64_t target; /* REF: index of an earlier node */
  uint32_t key_kind;
  uint32_t attribute_size; /* sizeof(canon_attribute) */
  const void *key;
  uint64_t key_size;
  const void *data;
  uint64_t data_size;
  const char *type; /* the class that the file names, where the kind does not say it ("torch.Size"); else NULL */
  const canon_attribute *attributes;
  uint64_t n_attributes;
  /* tensors */
  uint32_t dtype;
  uint32_t rank;
  const uint64_t *shape;  /* rank numbers */
  const int64_t *stride;  /* rank numbers, in elements, or NULL: C order; for people, read() applies them */
  uint64_t storage;       /* tensors with one id share bytes; CANON_NONE: its own */
  uint64_t storage_bytes; /* of the whole storage, as stored */
  uint64_t offset; /* byte of the source at which the first element lies, whatever stands between rows; CANON_NONE
                      where it is compressed */
} canon_node;

/* A tensor whose elements, as many bytes as its shape and dtype say, lie at byte `offset` of the source and are no
 * other's. It is the root until it gets a parent and a key. shape is borrowed. storage_bytes is CANON_NONE, which no
 * file has, if it overflows. */
static inline canon_node canon_tensor_node(uint32_t dtype, const uint64_t *shape, uint32_t rank, uint64_t offset) {
  canon_node node;
  memset(&node, 0, sizeof node);
  node.kind = CANON_NODE_TENSOR;
  node.parent = CANON_NONE;
  node.dtype = dtype;
  node.rank = rank;
  node.shape = shape;
  node.storage = CANON_NONE;
  node.offset = offset;
  if (!canon_elements(shape, rank, &node.storage_bytes) ||
      !canon_mul(node.storage_bytes, canon_dtype_size(dtype), &node.storage_bytes))
    node.storage_bytes = CANON_NONE;
  return node;
}

/* A fact about the container for `info` ("format_details"). text NULL: the number counts. */
typedef struct canon_detail {
  const char *name;
  const char *text;
  int64_t number;
} canon_detail;

/* Nodes in preorder: a container, then its children's subtrees, in file order. */
typedef struct canon_manifest {
  uint32_t struct_size;
  uint32_t node_size; /* sizeof(canon_node) of whoever filled it: the stride */
  const canon_node *nodes;
  uint64_t n_nodes;
  const char *producer; /* as the container tells it ("torch >= 2.7"), or NULL */
  const canon_detail *details;
  uint64_t n_details;
  uint32_t detail_size; /* sizeof(canon_detail) */
  uint32_t reserved;
} canon_manifest;

static inline const canon_node *canon_manifest_node(const canon_manifest *manifest, uint64_t i) {
  return (const canon_node *)(const void *)((const char *)manifest->nodes + i * manifest->node_size);
}

/* Where a tensor's bytes go: its elements, little-endian, in C order, from this byte of the sink on. */
typedef struct canon_extent {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t offset;  /* CANON_NONE: they do not lie together; write() then gets them, little-endian, ascending */
  canon_sink *sink; /* preset to begin's; a format of folders names the file */
} canon_extent;

/* What the host wrote of a tensor, for end(). */
typedef struct canon_written {
  uint64_t node;
  uint64_t bytes;
  uint32_t crc32; /* of these bytes (zip's CRC-32), with CANON_FORMAT_CRC32 */
  uint32_t reserved;
} canon_written;

/* Must-understand bits: a host skips a plugin with one that it does not know. */
#define CANON_FORMAT_RANDOM 1u /* read() may be called in any order and from several threads at once */
#define CANON_FORMAT_CRC32 2u  /* end() wants canon_written.crc32 */
#define CANON_FORMAT_FOLDER 8u /* is asked about folders, and about nothing else; writes one */
#define CANON_FORMAT_SINGLE \
  4u /* holds one tensor and no names: what --select leaves of a tree is written as the root */

typedef struct canon_format {
  uint32_t struct_size;
  uint32_t flags;
  const char *name;     /* "npy" */
  const char *suffixes; /* "npy": separated by spaces; where a new file's format is taken from */
  const char *summary;  /* one line */
  const canon_option *options;
  uint64_t n_options;
  uint32_t option_size; /* sizeof(canon_option) */
  uint32_t reserved;

  /* How sure is the plugin that this is its format? *bits: bits of evidence seen (a magic of 4 bytes is 32), 0 if none.
   * May read up to 64 KiB anywhere. Most bits win; a tie, or fewer than 16, asks the user. Not an error: "not mine". */
  int32_t (*probe)(canon_job *job, const canon_source *source, uint32_t *bits);

  /* Reads the structure, never tensor bytes. *reader is the plugin's, freed by close (called also after open failed if
   * *reader is not NULL). A reader that needs no state leaves it NULL, and is not closed. The source outlives the
   * reader. */
  int32_t (*open)(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
  /* Everything it points to lives until close. Called once. */
  int32_t (*manifest)(canon_job *job, void *reader, canon_manifest *manifest);
  /* Elements [first, first + count) of tensor `node` in C order of its shape, in the machine's own byte order, strides,
   * conjugation and negation applied. Ascending ranges from one thread unless CANON_FORMAT_RANDOM. A checksum that the
   * format keeps is checked no later than the call that completes the tensor. */
  int32_t (*read)(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
  void (*close)(canon_job *job, void *reader);

  /* May this tree be written? Fails by name (which node, why, what to do) before anything exists.
   * The manifest is in canonical order, without REF nodes. */
  int32_t (*can_write)(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
  /* The manifest outlives the writer. *writer is the plugin's, freed by release (called also after begin failed if
   * *writer is not NULL). A writer that needs no state leaves it NULL, and is not released. */
  int32_t (*begin)(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                   void **writer);
  /* Either place: the host writes the bytes itself, from all threads. Or write (place NULL, or giving offset
   * CANON_NONE): the elements, little-endian, in order of nodes, ascending; count is any, not whole rows. */
  int32_t (*place)(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
  int32_t (*write)(canon_job *job, void *writer, uint64_t node, uint64_t first, uint64_t count, const void *src);
  /* All bytes are there: what is left to write, the final size. written: one a tensor, in order of nodes. NULL: nothing
   * is left. */
  int32_t (*end)(canon_job *job, void *writer, const canon_written *written, uint64_t n_written, uint32_t written_size);
  void (*release)(canon_job *job, void *writer); /* after end, or instead of it */
} canon_format;

#ifdef __cplusplus
}
#endif
#endif
