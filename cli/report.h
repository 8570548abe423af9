/* SPDX-License-Identifier: MIT
 * report.h: the only printer of the command line: standard output, standard error, tables, wrapped help, progress.
 * Nothing here knows a verb. Out of memory ends the program with status 2. */
#ifndef CANON_CLI_REPORT_H
#define CANON_CLI_REPORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define REPORT_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define REPORT_PRINTF(text, first)
#endif

enum { REPORT_QUIET = -1, REPORT_NORMAL = 0, REPORT_VERBOSE = 1 };
void report_level(int level);

/* Standard output. The first failure to write is kept for report_close. */
void report_text(const char *format, ...) REPORT_PRINTF(1, 2);
void report_bytes(const char *bytes, size_t size);
void report_heading(const char *text); /* both: control characters escaped */
void report_line(const char *format, ...) REPORT_PRINTF(1, 2);
int report_broken(void); /* nothing more arrives there */

/* What a word says of a result: colours it on a terminal, unless NO_COLOR is set. Never the only thing that says it. */
enum report_tint { REPORT_PLAIN, REPORT_GOOD, REPORT_MILD, REPORT_BAD };
void report_tinted(enum report_tint tint, const char *text); /* as it is */

/* "canon: TEXT" on standard error, control characters escaped. */
void report_error(const char *format, ...) REPORT_PRINTF(1, 2);
void report_usage(const char *text);                              /* as it is */
void report_warning(const char *format, ...) REPORT_PRINTF(1, 2); /* unless --quiet */
void report_note(const char *format, ...) REPORT_PRINTF(1, 2);    /* with --verbose */

/* How far a job is, on standard error: only on a terminal, and only once it has lasted over a second. */
void report_progress(uint64_t done, uint64_t total);

/* Flushes standard output; what could not be written makes the exit status 2. A pipe that its reader closed ends the
 * program as it ends others, by SIGPIPE. */
int report_close(int status);

/* label at indent, text from column on, wrapped to 80 columns. */
void report_entry(size_t indent, const char *label, size_t column, const char *text);

/* A table whose columns line up. A heading that starts with ">" has its column on the right; a column without a cell is
 * left out. Without headings ("" each) it has no head. Cells are filled row by row. */
typedef struct report_table report_table;
report_table *report_table_new(const char *const *headings, size_t columns);
void report_table_cell(report_table *table, const char *format, ...) REPORT_PRINTF(2, 3);
void report_table_tint(report_table *table, enum report_tint tint); /* of the cell that was filled last */
void report_table_print(const report_table *table);
void report_table_free(report_table *table);

/* Prints it and ends the program with status 2. */
_Noreturn void report_out_of_memory(void);
/* realloc that ends so where there is no memory; count 0 counts as 1. */
void *report_resize(void *memory, size_t count, size_t size);

#endif
