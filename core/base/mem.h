/* SPDX-License-Identifier: MIT
 * mem.h: the one door to the heap, so that a test can make any allocation fail. Used by all of core. */
#ifndef CANON_BASE_MEM_H
#define CANON_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

void *mem_alloc(size_t bytes); /* zeroed; NULL on failure; 0 bytes gives a valid pointer */
void *mem_resize(void *memory, size_t old_bytes, size_t bytes); /* grown bytes are zero; on NULL the old block lives */
void mem_free(void *memory);

/* n elements of one size into *memory, growing by half; 0 on failure, with everything as it was. */
int mem_reserve(void **memory, size_t element, size_t *capacity, size_t n);

/* Test hook: allocation number n from now on fails, once; 0 turns it off. Returns whether the last one set was reached.
 */
int mem_fail_at(uint64_t n);

#endif
