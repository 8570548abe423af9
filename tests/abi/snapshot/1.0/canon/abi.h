/* SPDX-License-Identifier: MIT
 * abi.h: the words that host and plugins share: status codes, dtypes, the job, the host's functions.
 * Plain C11 and C++11; fixed-width integers only. A plugin includes plugin.h, which includes this.
 * Rule of evolution: members are appended, never moved; whoever reads a struct copies
 * min(its own size, struct_size) bytes into a zeroed one; NULL means "not supported". */
#ifndef CANON_ABI_H
#define CANON_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CANON_ABI_MAJOR 1
#define CANON_ABI_MINOR 0

/* "no byte offset", "no node", "no storage" */
#define CANON_NONE UINT64_MAX

/* Status: 0 or one of these. The exit status that each becomes never changes. */
#define CANON_OK 0
#define CANON_E_USAGE (-1)        /* 2: the caller asked for something that makes no sense */
#define CANON_E_IO (-2)           /* 2: the system refused to read or write */
#define CANON_E_MEMORY (-3)       /* 2: out of memory */
#define CANON_E_STOPPED (-4)      /* 2: the user stopped the job */
#define CANON_E_PLUGIN (-5)       /* 2: a plugin broke a rule of this ABI */
#define CANON_E_MALFORMED (-10)   /* 3: the input contradicts its own format */
#define CANON_E_UNSUPPORTED (-11) /* 3: honest, but nothing here reads or holds it */
#define CANON_E_UNSAFE (-12)      /* 3: asks for something to be executed */
#define CANON_E_LIMIT (-13)       /* 3: over a bound that protects the user */

/* The one table of dtypes: X(NAME, name as printed, code, bits an element, kind). Codes never change.
 * Kind: BOOL, UINT, INT, FLOAT, COMPLEX (two floats: real, imaginary), RAW (bits without a meaning here). */
#define CANON_DTYPES(X)                       \
  X(BOOL, "bool", 1, 8, BOOL)                 \
  X(U8, "u8", 2, 8, UINT)                     \
  X(U16, "u16", 3, 16, UINT)                  \
  X(U32, "u32", 4, 32, UINT)                  \
  X(U64, "u64", 5, 64, UINT)                  \
  X(I8, "i8", 6, 8, INT)                      \
  X(I16, "i16", 7, 16, INT)                   \
  X(I32, "i32", 8, 32, INT)                   \
  X(I64, "i64", 9, 64, INT)                   \
  X(F16, "f16", 10, 16, FLOAT)                \
  X(BF16, "bf16", 11, 16, FLOAT)              \
  X(F32, "f32", 12, 32, FLOAT)                \
  X(F64, "f64", 13, 64, FLOAT)                \
  X(C32, "c32", 14, 32, COMPLEX)              \
  X(C64, "c64", 15, 64, COMPLEX)              \
  X(C128, "c128", 16, 128, COMPLEX)           \
  X(BC32, "bc32", 17, 32, COMPLEX)            \
  X(F8_E4M3FN, "f8_e4m3fn", 18, 8, FLOAT)     \
  X(F8_E5M2, "f8_e5m2", 19, 8, FLOAT)         \
  X(F8_E4M3FNUZ, "f8_e4m3fnuz", 20, 8, FLOAT) \
  X(F8_E5M2FNUZ, "f8_e5m2fnuz", 21, 8, FLOAT) \
  X(F8_E8M0FNU, "f8_e8m0fnu", 22, 8, FLOAT)   \
  X(F4_E2M1FN_X2, "f4_e2m1fn_x2", 23, 8, RAW) \
  X(BITS8, "bits8", 24, 8, RAW)               \
  X(BITS16, "bits16", 25, 16, RAW)            \
  X(BITS1X8, "bits1x8", 26, 8, RAW)           \
  X(BITS2X4, "bits2x4", 27, 8, RAW)           \
  X(BITS4X2, "bits4x2", 28, 8, RAW)

#define CANON_DTYPE_CODE_(NAME, name, code, bits, kind) CANON_##NAME = code,
enum { CANON_DTYPES(CANON_DTYPE_CODE_) CANON_DTYPE_END };
#undef CANON_DTYPE_CODE_

#define CANON_KIND_BOOL 1
#define CANON_KIND_UINT 2
#define CANON_KIND_INT 3
#define CANON_KIND_FLOAT 4
#define CANON_KIND_COMPLEX 5
#define CANON_KIND_RAW 6

/* Bytes of one element, CANON_KIND_*, and the printed name; 0, 0 and NULL for a code that is none. */
static inline uint32_t canon_dtype_size(uint32_t dtype) {
  switch (dtype) {
#define CANON_DTYPE_SIZE_(NAME, name, code, bits, kind) \
  case code: return (bits) / 8;
    CANON_DTYPES(CANON_DTYPE_SIZE_)
#undef CANON_DTYPE_SIZE_
    default: return 0;
  }
}

static inline uint32_t canon_dtype_kind(uint32_t dtype) {
  switch (dtype) {
#define CANON_DTYPE_KIND_(NAME, name, code, bits, kind) \
  case code: return CANON_KIND_##kind;
    CANON_DTYPES(CANON_DTYPE_KIND_)
#undef CANON_DTYPE_KIND_
    default: return 0;
  }
}

static inline const char *canon_dtype_name(uint32_t dtype) {
  switch (dtype) {
#define CANON_DTYPE_NAME_(NAME, name, code, bits, kind) \
  case code: return name;
    CANON_DTYPES(CANON_DTYPE_NAME_)
#undef CANON_DTYPE_NAME_
    default: return (const char *)0;
  }
}

#define CANON_MAX_RANK 64    /* dimensions of a tensor */
#define CANON_MAX_DEPTH 1000 /* nested containers of a tree; a reader refuses more as CANON_E_LIMIT */

typedef struct canon_host canon_host;
typedef struct canon_source canon_source;     /* bytes to read: a file, memory, scratch */
typedef struct canon_sink canon_sink;         /* bytes to write */
typedef struct canon_instance canon_instance; /* one use of a format or transform with its options */
typedef struct canon_part canon_part; /* a source that is read, or a sink that is written, through another format */
struct canon_manifest;                /* format.h */
struct canon_extent;
struct canon_written;

/* What every call gets. The rest of it is the host's own. */
typedef struct canon_job {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  const canon_host *host;
} canon_job;

/* The value of an option as the user gave it. A flag has text "" and integer 1. */
typedef struct canon_value {
  uint32_t struct_size;
  uint32_t is_integer; /* 1: the text is a decimal integer, and integer holds it */
  int64_t integer;
  const char *text;
} canon_value;

#define CANON_LOG_NOTE 1    /* shown with --verbose */
#define CANON_LOG_WARNING 2 /* shown unless --quiet */

/* The host's functions. All may be called from any thread that the host called the plugin on,
 * and from inside parallel(). Pointers that a plugin passes in are borrowed for the call. */
struct canon_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;

  /* Zeroed memory, aligned to 64, or NULL after a recorded CANON_E_MEMORY or CANON_E_LIMIT (a reader may take
   * memory in proportion to its source, no more): the plugin then returns that with canon_failed(job).
   * What a plugin forgets to free goes when its artifact or output is closed. */
  void *(*alloc)(canon_job *job, uint64_t bytes);
  void *(*resize)(canon_job *job, void *memory,
                  uint64_t bytes);            /* grows; new bytes are zero; on NULL the old block lives */
  void (*free)(canon_job *job, void *memory); /* NULL is fine */

  /* Records the failure (the first one of a job counts) and returns code, so that the only error idiom is
   * `return canon_fail(...)`. offset is a byte of the source or CANON_NONE. text: "what is wrong; what to do",
   * cut at its last "; " where the host puts the byte. */
  int32_t (*fail)(canon_job *job, int32_t code, uint64_t offset, const char *text);
  int32_t (*failed)(canon_job *job); /* the code recorded so far, CANON_OK if none */
  void (*log)(canon_job *job, int32_t level, const char *text);
  /* Adds n to a named count of the report ("values overflowed to inf"). what is a string literal. */
  void (*count)(canon_job *job, const char *what, uint64_t n);
  /* Long work says how far it is; nonzero: stop, and return that. */
  int32_t (*tick)(canon_job *job, uint64_t done, uint64_t total);
  /* Calls fn(job, ctx, i) for i in [0, n) on the job's threads; returns the failure of the lowest i. */
  int32_t (*parallel)(canon_job *job, uint64_t n, int32_t (*fn)(canon_job *job, void *ctx, uint64_t i), void *ctx);

  /* The option `key` of this instance, or NULL if the user did not give it. Lives as long as the instance. */
  const canon_value *(*param)(canon_job *job, const canon_instance *instance, const char *key);
  /* A service of the host by versioned name ("canon.numerics/1"), or NULL. Lives as long as the process. */
  const void *(*query)(canon_job *job, const char *service);

  /* Source: size in bytes; exactly `bytes` bytes from offset into dst (outside of it: CANON_E_MALFORMED). */
  uint64_t (*source_size)(canon_job *job, const canon_source *source);
  int32_t (*source_read)(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes);
  const char *(*source_name)(canon_job *job,
                             const canon_source *source); /* for names derived from the file's; no I/O */

  /* Sink: bytes anywhere, from any thread; a gap that nobody wrote is zero. sink_size sets the final length. */
  int32_t (*sink_write)(canon_job *job, canon_sink *sink, uint64_t offset, const void *src, uint64_t bytes);
  int32_t (*sink_size)(canon_job *job, canon_sink *sink, uint64_t bytes);

  /* A nameless temporary file, gone with the artifact: written through *sink, read through *source. */
  int32_t (*scratch)(canon_job *job, canon_sink **sink, canon_source **source);

  /* Folders, for a format with CANON_FORMAT_FOLDER. A source that is one has files below it, by relative names with "/"
   * between, sorted by bytes; any other has CANON_NONE members. Names and members live until the artifact is closed. */
  uint64_t (*member_count)(canon_job *job, const canon_source *source);
  const char *(*member_name)(canon_job *job, const canon_source *source, uint64_t i);
  int32_t (*member_open)(canon_job *job, const canon_source *source, uint64_t i, const canon_source **member);
  /* A new file of a folder that is written; folders in between are made. Closed with the folder. */
  int32_t (*member_create)(canon_job *job, canon_sink *folder, const char *name, canon_sink **member);

  /* Reads a source through the format that knows it: its manifest, with nodes of this host's size, and its tensors,
   * from any thread (in order, where its format is not CANON_FORMAT_RANDOM: the host sees to it in what it asks of the
   * format outside). CANON_OK with *part NULL where no format does. Lives until the artifact is closed. */
  int32_t (*part_open)(canon_job *job, const canon_source *source, canon_part **part, struct canon_manifest *manifest);
  int32_t (*part_read)(canon_job *job, canon_part *part, uint64_t node, uint64_t first, uint64_t count, void *dst);
  /* Writes a sink through the format that writes files of such a name ("x.pt"), with canon_format's can_write, begin,
   * place, end and release. Part_check may come before any sink exists; what part_begin gave is released once. */
  int32_t (*part_check)(canon_job *job, const char *name, const struct canon_manifest *manifest);
  int32_t (*part_begin)(canon_job *job, const char *name, const struct canon_manifest *manifest, canon_sink *sink,
                        canon_part **part);
  int32_t (*part_place)(canon_job *job, canon_part *part, uint64_t node, struct canon_extent *extent);
  int32_t (*part_end)(canon_job *job, canon_part *part, const struct canon_written *written, uint64_t n_written,
                      uint32_t written_size);
  void (*part_release)(canon_job *job, canon_part *part);
  /* The name of the format that reads this part; that of the format that writes files of such a name, or NULL: none. */
  const char *(*part_format)(canon_job *job, const canon_part *part);
  const char *(*name_format)(canon_job *job, const char *name);
};

#ifdef __cplusplus
}
#endif
#endif
