/* SPDX-License-Identifier: MIT
 * writer.c: a tree as the folder of an index. The tensors' bytes go straight into .pt files that the format of such
 * files lays out; what must be looked at on its way, lengths and doclens, comes through write(). Equal values give
 * equal files. */
#include "formats/colbert/writer.h"

#include <stddef.h>
#include <string.h>

#include <zlib.h>

void colbert_release(canon_job *job, void *self) {
  colbert_writer *writer = self;
  for (uint64_t i = 0; i < writer->n_outputs; i++) job->host->part_release(job, writer->outputs[i].part);
  arena_free(job, &writer->memory);
  arena_free(job, &writer->tree.memory);
  canon_free(job, writer->tree.nodes);
  canon_free(job, writer);
}

/* metadata.json and plan.json. */
static const struct {
  colbert_role role;
  size_t node; /* of the index */
} TEXTS[] = {{COLBERT_METADATA, offsetof(colbert_index, metadata)}, {COLBERT_PLAN, offsetof(colbert_index, plan)}};

static uint64_t text_node(const colbert_writer *writer, size_t i) {
  uint64_t node;
  memcpy(&node, (const char *)&writer->index + TEXTS[i].node, sizeof node);
  return node;
}

int32_t colbert_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  colbert_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  int32_t code = colbert_layout(job, instance, manifest, writer);
  for (uint64_t i = 0; !code && i < writer->n_outputs; i++)
    code = job->host->part_check(job, writer->outputs[i].name, &writer->outputs[i].manifest);
  for (size_t i = 0; !code && i < 2; i++) {
    char name[COLBERT_NAME_BYTES], *bytes = NULL;
    uint64_t size, dropped;
    if (text_node(writer, i) == CANON_NONE) continue;
    code = colbert_text_make(job, &writer->text, text_node(writer, i), colbert_name(TEXTS[i].role, 0, name), &bytes,
                             &size, &dropped);
    canon_free(job, bytes);
  }
  colbert_release(job, writer);
  return code;
}

static int32_t begin_output(canon_job *job, colbert_writer *writer, colbert_output *output) {
  int32_t code = job->host->member_create(job, writer->folder, output->name, &output->sink);
  return code ? code : job->host->part_begin(job, output->name, &output->manifest, output->sink, &output->part);
}

static int32_t begin_list(canon_job *job, colbert_writer *writer, uint64_t chunk) {
  char name[COLBERT_NAME_BYTES];
  return job->host->member_create(job, writer->folder, colbert_name(COLBERT_DOCLENS, chunk, name),
                                  &writer->lists[chunk].sink);
}

int32_t colbert_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                      void **out) {
  colbert_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  writer->folder = sink;
  int32_t code = colbert_layout(job, instance, manifest, writer);
  for (uint64_t i = 0; !code && i < writer->n_outputs; i++) code = begin_output(job, writer, &writer->outputs[i]);
  for (uint64_t i = 0; !code && i < writer->n_chunks; i++) code = begin_list(job, writer, i);
  for (uint64_t i = 0; !code && i < writer->n_files; i++)
    code = job->host->member_create(job, sink, writer->files[i].name, &writer->files[i].sink);
  if (code) colbert_release(job, writer);
  else *out = writer;
  return code;
}

static int32_t no_slot(canon_job *job, uint64_t node) {
  return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "node %" PRIu64 " is no tensor of this index", node);
}

int32_t colbert_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  colbert_writer *writer = self;
  const colbert_slot *slot = colbert_slot_of(writer, node);
  if (!slot) return no_slot(job, node);
  if (slot->kind == COLBERT_NUMBERS) {
    extent->offset = CANON_NONE;
    return CANON_OK;
  }
  if (slot->kind == COLBERT_WHOLE) {
    extent->offset = 0;
    extent->sink = slot->file->sink;
    return CANON_OK;
  }
  uint64_t part_node = slot->output->n_tensors == 1 ? 0 : 1 + slot->tensor;
  int32_t code = job->host->part_place(job, slot->output->part, part_node, extent);
  extent->sink = slot->output->sink;
  if (code || slot->kind == COLBERT_PLACED) {
    extent->offset += slot->first;
    return code;
  }
  writer->lengths_at = extent->offset;
  extent->offset = CANON_NONE;
  return CANON_OK;
}

static int32_t write_lengths(canon_job *job, colbert_writer *writer, const colbert_slot *slot, uint64_t first,
                             uint64_t count, const uint8_t *src) {
  for (uint64_t i = 0; i < count; i++) {
    uint64_t length = canon_load_le64(src + 8 * i);
    if (length > INT64_MAX || !canon_add(writer->lengths_sum, length, &writer->lengths_sum))
      return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "/ivf/lengths/%" PRIu64 " is %" PRId64 ", no length",
                        first + i, (int64_t)length);
  }
  return job->host->sink_write(job, slot->output->sink, writer->lengths_at + 8 * first, src, 8 * count);
}

/* "[41,62": the bracket or comma before each number. */
static int32_t write_numbers(canon_job *job, colbert_list *list, uint64_t count, const uint8_t *src) {
  enum { PIECE = 1 << 12, LONGEST = 12 };
  char piece[PIECE];
  int32_t code = CANON_OK;
  uint64_t size = 0;
  for (uint64_t i = 0; !code && i < count; i++) {
    uint64_t number = canon_load_le64(src + 8 * i);
    if (number > INT32_MAX)
      return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                        "a passage of %" PRId64 " embeddings; doclens are from 0 to %d", (int64_t)number, INT32_MAX);
    size += (uint64_t)snprintf(piece + size, LONGEST, "%c%" PRIu64, list->n ? ',' : '[', number);
    list->n++;
    list->sum += number;
    if (size < PIECE - LONGEST && i + 1 < count) continue;
    code = job->host->sink_write(job, list->sink, list->bytes, piece, size);
    list->bytes += size;
    size = 0;
  }
  return code;
}

int32_t colbert_write(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, const void *src) {
  colbert_writer *writer = self;
  const colbert_slot *slot = colbert_slot_of(writer, node);
  if (!slot || slot->kind == COLBERT_PLACED || slot->kind == COLBERT_WHOLE) return no_slot(job, node);
  if (slot->kind == COLBERT_NUMBERS) return write_numbers(job, slot->list, count, src);
  return write_lengths(job, writer, slot, first, count, src);
}

/* The checksums of what was written; those of chunks that became one follow each other. */
static int32_t take_written(canon_job *job, colbert_writer *writer, const canon_written *written, uint64_t n,
                            uint32_t size) {
  for (uint64_t i = 0; i < writer->n_slots; i++) {
    const canon_written *one = (const canon_written *)(const void *)((const char *)written + i * size);
    const colbert_slot *slot = &writer->slots[i];
    if (n != writer->n_slots || one->node != slot->node || one->bytes != slot->bytes)
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                        "node %" PRIu64 ": not all of its %" PRIu64 " bytes were written", slot->node, slot->bytes);
    if (!slot->output) continue;
    canon_written *sum = &slot->output->written[slot->tensor];
    sum->node = slot->output->n_tensors == 1 ? 0 : 1 + slot->tensor;
    sum->crc32 = sum->bytes ? (uint32_t)crc32_combine(sum->crc32, one->crc32, (z_off_t)one->bytes) : one->crc32;
    sum->bytes += one->bytes;
  }
  return CANON_OK;
}

static int32_t check_sums(canon_job *job, const colbert_writer *writer) {
  int32_t code = colbert_check_lengths(job, CANON_E_UNSUPPORTED, writer->lengths_sum,
                                       canon_manifest_node(writer->manifest, writer->index.pids)->shape[0]);
  for (uint64_t i = 0; !code && i < writer->n_chunks; i++)
    code = colbert_check_doclens(job, CANON_E_UNSUPPORTED, i, writer->lists[i].sum, colbert_rows_of(writer, i));
  return code;
}

static int32_t end_outputs(canon_job *job, colbert_writer *writer) {
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < writer->n_outputs; i++) {
    const colbert_output *output = &writer->outputs[i];
    code = job->host->part_end(job, output->part, output->written, output->n_tensors, sizeof *output->written);
  }
  return code;
}

static int32_t end_list(canon_job *job, const colbert_list *list) {
  const char *end = list->n ? "]" : "[]";
  uint64_t size = strlen(end);
  int32_t code = job->host->sink_write(job, list->sink, list->bytes, end, size);
  return code ? code : job->host->sink_size(job, list->sink, list->bytes + size);
}

static int32_t write_file(canon_job *job, colbert_writer *writer, colbert_role role, uint64_t chunk, const char *bytes,
                          uint64_t size) {
  canon_sink *sink;
  char name[COLBERT_NAME_BYTES];
  int32_t code = job->host->member_create(job, writer->folder, colbert_name(role, chunk, name), &sink);
  if (!code) code = job->host->sink_write(job, sink, 0, bytes, size);
  return code ? code : job->host->sink_size(job, sink, size);
}

static int32_t write_counts(canon_job *job, colbert_writer *writer, uint64_t chunk) {
  char text[256];
  colbert_chunk whole = writer->index.chunk[chunk];
  for (uint64_t i = 1; writer->coalesce && i < writer->index.n_chunks; i++) {
    whole.num_passages += writer->index.chunk[i].num_passages;
    whole.num_embeddings += writer->index.chunk[i].num_embeddings;
  }
  int n = snprintf(text, sizeof text,
                   "{\n    \"embedding_offset\": %" PRIu64 ",\n    \"num_embeddings\": %" PRIu64
                   ",\n    \"num_passages\": %" PRIu64 ",\n    \"passage_offset\": %" PRIu64 "\n}\n",
                   whole.embedding_offset, whole.num_embeddings, whole.num_passages, whole.passage_offset);
  return write_file(job, writer, COLBERT_CHUNK, chunk, text, (uint64_t)n);
}

static int32_t write_text(canon_job *job, colbert_writer *writer, size_t i, uint64_t *dropped) {
  char name[COLBERT_NAME_BYTES], *bytes = NULL;
  uint64_t size, here;
  if (text_node(writer, i) == CANON_NONE) return CANON_OK;
  int32_t code = colbert_text_make(job, &writer->text, text_node(writer, i), colbert_name(TEXTS[i].role, 0, name),
                                   &bytes, &size, &here);
  if (!code) code = write_file(job, writer, TEXTS[i].role, 0, bytes, size);
  canon_free(job, bytes);
  *dropped += here;
  return code;
}

int32_t colbert_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written,
                    uint32_t written_size) {
  colbert_writer *writer = self;
  uint64_t dropped = 0;
  int32_t code = take_written(job, writer, written, n_written, written_size);
  if (!code) code = check_sums(job, writer);
  if (!code) code = end_outputs(job, writer);
  for (uint64_t i = 0; !code && i < writer->n_chunks; i++) code = end_list(job, &writer->lists[i]);
  for (uint64_t i = 0; !code && i < writer->n_files; i++)
    code = job->host->sink_size(job, writer->files[i].sink, writer->files[i].bytes);
  for (uint64_t i = 0; !code && i < writer->n_chunks; i++) code = write_counts(job, writer, i);
  for (size_t i = 0; !code && i < 2; i++) code = write_text(job, writer, i, &dropped);
  if (!code) job->host->count(job, COLBERT_DROPPED, dropped);
  if (!code && writer->coalesce)
    job->host->count(job, "chunk put behind the one before it", writer->index.n_chunks - 1);
  return code;
}
