/* SPDX-License-Identifier: MIT
 * writer.c: writes a tree as a folder: every file through the format that its name says, or as the bytes that it is. */
#include <string.h>

#include "formats/folder/folder.h"

typedef struct folder_output {
  folder_file file;
  canon_sink *sink;
  canon_part *part; /* NULL: bytes */
  canon_node *nodes;
  canon_manifest manifest;
} folder_output;

typedef struct folder_writer {
  folder_output *outputs; /* in order of nodes */
  uint64_t n_outputs;
} folder_writer;

static int32_t check_file(canon_job *job, const canon_manifest *manifest, const folder_plan *plan,
                          const folder_file *file) {
  canon_manifest part;
  if (file->is_folder || file->is_bytes) return CANON_OK;
  canon_node *nodes = folder_subtree(job, manifest, file, &part);
  if (!nodes) return canon_failed(job);
  int32_t code = job->host->part_check(job, plan->text + file->path, &part);
  canon_free(job, nodes);
  return code;
}

int32_t folder_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  folder_plan plan;
  int32_t code = folder_plan_make(job, instance, manifest, &plan);
  for (uint64_t i = 0; !code && i < plan.n_files; i++) code = check_file(job, manifest, &plan, &plan.files[i]);
  folder_plan_free(job, &plan);
  return code;
}

static int32_t begin_file(canon_job *job, const canon_manifest *manifest, const char *path, canon_sink *folder,
                          folder_output *output) {
  int32_t code = job->host->member_create(job, folder, path, &output->sink);
  if (code || output->file.is_bytes) return code;
  output->nodes = folder_subtree(job, manifest, &output->file, &output->manifest);
  if (!output->nodes) return canon_failed(job);
  return job->host->part_begin(job, path, &output->manifest, output->sink, &output->part);
}

int32_t folder_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                     void **out) {
  folder_plan plan;
  folder_writer *writer = canon_alloc(job, sizeof *writer);
  if (!writer) return canon_failed(job);
  *out = writer;
  int32_t code = folder_plan_make(job, instance, manifest, &plan);
  writer->outputs = code ? NULL : canon_alloc(job, plan.n_files * sizeof *writer->outputs + 1);
  if (!code && !writer->outputs) code = canon_failed(job);
  for (uint64_t i = 0; !code && i < plan.n_files; i++) {
    if (plan.files[i].is_folder) continue;
    folder_output *output = &writer->outputs[writer->n_outputs++];
    output->file = plan.files[i];
    code = begin_file(job, manifest, plan.text + plan.files[i].path, sink, output);
  }
  folder_plan_free(job, &plan);
  return code;
}

/* The file that a node is in; the nodes of files are all the tensors there are. */
static folder_output *output_of(const folder_writer *writer, uint64_t node) {
  uint64_t low = 0, high = writer->n_outputs;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (writer->outputs[middle].file.node <= node) low = middle + 1;
    else high = middle;
  }
  return low && node < writer->outputs[low - 1].file.end ? &writer->outputs[low - 1] : NULL;
}

int32_t folder_place(canon_job *job, void *self, uint64_t node, canon_extent *extent) {
  folder_output *output = output_of(self, node);
  if (!output) return canon_fail(job, CANON_E_USAGE, CANON_NONE, "node %" PRIu64 " is no tensor", node);
  extent->sink = output->sink;
  extent->offset = 0;
  if (output->file.is_bytes) return CANON_OK;
  int32_t code = job->host->part_place(job, output->part, node - output->file.node, extent);
  if (!code && extent->offset == CANON_NONE)
    code =
        canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                   "a tensor of %" PRIu64 " dimensions that its format writes in pieces; write it to a file of its own",
                   (uint64_t)output->nodes[node - output->file.node].rank);
  return code;
}

void folder_release(canon_job *job, void *self) {
  folder_writer *writer = self;
  for (uint64_t i = 0; i < writer->n_outputs; i++) {
    job->host->part_release(job, writer->outputs[i].part);
    canon_free(job, writer->outputs[i].nodes);
  }
  canon_free(job, writer->outputs);
  canon_free(job, writer);
}

static const canon_written *written_at(const canon_written *written, uint64_t i, uint32_t size) {
  return (const canon_written *)(const void *)((const char *)written + i * size);
}

/* What was written of the tensors of one file, numbered as in its own tree. *next: the first that is not its. */
static int32_t end_file(canon_job *job, const folder_output *output, const canon_written *written, uint64_t n,
                        uint32_t size, uint64_t *next) {
  uint64_t first = *next, count = 0;
  while (first + count < n && written_at(written, first + count, size)->node < output->file.end) count++;
  *next = first + count;
  if (output->file.is_bytes)
    return job->host->sink_size(job, output->sink, count ? written_at(written, first, size)->bytes : 0);
  canon_written *own = canon_alloc(job, count * sizeof *own + 1);
  if (!own) return canon_failed(job);
  for (uint64_t i = 0; i < count; i++) {
    own[i] = *written_at(written, first + i, size);
    own[i].node -= output->file.node;
  }
  int32_t code = job->host->part_end(job, output->part, own, count, sizeof *own);
  canon_free(job, own);
  return code;
}

int32_t folder_end(canon_job *job, void *self, const canon_written *written, uint64_t n_written,
                   uint32_t written_size) {
  folder_writer *writer = self;
  int32_t code = CANON_OK;
  uint64_t next = 0;
  for (uint64_t i = 0; !code && i < writer->n_outputs; i++)
    code = end_file(job, &writer->outputs[i], written, n_written, written_size, &next);
  return code;
}
