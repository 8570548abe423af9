/* SPDX-License-Identifier: MIT
 * safetensors.h: what the files of the safetensors plugin share.
 *
 *   length of the header (u64)  header: JSON, spaces at its end  elements of all tensors, one behind the other
 *
 *   {"__metadata__": {"format": "pt", ...}, "w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...} */
#ifndef CANON_FORMATS_SAFETENSORS_H
#define CANON_FORMATS_SAFETENSORS_H

#include <inttypes.h>

#include <canon/format.h>

#include "formats/common/arena.h"

#define SAFETENSORS_METADATA "__metadata__"
#define SAFETENSORS_FORMAT "format" /* of the metadata: which library's tensors; no value of the tree */
#define SAFETENSORS_MOST_HEADER UINT64_C(100000000)

/* json.c: the pieces of the header's text, one after the other. Nothing nests deeper than the callers ask for. */
typedef struct json_text {
  canon_job *job;
  arena *memory; /* of strings */
  const char *bytes;
  uint64_t size, at;
  uint64_t origin; /* byte of the file at which the text begins */
} json_text;

typedef struct json_string {
  const char *bytes; /* terminated; UTF-8, escapes resolved */
  uint64_t size;
} json_string;

int json_take(json_text *text, char c); /* skips blanks; takes c if it is next */
int32_t json_unexpected(json_text *text, const char *wanted);
int32_t json_string_read(json_text *text, const char *what, json_string *string);
/* Digits alone: no sign, point or exponent, up to 2^64 - 1. */
int32_t json_number_read(json_text *text, const char *what, uint64_t *number);
/* Behind the last value: blanks only. */
int32_t json_end(json_text *text);
/* What serde_json makes of a string, quotes included; NULL counts. Returns the length. */
uint64_t json_string_print(const char *bytes, uint64_t size, char *out);

/* dtype.c: the library's names in its order, which is the order of the file. */
uint32_t safetensors_dtype_find(const char *name, uint64_t size); /* 0: none that canon has */
const char *safetensors_dtype_name(uint32_t dtype);               /* NULL: safetensors has none */
uint32_t safetensors_dtype_rank(uint32_t dtype);                  /* tensors of a higher one come first */

/* header.c */
typedef struct safetensors_entry {
  uint64_t begin, end; /* of the elements, from the end of the header on */
  uint64_t position;   /* of its key in the file */
} safetensors_entry;

typedef struct safetensors_reader {
  const canon_source *source;
  arena memory;
  canon_node *nodes;          /* the dict; tensors and metadata in file order */
  safetensors_entry *entries; /* by node */
  uint64_t n_nodes, capacity;
  uint64_t header_bytes; /* length and header: where the elements begin */
  const char *format;    /* of the metadata, or NULL */
  canon_detail details[2];
} safetensors_reader;

int32_t safetensors_header_read(canon_job *job, safetensors_reader *reader);

/* plugin.c's callbacks: reader.c, writer.c */
int32_t safetensors_probe(canon_job *job, const canon_source *source, uint32_t *bits);
int32_t safetensors_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t safetensors_manifest(canon_job *job, void *reader, canon_manifest *manifest);
int32_t safetensors_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
void safetensors_close(canon_job *job, void *reader);
int32_t safetensors_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t safetensors_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                          canon_sink *sink, void **writer);
int32_t safetensors_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t safetensors_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written,
                        uint32_t written_size);
void safetensors_release(canon_job *job, void *writer);

#endif
