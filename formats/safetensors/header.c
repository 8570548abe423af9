/* SPDX-License-Identifier: MIT
 * header.c: reads and checks the header: every tensor's place, and that together they are the rest of the file, without
 * a hole, an overlap, or a byte behind them. */
#include <stdlib.h>
#include <string.h>

#include "formats/common/text.h"
#include "formats/safetensors/safetensors.h"

typedef struct parser {
  canon_job *job;
  safetensors_reader *reader;
  json_text text;
  int has_metadata;
} parser;

static int is_word(const json_string *string, const char *word) {
  return string->size == strlen(word) && !memcmp(string->bytes, word, string->size);
}

static int32_t add_node(parser *p, canon_node *node, const json_string *key, uint64_t parent, uint64_t position) {
  safetensors_reader *reader = p->reader;
  if (reader->n_nodes == reader->capacity) {
    uint64_t wanted = reader->capacity ? 2 * reader->capacity : 16;
    canon_node *nodes = canon_resize(p->job, reader->nodes, wanted * sizeof *nodes);
    if (!nodes) return canon_failed(p->job);
    reader->nodes = nodes;
    safetensors_entry *entries = canon_resize(p->job, reader->entries, wanted * sizeof *entries);
    if (!entries) return canon_failed(p->job);
    reader->entries = entries;
    reader->capacity = wanted;
  }
  node->parent = parent;
  node->target = node->storage = CANON_NONE;
  node->attribute_size = sizeof(canon_attribute);
  if (node->kind != CANON_NODE_TENSOR) node->offset = CANON_NONE;
  if (key) {
    node->key_kind = CANON_KEY_STR;
    node->key = key->bytes;
    node->key_size = key->size;
  }
  reader->entries[reader->n_nodes].position = position;
  reader->nodes[reader->n_nodes++] = *node;
  return CANON_OK;
}

/* Between the pairs of an object: 1 where another one comes. */
static int32_t next_pair(json_text *text, int *is_first, int *more) {
  *more = 0;
  if (json_take(text, '}')) return CANON_OK;
  if (!*is_first && !json_take(text, ',')) return json_unexpected(text, "',' or '}'");
  *is_first = 0;
  *more = 1;
  return CANON_OK;
}

static int32_t read_key(json_text *text, json_string *key) {
  int32_t code = json_string_read(text, "a key in quotes", key);
  return code || json_take(text, ':') ? code : json_unexpected(text, "':' after a key");
}

/* A list of numbers, at most `most` of them. */
static int32_t read_numbers(json_text *text, const char *what, uint64_t *numbers, uint32_t most, uint32_t *n) {
  if (!json_take(text, '[')) return json_unexpected(text, what);
  for (*n = 0; !json_take(text, ']');) {
    if (*n && !json_take(text, ',')) return json_unexpected(text, "',' or ']'");
    if (*n == most)
      return canon_fail(text->job, CANON_E_LIMIT, text->origin + text->at, "more than %" PRIu32 " numbers in %s", most,
                        what);
    int32_t code = json_number_read(text, what, &numbers[(*n)++]);
    if (code) return code;
  }
  return CANON_OK;
}

enum { DTYPE = 1, SHAPE = 2, OFFSETS = 4, ALL = 7 };
static const struct {
  const char *name;
  uint32_t flag;
} FIELDS[] = {{"dtype", DTYPE}, {"shape", SHAPE}, {"data_offsets", OFFSETS}};
enum { N_FIELDS = sizeof FIELDS / sizeof FIELDS[0] };

typedef struct fields {
  uint32_t seen;
  uint32_t dtype, rank;
  uint64_t shape[CANON_MAX_RANK];
  uint64_t offsets[2];
} fields;

static int32_t read_dtype(parser *p, fields *all) {
  json_string name = {NULL, 0};
  uint64_t position = p->text.origin + p->text.at;
  int32_t code = json_string_read(&p->text, "the dtype in quotes", &name);
  if (code) return code;
  all->dtype = safetensors_dtype_find(name.bytes, name.size);
  if (all->dtype) return CANON_OK;
  int is_sub_byte = is_word(&name, "F4") || is_word(&name, "F6_E2M3") || is_word(&name, "F6_E3M2");
  return canon_fail(p->job, CANON_E_UNSUPPORTED, position, "the dtype %.*s is %s",
                    (int)(name.size < 64 ? name.size : 64), name.bytes,
                    is_sub_byte ? "of elements smaller than a byte, which canon does not have; save it as U8"
                                : "none that safetensors has");
}

static int32_t read_field(parser *p, uint32_t flag, fields *all) {
  uint32_t n = 0;
  if (flag == DTYPE) return read_dtype(p, all);
  if (flag == SHAPE) return read_numbers(&p->text, "the shape", all->shape, CANON_MAX_RANK, &all->rank);
  int32_t code = read_numbers(&p->text, "data_offsets", all->offsets, 2, &n);
  return code || n == 2 ? code : json_unexpected(&p->text, "a second number in data_offsets");
}

static int32_t read_fields(parser *p, const json_string *name, fields *all) {
  int is_first = 1, more = 1;
  int length = (int)(name->size < 80 ? name->size : 80);
  if (!json_take(&p->text, '{')) return json_unexpected(&p->text, "the '{' of a tensor");
  for (;;) {
    json_string field = {NULL, 0};
    int32_t code = next_pair(&p->text, &is_first, &more);
    if (code || !more) break;
    uint64_t position = p->text.origin + p->text.at;
    code = read_key(&p->text, &field);
    if (code) return code;
    uint32_t i = 0;
    while (i < N_FIELDS && !is_word(&field, FIELDS[i].name)) i++;
    if (i == N_FIELDS)
      return canon_fail(p->job, CANON_E_UNSUPPORTED, position,
                        "tensor %.*s has a field %.*s, besides dtype, shape and data_offsets", length, name->bytes,
                        (int)(field.size < 64 ? field.size : 64), field.bytes);
    if (all->seen & FIELDS[i].flag)
      return canon_fail(p->job, CANON_E_MALFORMED, position, "tensor %.*s has the field %s twice", length, name->bytes,
                        FIELDS[i].name);
    all->seen |= FIELDS[i].flag;
    code = read_field(p, FIELDS[i].flag, all);
    if (code) return code;
  }
  for (uint32_t i = 0; i < N_FIELDS && !canon_failed(p->job); i++)
    if (!(all->seen & FIELDS[i].flag))
      return canon_fail(p->job, CANON_E_MALFORMED, p->text.origin + p->text.at, "tensor %.*s lacks the field %s",
                        length, name->bytes, FIELDS[i].name);
  return canon_failed(p->job);
}

static int32_t read_tensor(parser *p, const json_string *name, uint64_t position) {
  fields all = {.seen = 0};
  uint64_t elements, bytes, length = p->reader->header_bytes;
  int shown = (int)(name->size < 80 ? name->size : 80);
  int32_t code = read_fields(p, name, &all);
  if (code) return code;
  if (!canon_elements(all.shape, all.rank, &elements) || !canon_mul(elements, canon_dtype_size(all.dtype), &bytes) ||
      bytes > INT64_MAX)
    return canon_fail(p->job, CANON_E_MALFORMED, position, "the shape of tensor %.*s claims over 2^63 bytes", shown,
                      name->bytes);
  uint64_t begin = all.offsets[0], end = all.offsets[1];
  if (begin > end || end - begin != bytes)
    return canon_fail(p->job, CANON_E_MALFORMED, position,
                      "tensor %.*s lies from %" PRIu64 " to %" PRIu64 ", its shape and dtype make %" PRIu64 " bytes",
                      shown, name->bytes, begin, end, bytes);
  uint64_t *shape = arena_alloc(p->job, &p->reader->memory, (all.rank + 1) * sizeof *shape);
  if (!shape) return canon_failed(p->job);
  memcpy(shape, all.shape, all.rank * sizeof *shape);
  canon_node node = {.kind = CANON_NODE_TENSOR,
                     .dtype = all.dtype,
                     .rank = all.rank,
                     .shape = shape,
                     .storage_bytes = bytes,
                     .offset = begin > INT64_MAX ? CANON_NONE : length + begin};
  code = add_node(p, &node, name, 0, position);
  if (code) return code;
  p->reader->entries[p->reader->n_nodes - 1].begin = begin;
  p->reader->entries[p->reader->n_nodes - 1].end = end;
  return CANON_OK;
}

/* Its own entry "format" says for which library the file was written: that is a fact about the file. */
static int32_t read_metadata(parser *p, const json_string *name, uint64_t position) {
  safetensors_reader *reader = p->reader;
  uint64_t dict = reader->n_nodes;
  int is_first = 1, more = 1;
  canon_node node = {.kind = CANON_NODE_DICT};
  if (p->has_metadata++)
    return canon_fail(p->job, CANON_E_MALFORMED, position, "the header has %s twice", SAFETENSORS_METADATA);
  if (!json_take(&p->text, '{')) return json_unexpected(&p->text, "the '{' of the metadata");
  int32_t code = add_node(p, &node, name, 0, position);
  while (!code) {
    json_string key = {NULL, 0}, value = {NULL, 0};
    code = next_pair(&p->text, &is_first, &more);
    if (code || !more) break;
    uint64_t place = p->text.origin + p->text.at;
    code = read_key(&p->text, &key);
    if (!code) code = json_string_read(&p->text, "a value in quotes", &value);
    if (code) break;
    canon_node entry = {.kind = CANON_NODE_STR, .data = value.bytes, .data_size = value.size};
    if (!is_word(&key, SAFETENSORS_FORMAT)) code = add_node(p, &entry, &key, dict, place);
    else if (!reader->format) reader->format = value.bytes;
    else
      code = canon_fail(p->job, CANON_E_MALFORMED, place, "the metadata have the key '%s' twice", SAFETENSORS_FORMAT);
  }
  if (!code && reader->n_nodes == dict + 1) reader->n_nodes--; /* nothing but the format */
  return code;
}

static int32_t read_entries(parser *p) {
  canon_node root = {.kind = CANON_NODE_DICT};
  int is_first = 1, more = 1;
  int32_t code = add_node(p, &root, NULL, CANON_NONE, p->text.origin);
  if (!code && !json_take(&p->text, '{')) code = json_unexpected(&p->text, "the '{' of the header");
  while (!code) {
    json_string name = {NULL, 0};
    code = next_pair(&p->text, &is_first, &more);
    if (code || !more) break;
    uint64_t position = p->text.origin + p->text.at;
    code = read_key(&p->text, &name);
    if (code) break;
    code = is_word(&name, SAFETENSORS_METADATA) ? read_metadata(p, &name, position) : read_tensor(p, &name, position);
  }
  return code ? code : json_end(&p->text);
}

/* ---- what all entries together must be ---- */

typedef struct sorted {
  const canon_node *node;
  const safetensors_entry *entry;
} sorted;

static int compare_keys(const void *left, const void *right) {
  const canon_node *a = ((const sorted *)left)->node, *b = ((const sorted *)right)->node;
  if (a->parent != b->parent) return a->parent < b->parent ? -1 : 1;
  int order = memcmp(a->key, b->key, a->key_size < b->key_size ? a->key_size : b->key_size);
  return order ? order : a->key_size < b->key_size ? -1 : a->key_size > b->key_size;
}

static int compare_places(const void *left, const void *right) {
  const safetensors_entry *a = ((const sorted *)left)->entry, *b = ((const sorted *)right)->entry;
  if (a->begin != b->begin) return a->begin < b->begin ? -1 : 1;
  return a->end < b->end ? -1 : a->end > b->end;
}

#define KEY(node) (int)((node)->key_size < 80 ? (node)->key_size : 80), (const char *)(node)->key

static int32_t check_keys(canon_job *job, sorted *all, uint64_t n) {
  qsort(all, n, sizeof *all, compare_keys);
  for (uint64_t i = 1; i < n; i++)
    if (compare_keys(&all[i - 1], &all[i]) == 0)
      return canon_fail(job, CANON_E_MALFORMED, all[i].entry->position, "the header has the key '%.*s' twice",
                        KEY(all[i].node));
  return CANON_OK;
}

static int32_t check_places(canon_job *job, const safetensors_reader *reader, sorted *all, uint64_t n,
                            uint64_t available) {
  uint64_t end = 0, tensors = 0;
  for (uint64_t i = 0; i < n; i++)
    if (all[i].node->kind == CANON_NODE_TENSOR) all[tensors++] = all[i];
  qsort(all, tensors, sizeof *all, compare_places);
  for (uint64_t i = 0; i < tensors; end = all[i++].entry->end) {
    if (all[i].entry->begin == end) continue;
    return canon_fail(job, CANON_E_MALFORMED, all[i].entry->position,
                      "tensor %.*s begins at %" PRIu64 ", the one before it ends at %" PRIu64
                      ": tensors may neither overlap nor leave a hole",
                      KEY(all[i].node), all[i].entry->begin, end);
  }
  if (end == available) return CANON_OK;
  return canon_fail(job, CANON_E_MALFORMED, reader->header_bytes,
                    "the tensors have %" PRIu64 " bytes, %" PRIu64 " come after the header; %s", end, available,
                    end > available ? "the file is cut short" : "what is behind the tensors belongs to nobody");
}

static int32_t check_entries(canon_job *job, const safetensors_reader *reader, uint64_t available) {
  uint64_t n = reader->n_nodes - 1;
  sorted *all = canon_alloc(job, (n + 1) * sizeof *all);
  if (!all) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++) all[i] = (sorted){&reader->nodes[i + 1], &reader->entries[i + 1]};
  int32_t code = check_keys(job, all, n);
  if (!code) code = check_places(job, reader, all, n, available);
  canon_free(job, all);
  return code;
}

static int32_t parse(canon_job *job, safetensors_reader *reader, const char *text, uint64_t size) {
  parser p = {.job = job, .reader = reader};
  p.text = (json_text){.job = job, .memory = &reader->memory, .bytes = text, .size = size, .origin = 8};
  uint64_t good = text_utf8_prefix((const uint8_t *)text, size, 0);
  if (good != size) return canon_fail(job, CANON_E_MALFORMED, 8 + good, "the header is not UTF-8");
  if (text[0] != '{') return json_unexpected(&p.text, "the '{' of the header");
  return read_entries(&p);
}

int32_t safetensors_header_read(canon_job *job, safetensors_reader *reader) {
  uint64_t whole = job->host->source_size(job, reader->source);
  uint8_t length[8];
  if (whole < sizeof length)
    return canon_fail(job, CANON_E_MALFORMED, whole, "%" PRIu64 " bytes are too few for a safetensors file", whole);
  int32_t code = job->host->source_read(job, reader->source, 0, length, sizeof length);
  if (code) return code;
  uint64_t size = canon_load_le64(length);
  if (size > whole - sizeof length)
    return canon_fail(job, CANON_E_MALFORMED, 0,
                      "a header of %" PRIu64 " bytes, %" PRIu64
                      " come after its length; the file is cut short or no "
                      "safetensors",
                      size, whole - (uint64_t)sizeof length);
  if (size > SAFETENSORS_MOST_HEADER)
    return canon_fail(job, CANON_E_LIMIT, 0, "a header of %" PRIu64 " bytes, the format allows %" PRIu64, size,
                      SAFETENSORS_MOST_HEADER);
  if (size < 2) return canon_fail(job, CANON_E_MALFORMED, 0, "a header of %" PRIu64 " bytes is no JSON", size);
  reader->header_bytes = sizeof length + size;
  char *text = canon_alloc(job, size);
  if (!text) return canon_failed(job);
  code = job->host->source_read(job, reader->source, sizeof length, text, size);
  if (!code) code = parse(job, reader, text, size);
  canon_free(job, text);
  return code ? code : check_entries(job, reader, whole - reader->header_bytes);
}
