/* SPDX-License-Identifier: MIT
 * writer.c: a flat dict of tensors as the safetensors library writes it: dtypes in its order, then names; the header as
 * serde_json prints it, with spaces up to a multiple of 8. The metadata are sorted, which the library leaves to chance,
 * and say "format": "pt", which loaders ask for; others are the entries of a dict "__metadata__" at the root. */
#include <stdlib.h>
#include <string.h>

#include "formats/common/flat.h"
#include "formats/common/text.h"
#include "formats/safetensors/safetensors.h"

enum { ALIGNMENT = 8 };
static const char FORMAT_VALUE[] = "pt";

typedef struct safetensors_slot {
  const flat_name *name;
  const canon_node *tensor;
  uint64_t bytes;
  uint64_t offset; /* of the sink */
} safetensors_slot;

typedef struct safetensors_writer {
  canon_sink *sink;
  const canon_manifest *manifest;
  uint64_t metadata; /* node of the dict, or CANON_NONE */
  flat_names names;
  safetensors_slot *slots; /* in the library's order, then by node */
  uint64_t end;
} safetensors_writer;

static int has_key(const canon_node *node, const char *key) {
  return node->key_kind == CANON_KEY_STR && node->key_size == strlen(key) && !memcmp(node->key, key, node->key_size);
}

static uint64_t find_metadata(const canon_manifest *manifest) {
  for (uint64_t i = 1; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (!node->parent && node->kind == CANON_NODE_DICT && has_key(node, SAFETENSORS_METADATA)) return i;
  }
  return CANON_NONE;
}

/* ---- what can be written ---- */

static int32_t refuse(canon_job *job, const canon_manifest *manifest, uint64_t node, const char *what) {
  char place[TEXT_PLACE_BYTES];
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s: %s", text_place(manifest, node, place), what);
}

static int32_t check_metadata(canon_job *job, const canon_manifest *manifest, uint64_t dict) {
  for (uint64_t i = dict + 1; dict != CANON_NONE && i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->parent < dict) break;
    if (node->kind != CANON_NODE_STR || node->key_kind != CANON_KEY_STR)
      return refuse(job, manifest, i, "the metadata of safetensors are texts under texts; leave it out with --exclude");
    if (text_utf8_prefix(node->key, node->key_size, 0) != node->key_size ||
        text_utf8_prefix(node->data, node->data_size, 0) != node->data_size)
      return refuse(job, manifest, i, "a text with a lone surrogate, which is no UTF-8; leave it out with --exclude");
    if (has_key(node, SAFETENSORS_FORMAT))
      return refuse(job, manifest, i,
                    "safetensors keeps its own entry \"format\" in the metadata; leave it out with --exclude");
  }
  return CANON_OK;
}

static int32_t check_tensor(canon_job *job, const canon_manifest *manifest, const flat_name *name) {
  const canon_node *tensor = canon_manifest_node(manifest, name->node);
  char place[TEXT_PLACE_BYTES];
  if (name->size == strlen(SAFETENSORS_METADATA) && !memcmp(name->text, SAFETENSORS_METADATA, name->size))
    return refuse(job, manifest, name->node,
                  "__metadata__ is the name of no tensor in safetensors; choose another format");
  if (safetensors_dtype_name(tensor->dtype)) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "%s: safetensors has no dtype for %s; --cast it to another, or choose another format",
                    text_place(manifest, name->node, place), canon_dtype_name(tensor->dtype));
}

static int32_t make_names(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                          uint64_t metadata, flat_names *names) {
  const canon_value *name = job->host->param(job, instance, "name");
  const flat_rules rules = {.format = "safetensors",
                            .root_name = name ? name->text : NULL,
                            .root_help =
                                "safetensors holds named tensors, this is one without a name; give it one "
                                "with --name NAME",
                            .except = metadata,
                            .name_most = SAFETENSORS_MOST_HEADER};
  if (name && text_utf8_prefix((const uint8_t *)name->text, strlen(name->text), 0) != strlen(name->text))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--name is not UTF-8");
  return flat_names_make(job, instance, manifest, &rules, names);
}

int32_t safetensors_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  flat_names names = {.all = NULL};
  uint64_t metadata = find_metadata(manifest);
  int32_t code = check_metadata(job, manifest, metadata);
  if (!code) code = make_names(job, instance, manifest, metadata, &names);
  for (uint64_t i = 0; i < names.n && !code; i++) code = check_tensor(job, manifest, &names.all[i]);
  flat_names_free(job, &names);
  return code;
}

/* ---- the header ---- */

/* Text into a buffer that is large enough, or nowhere: then it counts. */
typedef struct output {
  char *bytes;
  uint64_t size;
} output;

static void put(output *out, const char *text, uint64_t size) {
  if (out->bytes) memcpy(out->bytes + out->size, text, size);
  out->size += size;
}

static void put_word(output *out, const char *text) { put(out, text, strlen(text)); }

static void put_string(output *out, const char *text, uint64_t size) {
  out->size += json_string_print(text, size, out->bytes ? out->bytes + out->size : NULL);
}

static void put_number(output *out, uint64_t number) {
  char text[24];
  put(out, text, (uint64_t)snprintf(text, sizeof text, "%" PRIu64, number));
}

static void put_metadata_entry(output *out, int *n, const canon_node *entry) {
  if ((*n)++) put_word(out, ",");
  put_string(out, entry ? entry->key : SAFETENSORS_FORMAT, entry ? entry->key_size : strlen(SAFETENSORS_FORMAT));
  put_word(out, ":");
  put_string(out, entry ? entry->data : FORMAT_VALUE, entry ? entry->data_size : strlen(FORMAT_VALUE));
}

static int compare_texts(const char *a, uint64_t a_size, const char *b, uint64_t b_size) {
  int order = memcmp(a, b, a_size < b_size ? a_size : b_size);
  return order ? order : a_size < b_size ? -1 : a_size > b_size;
}

static int compare_entries(const void *left, const void *right) {
  const canon_node *a = *(const canon_node *const *)left, *b = *(const canon_node *const *)right;
  return compare_texts(a->key, a->key_size, b->key, b->key_size);
}

/* Sorted by keys, "format" in its place among them. */
static int32_t put_metadata(canon_job *job, const safetensors_writer *writer, output *out) {
  const canon_manifest *manifest = writer->manifest;
  uint64_t first = writer->metadata + 1, n = 0;
  int is_format_put = 0, put_so_far = 0;
  while (writer->metadata != CANON_NONE && first + n < manifest->n_nodes &&
         canon_manifest_node(manifest, first + n)->parent == writer->metadata)
    n++;
  const canon_node **all = canon_alloc(job, (n + 1) * sizeof *all);
  if (!all) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++) all[i] = canon_manifest_node(manifest, first + i);
  qsort(all, n, sizeof *all, compare_entries);
  put_word(out, "{\"" SAFETENSORS_METADATA "\":{");
  for (uint64_t i = 0; i < n; i++) {
    if (!is_format_put &&
        compare_texts(SAFETENSORS_FORMAT, strlen(SAFETENSORS_FORMAT), all[i]->key, all[i]->key_size) < 0) {
      put_metadata_entry(out, &put_so_far, NULL);
      is_format_put = 1;
    }
    put_metadata_entry(out, &put_so_far, all[i]);
  }
  if (!is_format_put) put_metadata_entry(out, &put_so_far, NULL);
  put_word(out, "}");
  canon_free(job, all);
  return CANON_OK;
}

static void put_tensor(output *out, const safetensors_slot *slot, uint64_t begin) {
  put_word(out, ",");
  put_string(out, slot->name->text, slot->name->size);
  put_word(out, ":{\"dtype\":\"");
  put_word(out, safetensors_dtype_name(slot->tensor->dtype));
  put_word(out, "\",\"shape\":[");
  for (uint32_t k = 0; k < slot->tensor->rank; k++) {
    if (k) put_word(out, ",");
    put_number(out, slot->tensor->shape[k]);
  }
  put_word(out, "],\"data_offsets\":[");
  put_number(out, begin);
  put_word(out, ",");
  put_number(out, begin + slot->bytes);
  put_word(out, "]}");
}

static int32_t put_header(canon_job *job, const safetensors_writer *writer, output *out) {
  uint64_t begin = 0;
  int32_t code = put_metadata(job, writer, out);
  for (uint64_t i = 0; i < writer->names.n; begin += writer->slots[i++].bytes)
    put_tensor(out, &writer->slots[i], begin);
  put_word(out, "}");
  while (out->size % ALIGNMENT) put_word(out, " ");
  return code;
}

static int32_t write_header(canon_job *job, safetensors_writer *writer) {
  output out = {NULL, 0};
  int32_t code = put_header(job, writer, &out); /* counts */
  if (code) return code;
  if (out.size > SAFETENSORS_MOST_HEADER)
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE,
                      "a header of %" PRIu64 " bytes, the format allows %" PRIu64 "; choose another format", out.size,
                      SAFETENSORS_MOST_HEADER);
  uint64_t size = out.size;
  uint8_t *header = canon_alloc(job, 8 + size);
  if (!header) return canon_failed(job);
  canon_store_le64(header, size);
  out = (output){(char *)header + 8, 0};
  code = put_header(job, writer, &out);
  if (!code) code = job->host->sink_write(job, writer->sink, 0, header, 8 + size);
  canon_free(job, header);
  writer->end = 8 + size;
  return code;
}

/* ---- the job ---- */

static int compare_in_file(const void *left, const void *right) {
  const safetensors_slot *a = left, *b = right;
  uint32_t x = safetensors_dtype_rank(a->tensor->dtype), y = safetensors_dtype_rank(b->tensor->dtype);
  if (x != y) return x > y ? -1 : 1;
  return compare_texts(a->name->text, a->name->size, b->name->text, b->name->size);
}

static int compare_nodes(const void *left, const void *right) {
  uint64_t a = ((const safetensors_slot *)left)->name->node, b = ((const safetensors_slot *)right)->name->node;
  return a < b ? -1 : a > b;
}

static int32_t lay_out(canon_job *job, safetensors_writer *writer) {
  uint64_t n = writer->names.n, total = 0;
  writer->slots = canon_alloc(job, (n + 1) * sizeof *writer->slots);
  if (!writer->slots) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++) {
    safetensors_slot *slot = &writer->slots[i];
    slot->name = &writer->names.all[i];
    slot->tensor = canon_manifest_node(writer->manifest, slot->name->node);
    if (!canon_elements(slot->tensor->shape, slot->tensor->rank, &slot->bytes) ||
        !canon_mul(slot->bytes, canon_dtype_size(slot->tensor->dtype), &slot->bytes) ||
        !canon_add(total, slot->bytes, &total) || total > INT64_MAX - 2 * SAFETENSORS_MOST_HEADER)
      return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "tensors of more bytes than a file can have");
  }
  qsort(writer->slots, n, sizeof *writer->slots, compare_in_file);
  int32_t code = write_header(job, writer);
  for (uint64_t i = 0; i < n; writer->end += writer->slots[i++].bytes) writer->slots[i].offset = writer->end;
  qsort(writer->slots, n, sizeof *writer->slots, compare_nodes);
  return code;
}

int32_t safetensors_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                          canon_sink *sink, void **out) {
  safetensors_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  *out = writer;
  writer->sink = sink;
  writer->manifest = manifest;
  writer->metadata = find_metadata(manifest);
  int32_t code = make_names(job, instance, manifest, writer->metadata, &writer->names);
  return code ? code : lay_out(job, writer);
}

int32_t safetensors_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  const safetensors_writer *writer = self;
  const flat_name name = {.node = node};
  const safetensors_slot wanted = {.name = &name};
  const safetensors_slot *slot = bsearch(&wanted, writer->slots, writer->names.n, sizeof wanted, compare_nodes);
  if (!slot) return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "node %" PRIu64 " is no tensor of this file", node);
  extent->offset = slot->offset;
  return CANON_OK;
}

int32_t safetensors_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written,
                        uint32_t written_size) {
  safetensors_writer *writer = self;
  (void)written, (void)n_written, (void)written_size;
  return job->host->sink_size(job, writer->sink, writer->end);
}

void safetensors_release(canon_job *job, void *self) {
  safetensors_writer *writer = self;
  flat_names_free(job, &writer->names);
  canon_free(job, writer->slots);
  canon_free(job, writer);
}
