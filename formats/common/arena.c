/* SPDX-License-Identifier: MIT
 * arena.c: blocks that double up to 1 MiB; what is too large for a block gets one of its own. */
#include "formats/common/arena.h"

#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

typedef struct arena_block {
  struct arena_block *older;
  uint64_t unused; /* keeps what follows aligned to 16 */
} arena_block;

static uint8_t *block_new(canon_job *job, arena *memory, uint64_t bytes) {
  uint64_t whole;
  if (!canon_add(bytes, sizeof(arena_block), &whole)) whole = UINT64_MAX;
  arena_block *block = canon_alloc(job, whole);
  if (!block) return NULL;
  block->older = memory->blocks;
  memory->blocks = block;
  return (uint8_t *)(block + 1);
}

void *arena_alloc(canon_job *job, arena *memory, uint64_t bytes) {
  if (bytes > UINT64_MAX - 7) return block_new(job, memory, UINT64_MAX);
  bytes = bytes ? (bytes + 7) & ~(uint64_t)7 : 8;
  if (bytes > memory->left) {
    if (bytes > LARGEST_BLOCK / 4) return block_new(job, memory, bytes);
    uint64_t size = memory->block_size ? memory->block_size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK) size = LARGEST_BLOCK;
    while (size - sizeof(arena_block) < bytes) size *= 2;
    uint8_t *fresh = block_new(job, memory, size - sizeof(arena_block));
    if (!fresh) return NULL;
    memory->block_size = size;
    memory->next = fresh;
    memory->left = size - sizeof(arena_block);
  }
  void *piece = memory->next;
  memory->next += bytes;
  memory->left -= bytes;
  return piece;
}

char *arena_text(canon_job *job, arena *memory, const void *bytes, uint64_t size) {
  char *text = arena_alloc(job, memory, size == UINT64_MAX ? size : size + 1);
  if (text && size) memcpy(text, bytes, size);
  return text;
}

void arena_free(canon_job *job, arena *memory) {
  for (arena_block *block = memory->blocks; block;) {
    arena_block *older = block->older;
    canon_free(job, block);
    block = older;
  }
  *memory = (arena){0};
}
