/* SPDX-License-Identifier: MIT
 * plugin.h: what a plugin exports, and the one-line helpers that its source is written with.
 * A plugin is a shared object with one exported function, canon_plugin_entry(). Its code never prints, exits,
 * opens files, reads the environment or changes the floating-point environment; it imports nothing of the host. */
#ifndef CANON_PLUGIN_H
#define CANON_PLUGIN_H

#include <stdarg.h>
#include <stdio.h>

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct canon_facet {
  const char *id;     /* "canon.format/1", "canon.transform/1" */
  const void *vtable; /* begins with its struct_size */
} canon_facet;

/* The table that a plugin's entry returns: static const, never changed, never freed. */
typedef struct canon_plugin {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  const char *id;      /* "org.example.myformat": unique among plugins */
  const char *version; /* "1.2.0" */
  const char *license; /* SPDX identifier */
  const char *summary; /* one line */
  const canon_facet *facets;
  uint64_t n_facets;
  uint32_t facet_size; /* sizeof(canon_facet): the host walks by this stride */
  uint32_t flags;      /* must-understand bits: a host skips a plugin with a bit that it does not know */
} canon_plugin;

#define CANON_ENTRY_SYMBOL "canon_plugin_entry"

#if defined(_WIN32)
#define CANON_EXPORT __declspec(dllexport)
#else
#define CANON_EXPORT __attribute__((visibility("default")))
#endif

/* C++ mangles the name of a function that is not this. */
#ifdef __cplusplus
#define CANON_EXTERN_C extern "C"
#else
#define CANON_EXTERN_C
#endif

/* CANON_PLUGIN_ENTRY(&table) defines the entry. The build defines CANON_BUILTIN_ENTRY for a plugin that is linked
 * into the library: the same source, another symbol. */
#ifdef CANON_BUILTIN_ENTRY
#define CANON_PLUGIN_ENTRY(table)                               \
  CANON_EXTERN_C const canon_plugin *CANON_BUILTIN_ENTRY(void); \
  const canon_plugin *CANON_BUILTIN_ENTRY(void) { return (table); }
#else
#define CANON_PLUGIN_ENTRY(table)                                           \
  CANON_EXTERN_C CANON_EXPORT const canon_plugin *canon_plugin_entry(void); \
  CANON_EXPORT const canon_plugin *canon_plugin_entry(void) { return (table); }
#endif

/* The table and the entry at once, last in a file: CANON_PLUGIN("org.example.idx", "1.0.0", "MIT", "what it does",
 * {CANON_FORMAT_FACET, &format}, {CANON_TRANSFORM_FACET, &transform}) */
#define CANON_PLUGIN(id, version, license, summary, ...)                                            \
  static const canon_facet canon_plugin_facets[] = {__VA_ARGS__};                                   \
  static const canon_plugin canon_plugin_table = {sizeof(canon_plugin),                             \
                                                  CANON_ABI_MAJOR,                                  \
                                                  CANON_ABI_MINOR,                                  \
                                                  (id),                                             \
                                                  (version),                                        \
                                                  (license),                                        \
                                                  (summary),                                        \
                                                  canon_plugin_facets,                              \
                                                  sizeof canon_plugin_facets / sizeof(canon_facet), \
                                                  sizeof(canon_facet),                              \
                                                  0};                                               \
  CANON_PLUGIN_ENTRY(&canon_plugin_table)

/* An option of a format or transform. On the command line: --NAME ARGUMENT, or --NAME for a flag. */
typedef struct canon_option {
  const char *name;     /* "axis" */
  const char *argument; /* "N"; "[N]": may be left out, which gives empty text; NULL: a flag */
  const char *summary;  /* one line for --help and the man page */
  uint32_t kind;        /* CANON_OPTION_* */
  uint32_t flags;       /* CANON_OPTION_READ, CANON_OPTION_WRITE; must-understand bits */
} canon_option;

#define CANON_OPTION_FLAG 0
#define CANON_OPTION_TEXT 1
#define CANON_OPTION_INTEGER 2

/* An option of a format that means something only where the format is read, or only where it is written; canon refuses
 * it elsewhere. Neither: in both. A transform's option has none of them. */
#define CANON_OPTION_READ 1u
#define CANON_OPTION_WRITE 2u

/* printf into a failure. Control characters of names from a file are escaped by the host. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
static inline int32_t
canon_fail(canon_job *job, int32_t code, uint64_t offset, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return job->host->fail(job, code, offset, text);
}

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline void
canon_log(canon_job *job, int32_t level, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  job->host->log(job, level, text);
}

/* What to return after alloc gave NULL. */
static inline int32_t canon_failed(canon_job *job) { return job->host->failed(job); }
static inline void *canon_alloc(canon_job *job, uint64_t bytes) { return job->host->alloc(job, bytes); }
static inline void *canon_resize(canon_job *job, void *memory, uint64_t bytes) {
  return job->host->resize(job, memory, bytes);
}
static inline void canon_free(canon_job *job, void *memory) { job->host->free(job, memory); }

/* Checked arithmetic: 1 and *result = a op b, or 0 on overflow with *result untouched. */
static inline int canon_add(uint64_t a, uint64_t b, uint64_t *result) {
  if (b > UINT64_MAX - a) return 0;
  *result = a + b;
  return 1;
}

static inline int canon_mul(uint64_t a, uint64_t b, uint64_t *result) {
  if (a && b > UINT64_MAX / a) return 0;
  *result = a * b;
  return 1;
}

/* Little-endian numbers in memory, aligned or not, whatever the machine. Store gives the byte behind. */
static inline uint16_t canon_load_le16(const void *memory) {
  const uint8_t *p = (const uint8_t *)memory;
  return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t canon_load_le32(const void *memory) {
  const uint8_t *p = (const uint8_t *)memory;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t canon_load_le64(const void *memory) {
  return canon_load_le32(memory) | (uint64_t)canon_load_le32((const uint8_t *)memory + 4) << 32;
}

static inline uint8_t *canon_store_le16(void *memory, uint16_t value) {
  uint8_t *p = (uint8_t *)memory;
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
  return p + 2;
}

static inline uint8_t *canon_store_le32(void *memory, uint32_t value) {
  return canon_store_le16(canon_store_le16(memory, (uint16_t)value), (uint16_t)(value >> 16));
}

static inline uint8_t *canon_store_le64(void *memory, uint64_t value) {
  return canon_store_le32(canon_store_le32(memory, (uint32_t)value), (uint32_t)(value >> 32));
}

/* Elements of a shape: 1 for rank 0; 0 as return value when the product (zeros left out) overflows. */
static inline int canon_elements(const uint64_t *shape, uint32_t rank, uint64_t *result) {
  uint64_t n = 1;
  int zero = 0;
  for (uint32_t i = 0; i < rank; i++) {
    if (shape[i] == 0) zero = 1;
    else if (!canon_mul(n, shape[i], &n)) return 0;
  }
  *result = zero ? 0 : n;
  return 1;
}

#ifdef __cplusplus
}
#endif
#endif
