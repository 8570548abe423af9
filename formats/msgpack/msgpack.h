/* SPDX-License-Identifier: MIT
 * msgpack.h: what the reading files of the msgpack plugin share. What is read and written: README.md.
 *
 *   source -> window (a moving piece of it) -> token (one header) -> walk (which container it lies in) -> tree (nodes)
 *
 * Contents of bin are stepped over, so that a pass over a file reads its structure and no tensor. */
#ifndef CANON_FORMATS_MSGPACK_H
#define CANON_FORMATS_MSGPACK_H

#include <inttypes.h>

#include <canon/format.h>

#include "formats/common/arena.h"
#include "formats/common/text.h"

/* window.c: the source from some byte on. */
#define MSGPACK_WINDOW_BYTES (1 << 16)
typedef struct msgpack_window {
  canon_job *job;
  const canon_source *source;
  uint64_t end;      /* of the source */
  uint64_t at;       /* the byte that is looked at next; anyone may move it */
  uint64_t budget;   /* bytes that may yet be read */
  uint32_t ran_out;  /* 1: less than the budget would not do */
  uint32_t is_quiet; /* a refusal is returned but not recorded: for probe */
  uint64_t chunk;    /* how much to read next */
  uint64_t start, filled;
  uint8_t bytes[MSGPACK_WINDOW_BYTES];
} msgpack_window;

/* NULL after a recorded failure; free with canon_free. */
msgpack_window *msgpack_window_open(canon_job *job, const canon_source *source, uint64_t budget);
/* `need` bytes from `at` on, at most MSGPACK_WINDOW_BYTES, or the fewer that are left. */
int32_t msgpack_window_peek(msgpack_window *window, uint64_t need, const uint8_t **bytes, uint64_t *n);
/* Bytes from anywhere, without moving. */
int32_t msgpack_window_copy(msgpack_window *window, uint64_t offset, void *dst, uint64_t bytes);
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
int32_t
msgpack_refuse(msgpack_window *window, int32_t code, uint64_t offset, const char *format, ...);

/* token.c: one value's header, and a scalar's value. */
enum {
  TOKEN_END, /* the budget of the window, or for walk the source, has ended */
  TOKEN_NIL,
  TOKEN_BOOL,
  TOKEN_INT,
  TOKEN_FLOAT,
  TOKEN_STR,
  TOKEN_BIN,
  TOKEN_EXT,
  TOKEN_ARRAY,
  TOKEN_MAP
};

typedef struct msgpack_token {
  uint32_t kind;
  uint32_t is_small;    /* INT: of one byte, as any byte below 80 and above DF */
  uint32_t is_negative; /* INT */
  int32_t type;         /* EXT */
  uint64_t offset;      /* of its first byte */
  uint64_t integer;     /* INT: two's complement; BOOL: 0 or 1 */
  double real;          /* FLOAT */
  uint64_t count;       /* ARRAY: items; MAP: pairs */
  uint64_t body, size;  /* STR, BIN, EXT: where the content lies */
} msgpack_token;

/* Reads the token at window->at, which must end by `end`, and moves behind it: behind a content, before the items of a
 * container. A length or count that cannot be true of what is left is refused. */
int32_t msgpack_token_read(msgpack_window *window, uint64_t end, msgpack_token *token);

/* walk.c: tokens with their place. A few levels more than a tree may have: inside of what becomes one tensor. */
#define MSGPACK_LEVELS (CANON_MAX_DEPTH + 3)
typedef struct msgpack_walk {
  msgpack_window *window;
  uint64_t objects; /* begun so far, outside of any container */
  uint32_t around;  /* containers around the last token */
  uint32_t is_key;  /* the last token is the key of a pair */
  uint32_t depth;
  struct {
    uint64_t left; /* tokens: of a map two a pair */
    uint32_t is_map;
  } levels[MSGPACK_LEVELS];
} msgpack_walk;

int32_t msgpack_walk_next(msgpack_walk *walk, msgpack_token *token);
/* The container that the last token began has been read by someone else, to its end. */
void msgpack_walk_leave(msgpack_walk *walk);

/* text.c */
#define MSGPACK_FLOAT_TEXT 32
/* The shortest text that reads back as the same number, as Python's repr() has it, whatever the locale; its length.
 * is_part: as in the repr() of a complex number, without ".0". */
uint32_t msgpack_float_print(double value, int is_part, char text[MSGPACK_FLOAT_TEXT]);
uint32_t msgpack_complex_print(const double value[2], char text[2 * MSGPACK_FLOAT_TEXT]);
/* What Python's repr() of a complex number gives; 0: it is none. */
int msgpack_complex_parse(const char *text, uint64_t size, double value[2]);

/* dtype.c: NumPy's descr ("<f4") of msgpack-numpy and NumPy's name ("float32") of flax. */
#define MSGPACK_DTYPE_TEXT 64 /* no longer text is a dtype */
int32_t msgpack_descr_read(msgpack_window *window, const msgpack_token *text, uint32_t *dtype, uint32_t *big_endian);
int32_t msgpack_name_read(msgpack_window *window, const msgpack_token *text, uint32_t *dtype);
const char *msgpack_descr_of(uint32_t dtype); /* NULL: NumPy has none */
const char *msgpack_name_of(uint32_t dtype);  /* NULL: flax has none */

/* A value that takes several tokens and becomes one node: a tensor, a complex number, or a name for what is opaque. */
typedef struct msgpack_piece {
  uint64_t first;  /* element of the tensor */
  uint64_t offset; /* byte of the source */
} msgpack_piece;

typedef struct msgpack_item {
  uint32_t kind; /* CANON_NODE_TENSOR, COMPLEX or OPAQUE; 0: nothing of the sort */
  uint32_t dtype, big_endian;
  uint32_t rank;
  uint64_t shape[CANON_MAX_RANK];
  uint64_t elements, bytes;
  const msgpack_piece *pieces; /* NULL: all lies at offset */
  uint64_t n_pieces;
  uint64_t offset;
  double complex[2];
  const char *type, *text; /* OPAQUE, in the arena */
} msgpack_item;

/* item.c */
/* The shape, from the items of an ARRAY of at most CANON_MAX_RANK. odd: the first that is no integer from 0 on; reading
 * stops where it is no integer at all. */
int32_t msgpack_shape_read(msgpack_window *window, const msgpack_token *array, msgpack_item *item, msgpack_token *odd);
int32_t msgpack_shape_refuse(msgpack_window *window, const msgpack_token *odd);
/* Elements and bytes of shape and dtype, held against the bytes that are there. */
int32_t msgpack_item_measure(msgpack_window *window, msgpack_item *item, const msgpack_token *data);

/* numpy.c, flax.c: a MAP token whose entries are a value that msgpack-numpy or flax wrote; else the window stays. */
int32_t msgpack_numpy_read(msgpack_window *window, const msgpack_token *map, msgpack_item *item);
int32_t msgpack_chunks_read(msgpack_window *window, arena *memory, const msgpack_token *map, msgpack_item *item);
/* flax.c: is an EXT token flax's, and what is in it. */
int32_t msgpack_flax_recognize(msgpack_window *window, const msgpack_token *ext, int *is_flax);
int32_t msgpack_flax_read(msgpack_window *window, const msgpack_token *ext, msgpack_item *item);
#define MSGPACK_CHUNKS "__msgpack_chunked_array__"
/* ext.c: any EXT token. */
int32_t msgpack_ext_read(msgpack_window *window, arena *memory, const msgpack_token *ext, msgpack_item *item);

/* tree.c: the nodes of an open file. */
typedef struct msgpack_tensor {
  uint64_t node;
  uint32_t dtype, big_endian;
  uint64_t elements;
  const msgpack_piece *pieces; /* sorted, the first one of element 0 */
  uint64_t n_pieces;
} msgpack_tensor;

typedef struct msgpack_reader {
  const canon_source *source;
  arena memory;
  canon_node *nodes;
  uint64_t n_nodes, node_capacity;
  msgpack_tensor *tensors; /* by node */
  uint64_t n_tensors, tensor_capacity;
  uint64_t objects;
  uint64_t of_numpy, of_flax; /* values that only they write */
  canon_detail details[3];
  uint64_t n_details;
} msgpack_reader;

int32_t msgpack_tree_build(canon_job *job, msgpack_reader *reader, msgpack_window *window);

/* keys.c */
typedef struct msgpack_key {
  uint32_t kind;
  const void *data;
  uint64_t size;
} msgpack_key;

/* A token that is no container as a node's kind and data, which is new in memory. */
int32_t msgpack_leaf_read(msgpack_window *window, arena *memory, const msgpack_token *token, canon_node *leaf);
/* The key that a token begins; an ARRAY is read to its end. */
int32_t msgpack_key_read(msgpack_window *window, arena *memory, const msgpack_token *token, msgpack_key *key);
/* Keys that are equal in Python, where 1, 1.0 and True are one key. before[i]: the sibling before node i. */
int32_t msgpack_keys_check(canon_job *job, const canon_node *nodes, const uint64_t *before, uint64_t last,
                           uint64_t offset);

/* plugin.c's callbacks: probe.c, reader.c, check.c, writer.c */
int32_t msgpack_probe(canon_job *job, const canon_source *source, uint32_t *bits);
int32_t msgpack_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t msgpack_manifest(canon_job *job, void *reader, canon_manifest *manifest);
int32_t msgpack_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
void msgpack_close(canon_job *job, void *reader);
int32_t msgpack_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t msgpack_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                      void **writer);
int32_t msgpack_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t msgpack_write(canon_job *job, void *writer, uint64_t node, uint64_t first, uint64_t count, const void *src);
int32_t msgpack_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written,
                    uint32_t written_size);
void msgpack_release(canon_job *job, void *writer);

#endif
