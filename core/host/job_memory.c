/* SPDX-License-Identifier: MIT
 * job_memory.c: the memory of a job: blocks within its budget, scratch files, workspaces of its threads. What a plugin
 * forgets is freed with the job. */
#include <inttypes.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/job_state.h"
#include "core/io/sink.h"
#include "core/io/source.h"

void *host_alloc(canon_job *job, uint64_t bytes) {
  struct job *root = job_of(job)->root;
  pthread_mutex_lock(&root->lock);
  int fits = bytes <= root->budget && root->allocated <= root->budget - bytes;
  if (fits) root->allocated += bytes;
  pthread_mutex_unlock(&root->lock);
  if (!fits) {
    canon_fail(job, CANON_E_LIMIT, CANON_NONE,
               "reading it would take more than %" PRIu64 " MiB of memory, out of proportion to its size",
               root->budget >> 20);
    return NULL;
  }
  struct block *block = bytes < PTRDIFF_MAX - sizeof *block ? mem_alloc(sizeof *block + bytes) : NULL;
  pthread_mutex_lock(&root->lock);
  if (block) {
    block->bytes = bytes;
    block->next = root->blocks.next;
    block->previous = &root->blocks;
    block->next->previous = block;
    root->blocks.next = block;
  } else {
    root->allocated -= bytes;
  }
  pthread_mutex_unlock(&root->lock);
  if (block) return block + 1;
  canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory (%" PRIu64 " bytes)", bytes);
  return NULL;
}

void host_free(canon_job *job, void *memory) {
  struct job *root = job_of(job)->root;
  if (!memory) return;
  struct block *block = (struct block *)memory - 1;
  pthread_mutex_lock(&root->lock);
  block->next->previous = block->previous;
  block->previous->next = block->next;
  root->allocated -= block->bytes;
  pthread_mutex_unlock(&root->lock);
  mem_free(block);
}

void *host_resize(canon_job *job, void *memory, uint64_t bytes) {
  void *grown = host_alloc(job, bytes);
  if (!grown || !memory) return grown;
  uint64_t old = ((struct block *)memory - 1)->bytes;
  memcpy(grown, memory, old < bytes ? old : bytes);
  host_free(job, memory);
  return grown;
}

int32_t host_scratch(canon_job *job, canon_sink **sink, canon_source **source) {
  struct job *root = job_of(job)->root;
  canon_sink *s = NULL;
  canon_source *reading = NULL;
  int32_t code = sink_scratch(job, &s);
  if (!code) code = source_from_descriptor(job, "a temporary file", sink_descriptor(s), &reading);
  if (!code) {
    pthread_mutex_lock(&root->lock);
    void *list = root->scratch;
    int room = mem_reserve(&list, sizeof *root->scratch, &root->scratch_capacity, root->n_scratch + 1);
    root->scratch = list;
    if (room) root->scratch[root->n_scratch++] = (struct scratch){s, reading};
    pthread_mutex_unlock(&root->lock);
    if (!room) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  if (code) {
    source_close(reading);
    sink_close(s);
    return code;
  }
  *sink = s;
  *source = reading;
  return CANON_OK;
}

void job_free_memory(struct job *root) {
  for (struct block *block = root->blocks.next; block != &root->blocks;) {
    struct block *next = block->next;
    mem_free(block);
    block = next;
  }
  for (size_t i = 0; i < root->n_scratch; i++) {
    source_close(root->scratch[i].source);
    sink_close(root->scratch[i].sink);
  }
  mem_free(root->scratch);
}

void *job_workspace(struct job *job, uint32_t slot, uint64_t bytes) {
  if (bytes == 0) bytes = 1;
  if (job->workspace_bytes[slot] >= bytes) return job->workspace[slot];
  mem_free(job->workspace[slot]);
  job->workspace[slot] = mem_alloc(bytes);
  job->workspace_bytes[slot] = job->workspace[slot] ? bytes : 0;
  if (!job->workspace[slot])
    canon_fail(&job->base, CANON_E_MEMORY, CANON_NONE, "out of memory (%" PRIu64 " bytes)", bytes);
  return job->workspace[slot];
}

void job_free_workspace(struct job *job) {
  for (int i = 0; i < JOB_WORKSPACES; i++) mem_free(job->workspace[i]);
}
