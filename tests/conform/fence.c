/* SPDX-License-Identifier: MIT
 * fence.c: blocks with guards, so that reading or writing behind one is a crash where it happens, and using one after
 * it was freed too:
 *
 *   front (guard bytes) | block | guard bytes up to the alignment | a page that nobody may touch */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/conform/conform.h"

/* Pages are what the system has fewest of: beyond so many blocks at a time only the guard bytes guard. */
enum { GUARD = 0xa5, FRONT = 64, BUCKETS = 4096, MOST_FENCED = 12000 };

struct block {
  struct block *next;          /* in its bucket */
  struct block *older, *newer; /* of all */
  uint8_t *memory;
  uint64_t bytes, behind; /* guard bytes behind it */
  uint8_t *mapping;
  uint64_t mapped; /* 0: from malloc */
};

static struct block *buckets[BUCKETS], *newest;
static uint64_t n_fenced;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct block **bucket_of(const void *memory) { return &buckets[(uintptr_t)memory / 64 % BUCKETS]; }
static uint64_t round_up(uint64_t n, uint64_t unit) { return (n + unit - 1) / unit * unit; }

static int map(struct block *block, uint64_t room) {
  uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), size = round_up(room + FRONT, page);
  if (n_fenced >= MOST_FENCED) return 0;
  void *mapping = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED) return 0;
  block->mapping = mapping;
  block->mapped = size + page;
  block->memory = block->mapping + size - room;
  return mprotect(block->mapping + size, page, PROT_NONE) == 0;
}

static int place(struct block *block, uint64_t room) {
  if (map(block, room)) return 1;
  if (block->mapped) munmap(block->mapping, block->mapped);
  block->mapped = 0;
  block->mapping = aligned_alloc(FRONT, round_up(room + 2 * FRONT, FRONT));
  block->memory = block->mapping + FRONT;
  block->behind += FRONT;
  return block->mapping != NULL;
}

void *fence_alloc(uint64_t bytes, uint32_t alignment, int fill) {
  if (bytes > (uint64_t)1 << 40) return NULL;
  uint64_t room = round_up(bytes ? bytes : 1, alignment);
  struct block *block = calloc(1, sizeof *block);
  if (!block) return NULL;
  block->bytes = bytes;
  block->behind = room - bytes;
  if (!place(block, room)) {
    free(block);
    return NULL;
  }
  memset(block->memory - FRONT, GUARD, FRONT);
  if (fill || !block->mapped) memset(block->memory, fill, bytes);
  memset(block->memory + bytes, GUARD, block->behind);
  pthread_mutex_lock(&lock);
  struct block **bucket = bucket_of(block->memory);
  block->next = *bucket;
  *bucket = block;
  block->older = newest;
  if (newest) newest->newer = block;
  newest = block;
  n_fenced += block->mapped != 0;
  pthread_mutex_unlock(&lock);
  return block->memory;
}

static struct block **find(const void *memory) {
  struct block **at = bucket_of(memory);
  while (*at && (*at)->memory != memory) at = &(*at)->next;
  return at;
}

uint64_t fence_size(const void *memory) {
  pthread_mutex_lock(&lock);
  const struct block *block = *find(memory);
  uint64_t bytes = block ? block->bytes : CANON_NONE;
  pthread_mutex_unlock(&lock);
  return bytes;
}

static int hurt(const struct block *block) {
  uint8_t other = 0;
  for (uint64_t i = 0; i < FRONT; i++) other |= block->memory[-1 - (int64_t)i] ^ GUARD;
  for (uint64_t i = 0; i < block->behind; i++) other |= block->memory[block->bytes + i] ^ GUARD;
  return other != 0;
}

int fence_is_hurt(const void *memory) {
  pthread_mutex_lock(&lock);
  const struct block *block = *find(memory);
  int is = block && hurt(block);
  pthread_mutex_unlock(&lock);
  return is;
}

int fence_any_hurt(void) {
  int any = 0;
  pthread_mutex_lock(&lock);
  for (const struct block *block = newest; block; block = block->older) any |= hurt(block);
  pthread_mutex_unlock(&lock);
  return any;
}

void fence_free(void *memory) {
  if (!memory) return;
  pthread_mutex_lock(&lock);
  struct block **at = find(memory), *block = *at;
  if (block) {
    *at = block->next;
    if (block->older) block->older->newer = block->newer;
    if (block->newer) block->newer->older = block->older;
    else newest = block->older;
    n_fenced -= block->mapped != 0;
  }
  pthread_mutex_unlock(&lock);
  if (!block) return;
  if (block->mapped) munmap(block->mapping, block->mapped);
  else free(block->mapping);
  free(block);
}
