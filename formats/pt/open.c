/* SPDX-License-Identifier: MIT
 * open.c: from a source to a manifest: the archive, the pickle in it, the tree that the pickle describes. */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

static int32_t read_pickle(canon_job *job, pt_reader *reader) {
  const zip_member *member = pt_record(reader, "data.pkl", 8);
  if (!member)
    return canon_fail(job, CANON_E_MALFORMED, CANON_NONE,
                      "record %.*s/data.pkl is missing: no torch.save wrote this archive",
                      (int)(reader->top_size < 80 ? reader->top_size : 80), reader->top);
  reader->pickle_bytes = canon_alloc(job, member->size + 1);
  reader->storage_of =
      reader->pickle_bytes ? canon_alloc(job, (reader->zip.n_members + 1) * sizeof *reader->storage_of) : NULL;
  if (!reader->storage_of) return canon_failed(job);
  int32_t code = zip_member_load(job, &reader->zip, member, reader->pickle_bytes);
  if (code) return code;
  pickle *p = &reader->pickle;
  p->bytes = reader->pickle_bytes;
  p->size = member->size;
  p->origin = member->method == ZIP_STORED ? member->data : CANON_NONE;
  p->find = pt_class_find;
  code = pickle_run(job, p);
  if (!code && p->used != p->size)
    code = pickle_fail(job, p, CANON_E_MALFORMED, p->used, "%" PRIu64 " bytes follow the pickle's STOP",
                       p->size - p->used);
  return code;
}

int32_t pt_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **state) {
  (void)instance;
  pt_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  if (pthread_mutex_init(&reader->lock, NULL) || pthread_mutex_init(&reader->turning, NULL)) {
    canon_free(job, reader);
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "no lock for the reader");
  }
  *state = reader;
  int32_t code = pt_refuse_foreign(job, source);
  if (!code) code = pt_container_open(job, reader, source);
  if (!code) code = read_pickle(job, reader);
  if (!code) code = pt_tree_build(job, reader);
  if (!code) pt_container_describe(job, reader);
  return code;
}

int32_t pt_manifest(canon_job *job, void *state, canon_manifest *manifest) {
  (void)job;
  const pt_reader *reader = state;
  manifest->node_size = sizeof *reader->nodes;
  manifest->nodes = reader->nodes;
  manifest->n_nodes = reader->n_nodes;
  manifest->producer = reader->producer;
  manifest->details = reader->details;
  manifest->n_details = reader->n_details;
  manifest->detail_size = sizeof *reader->details;
  return CANON_OK;
}

void pt_close(canon_job *job, void *state) {
  pt_reader *reader = state;
  pt_storage_close(job, reader);
  pickle_free(job, &reader->pickle);
  canon_free(job, reader->pickle_bytes);
  canon_free(job, reader->nodes);
  canon_free(job, reader->tensors);
  zip_index_close(job, &reader->zip);
  pthread_mutex_destroy(&reader->turning);
  pthread_mutex_destroy(&reader->lock);
  canon_free(job, reader);
}
