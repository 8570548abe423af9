/* SPDX-License-Identifier: MIT
 * write.c: a flat dict of tensors as one canonical .npz: a stored .npy for each, in order, dated 1980-01-01, without
 * extra fields. A tensor that is the root is arr_0, as numpy.savez calls it. Bytes are a record as they are, other
 * values one of JSON. */
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>
#include <zlib.h>

#include "formats/common/flat.h"
#include "formats/common/json_text.h"
#include "formats/common/text.h"
#include "formats/common/zip_write.h"
#include "formats/npz/npz.h"

typedef struct npz_slot {
  uint64_t node;
  uint64_t entry;
  uint64_t header_size;
  uint64_t bytes;        /* of the elements */
  uint32_t header_crc32; /* the entry's starts with it */
} npz_slot;

typedef struct npz_writer {
  canon_sink *sink;
  const canon_manifest *manifest;
  flat_names names;
  zip_layout layout;
  npz_slot *slots; /* of the tensors, by node */
  uint64_t n_slots;
} npz_writer;

static int32_t make_names(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                          flat_names *names) {
  static const flat_rules RULES = {.format = "npz",
                                   .root_name = "arr_0",
                                   .except = CANON_NONE,
                                   .name_most = UINT16_MAX - NPZ_SUFFIX_BYTES,
                                   .takes_values = 1};
  return flat_names_make(job, instance, manifest, &RULES, names);
}

static int32_t check_tensor(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                            uint64_t i) {
  const canon_node *node = canon_manifest_node(manifest, i);
  char descr[NPY_DESCR_BYTES], place[TEXT_PLACE_BYTES], where[TEXT_PLACE_BYTES + 2];
  uint64_t elements, bytes;
  snprintf(where, sizeof where, "%s: ", text_place(manifest, i, place));
  int32_t code = npy_descr_write(job, instance, where, node->dtype, descr);
  if (code || npy_shape_bytes(node->shape, node->rank, node->dtype, &elements, &bytes)) return code;
  return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "%sthe shape is over the 2^63 - 1 bytes that NumPy can address",
                    where);
}

/* Bytes that the reader will not take for an array. */
static int32_t check_bytes(canon_job *job, const canon_manifest *manifest, const flat_name *name) {
  const canon_node *node = canon_manifest_node(manifest, name->node);
  char place[TEXT_PLACE_BYTES];
  const char *problem = node->data_size > NPZ_MOST_OTHER ? "bytes of more than 1 MiB"
                        : node->data_size >= NPY_MAGIC_BYTES && !memcmp(node->data, NPY_MAGIC, NPY_MAGIC_BYTES)
                            ? "bytes that begin as an array"
                        : !name->size || name->text[name->size - 1] == '/' || npz_is_array_name(name->text, name->size)
                            ? "bytes whose key is that of an array or a folder"
                            : NULL;
  if (!problem) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "%s: an archive of arrays holds no %s; leave it out with "
                    "--exclude",
                    text_place(manifest, name->node, place), problem);
}

static int32_t make_text(canon_job *job, const canon_manifest *manifest, const flat_name *name, char **text,
                         uint64_t *size) {
  uint64_t left_out;
  return json_text_make(job, manifest, name->node, &(json_text_rules){.member = name->text}, text, size, &left_out);
}

int32_t npz_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  flat_names names = {.all = NULL};
  int32_t code = make_names(job, instance, manifest, &names);
  for (uint64_t i = 0; i < names.n && !code; i++) {
    const flat_name *name = &names.all[i];
    char *text = NULL;
    uint64_t size;
    if (name->kind == FLAT_TENSOR) code = check_tensor(job, instance, manifest, name->node);
    else if (name->kind == FLAT_BYTES) code = check_bytes(job, manifest, name);
    else code = make_text(job, manifest, name, &text, &size);
    canon_free(job, text);
  }
  flat_names_free(job, &names);
  return code;
}

/* A record that is no array: its bytes are written at once. */
static int32_t add_whole(canon_job *job, npz_writer *writer, const flat_name *name) {
  const canon_node *node = canon_manifest_node(writer->manifest, name->node);
  const void *bytes = node->data;
  char *text = NULL;
  uint64_t size = node->data_size;
  int32_t code = CANON_OK;
  if (name->kind == FLAT_JSON) code = make_text(job, writer->manifest, name, &text, &size);
  if (text) bytes = text;
  if (!code) code = zip_layout_add(job, &writer->layout, name->text, size, 1, 0);
  if (!code) {
    zip_entry *entry = &writer->layout.entries[writer->layout.n_entries - 1];
    entry->crc32 = libdeflate_crc32(0, bytes, size);
    code = job->host->sink_write(job, writer->sink, entry->data, bytes, size);
  }
  canon_free(job, text);
  return code;
}

/* The record of name i: laid out, and its header written down. */
static int32_t add_array(canon_job *job, const canon_instance *instance, npz_writer *writer, uint64_t i) {
  const flat_name *name = &writer->names.all[i];
  const canon_node *tensor = canon_manifest_node(writer->manifest, name->node);
  char descr[NPY_DESCR_BYTES], header[NPY_LONGEST_WRITTEN];
  uint64_t elements;
  npz_slot *slot = &writer->slots[writer->n_slots++];
  char *record = arena_alloc(job, &writer->names.memory, name->size + NPZ_SUFFIX_BYTES + 1);
  if (!record) return canon_failed(job);
  memcpy(record, name->text, name->size);
  memcpy(record + name->size, NPZ_SUFFIX, NPZ_SUFFIX_BYTES);
  int32_t code = npy_descr_write(job, instance, "", tensor->dtype, descr);
  if (code) return code;
  *slot = (npz_slot){.node = name->node, .entry = i, .header_size = npy_compose(tensor, descr, header)};
  slot->header_crc32 = libdeflate_crc32(0, header, slot->header_size);
  npy_shape_bytes(tensor->shape, tensor->rank, tensor->dtype, &elements, &slot->bytes); /* can_write has checked it */
  code = zip_layout_add(job, &writer->layout, record, slot->header_size + slot->bytes, 1, 0);
  if (code) return code;
  return job->host->sink_write(job, writer->sink, writer->layout.entries[i].data, header, slot->header_size);
}

static int compare_slots(const void *left, const void *right) {
  uint64_t a = ((const npz_slot *)left)->node, b = ((const npz_slot *)right)->node;
  return a < b ? -1 : a > b;
}

int32_t npz_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                  void **out) {
  npz_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  *out = writer;
  writer->sink = sink;
  writer->manifest = manifest;
  int32_t code = make_names(job, instance, manifest, &writer->names);
  if (code) return code;
  writer->slots = canon_alloc(job, (writer->names.n + 1) * sizeof *writer->slots);
  if (!writer->slots) return canon_failed(job);
  for (uint64_t i = 0; i < writer->names.n && !code; i++)
    code = writer->names.all[i].kind == FLAT_TENSOR ? add_array(job, instance, writer, i)
                                                    : add_whole(job, writer, &writer->names.all[i]);
  qsort(writer->slots, writer->n_slots, sizeof *writer->slots, compare_slots);
  return code;
}

int32_t npz_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  const npz_writer *writer = self;
  npz_slot wanted = {.node = node};
  const npz_slot *slot = bsearch(&wanted, writer->slots, writer->n_slots, sizeof *writer->slots, compare_slots);
  if (!slot) return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "node %" PRIu64 " is no tensor of this file", node);
  extent->offset = writer->layout.entries[slot->entry].data + slot->header_size;
  return CANON_OK;
}

/* The CRC-32 of a record is that of its header and elements together. written comes in order of nodes, as slots are. */
static int32_t take_checksums(canon_job *job, npz_writer *writer, const canon_written *written, uint64_t n,
                              uint32_t size) {
  for (uint64_t i = 0; i < writer->n_slots; i++) {
    const canon_written *one = (const canon_written *)(const void *)((const char *)written + i * size);
    const npz_slot *slot = &writer->slots[i];
    zip_entry *entry = &writer->layout.entries[slot->entry];
    if (n != writer->n_slots || one->node != slot->node || one->bytes != slot->bytes)
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "record %.80s: not all of its %" PRIu64 " bytes were written",
                        entry->name, entry->size);
    entry->crc32 = (uint32_t)crc32_combine(slot->header_crc32, one->crc32, (z_off_t)slot->bytes);
  }
  return CANON_OK;
}

int32_t npz_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written, uint32_t written_size) {
  npz_writer *writer = self;
  int32_t code = take_checksums(job, writer, written, n_written, written_size);
  return code ? code : zip_layout_write(job, &writer->layout, writer->sink);
}

void npz_release(canon_job *job, void *self) {
  npz_writer *writer = self;
  zip_layout_free(job, &writer->layout);
  flat_names_free(job, &writer->names);
  canon_free(job, writer->slots);
  canon_free(job, writer);
}
