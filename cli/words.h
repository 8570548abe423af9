/* SPDX-License-Identifier: MIT
 * words.h: what the command line knows about words: UTF-8, sizes for people, numbers from people, near misses.
 * Prints nothing. */
#ifndef CANON_CLI_WORDS_H
#define CANON_CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point at text, 0 where they are no UTF-8. A lone surrogate's three bytes are one code point. */
size_t words_decode(const char *text, size_t size, uint32_t *code);
/* Columns of a terminal that the text takes. */
size_t words_width(const char *text);
/* Would it move a cursor or turn the text around it: controls, marks of direction, lone surrogates? */
int words_moves_cursor(uint32_t code);
/* A copy in which nothing moves a cursor: control characters as \n or \x1b, what is no UTF-8 as \xff. NULL: no memory.
 */
char *words_visible(const char *text);

enum { WORDS_SIZE = 16, WORDS_DOUBLE = 32 };
/* "384 B", "48.0 KiB" */
const char *words_size(char text[WORDS_SIZE], uint64_t bytes);
/* The shortest decimal that reads back as the same number; "NaN", "Infinity", "-Infinity". */
const char *words_double(char text[WORDS_DOUBLE], double number);
/* 1 and the number, or 0: a whole number, and with units also K, M, G, T (powers of 1024; KiB and KB mean K too). */
int words_number(const char *text, int units, uint64_t *number);

/* The name that a mistyped one was most likely meant to be. */
typedef struct words_nearest {
  const char *wanted;
  const char *name; /* NULL: nothing is near */
  size_t distance;
} words_nearest;

void words_nearest_offer(words_nearest *nearest, const char *name);

#endif
