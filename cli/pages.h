/* SPDX-License-Identifier: MIT
 * pages.h: the files of docs/man as text; pages.c is made from them by CMakeLists.txt. */
#ifndef CANON_CLI_PAGES_H
#define CANON_CLI_PAGES_H

#include <stddef.h>

typedef struct cli_page {
  const char *name; /* "canon-convert" */
  const char *text;
} cli_page;

extern const cli_page cli_pages[];
extern const size_t cli_page_count;

#endif
