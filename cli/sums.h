/* SPDX-License-Identifier: MIT
 * sums.h: lists of digests, a line "SCHEME (FILE) = HEX" each. Where FILE has a backslash or what a terminal would not
 * show as itself, the line begins with a backslash and FILE is escaped: \\, \n, \r, \xHH. */
#ifndef CANON_CLI_SUMS_H
#define CANON_CLI_SUMS_H

#include <stddef.h>
#include <stdint.h>

enum { SUM_TENSORS, SUM_TREE, SUM_TENSOR, SUM_SCHEMES, SUM_BYTES = 32 };

extern const char *const sum_names[SUM_SCHEMES]; /* "canon1-tensors" */

struct sum {
  int scheme;
  const char *file; /* and pointer, unescaped */
  uint8_t digest[SUM_BYTES];
};

/* The lines of a list, borrowed. */
struct sums {
  struct sum *items;
  size_t n;
};

/* One line on standard output; path is put behind file, with a # between where file has no pointer yet. */
void sums_print(int scheme, const char *file, const char *path, const uint8_t digest[SUM_BYTES]);
/* FILE#/pointer as above, in memory of its own. */
char *sums_join(const char *file, const char *path);

/* Reads the text of a list. 0, or the exit status after an error was printed; name: of the list, for that. */
int sums_parse(const char *name, char *text, size_t size, struct sums *sums);
void sums_free(struct sums *sums);

/* 64 lower-case or upper-case digits and nothing else. */
int sums_hex(const char *text, size_t size, uint8_t digest[SUM_BYTES]);

#endif
