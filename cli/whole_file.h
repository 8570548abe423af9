/* SPDX-License-Identifier: MIT
 * whole_file.h: small files that are there complete or not at all. */
#ifndef CANON_CLI_WHOLE_FILE_H
#define CANON_CLI_WHOLE_FILE_H

#include <stddef.h>

/* Before the work is done: may a file of this name be made? 0, or 2 after an error was printed. */
int whole_file_check(const char *path, int force);
/* 0, or 2 after an error was printed. meanwhile: what the message says beyond it ("; the output itself is complete").
 */
int whole_file_write(const char *path, const char *text, size_t size, int force, const char *meanwhile);

#endif
