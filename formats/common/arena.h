/* SPDX-License-Identifier: MIT
 * arena.h: many small pieces of host memory that are freed together. Not thread-safe; one owner. */
#ifndef CANON_FORMATS_ARENA_H
#define CANON_FORMATS_ARENA_H

#include <canon/plugin.h>

typedef struct arena {
  struct arena_block *blocks; /* newest first */
  uint8_t *next;
  uint64_t left;
  uint64_t block_size; /* of the newest: doubles up to a limit, so that small jobs stay small */
} arena;

/* Zeroed, aligned to 8; NULL after a recorded failure. An arena starts as all zeros. */
void *arena_alloc(canon_job *job, arena *memory, uint64_t bytes);
/* A terminated copy of size bytes. */
char *arena_text(canon_job *job, arena *memory, const void *bytes, uint64_t size);
void arena_free(canon_job *job, arena *memory);

#endif
