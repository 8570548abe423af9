/* SPDX-License-Identifier: MIT
 * mem.c: see mem.h. Memory is aligned to 64, a cache line and a vector register. */
#include "core/base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static _Atomic uint64_t fail_countdown;
static _Atomic int fail_reached;

static int must_fail(void) {
  uint64_t n = atomic_load_explicit(&fail_countdown, memory_order_relaxed);
  while (n) {
    if (atomic_compare_exchange_weak(&fail_countdown, &n, n - 1)) {
      if (n == 1) atomic_store(&fail_reached, 1);
      return n == 1;
    }
  }
  return 0;
}

int mem_fail_at(uint64_t n) {
  int reached = atomic_exchange(&fail_reached, 0);
  atomic_store(&fail_countdown, n);
  return reached;
}

static void *aligned(size_t bytes) {
  if (must_fail() || bytes > PTRDIFF_MAX - ALIGNMENT) return NULL;
  return aligned_alloc(ALIGNMENT, (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT);
}

void *mem_alloc(size_t bytes) {
  void *memory = aligned(bytes);
  if (memory) memset(memory, 0, bytes);
  return memory;
}

void *mem_resize(void *memory, size_t old_bytes, size_t bytes) {
  void *grown = aligned(bytes);
  if (!grown) return NULL;
  size_t kept = old_bytes < bytes ? old_bytes : bytes;
  if (memory) memcpy(grown, memory, kept);
  memset((char *)grown + kept, 0, bytes - kept);
  mem_free(memory);
  return grown;
}

void mem_free(void *memory) { free(memory); }

int mem_reserve(void **memory, size_t element, size_t *capacity, size_t n) {
  if (n <= *capacity) return 1;
  size_t wanted = *capacity + *capacity / 2 + 8;
  if (wanted < n) wanted = n;
  if (wanted > PTRDIFF_MAX / element) return 0;
  void *grown = mem_resize(*memory, *capacity * element, wanted * element);
  if (!grown) return 0;
  *memory = grown;
  *capacity = wanted;
  return 1;
}
