/* SPDX-License-Identifier: MIT
 * report.c: see report.h. */
#include "cli/report.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/words.h"

enum { PAGE_WIDTH = 80, COLUMN_WIDTH = 64 }; /* a longer cell pushes its own row only */

static int level;
static int output_error; /* errno of the first write to standard output that failed */
static int progress_shown;

void report_level(int chosen) { level = chosen; }

void report_out_of_memory(void) {
  fputs("canon: out of memory\n", stderr);
  exit(2);
}

void *report_resize(void *memory, size_t count, size_t size) {
  if (!count) count = 1;
  void *resized = count > SIZE_MAX / size ? NULL : realloc(memory, count * size);
  if (!resized) report_out_of_memory();
  return resized;
}

static char *visible_text(const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int size = vsnprintf(NULL, 0, format, again);
  va_end(again);
  size_t room = (size_t)(size < 0 ? 0 : size) + 1;
  char *text = report_resize(NULL, room, 1);
  text[0] = 0;
  vsnprintf(text, room, format, args);
  char *visible = words_visible(text);
  if (!visible) report_out_of_memory();
  free(text);
  return visible;
}

/* ---- standard output ---- */

static void keep_error(int failed) {
  if (failed && !output_error) output_error = errno ? errno : EIO;
}

static void clear_progress(void) {
  if (progress_shown) fputs("\r\033[K", stderr);
  progress_shown = 0;
}

void report_text(const char *format, ...) {
  clear_progress();
  va_list args;
  va_start(args, format);
  keep_error(vprintf(format, args) < 0);
  va_end(args);
}

void report_bytes(const char *bytes, size_t size) { keep_error(fwrite(bytes, 1, size, stdout) != size); }

int report_broken(void) { return output_error != 0; }

static int shows_style(void) {
  const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
  return isatty(STDOUT_FILENO) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}

void report_heading(const char *text) {
  char *visible = words_visible(text);
  if (!visible) report_out_of_memory();
  report_text(shows_style() ? "\033[1m%s\033[0m\n" : "%s\n", visible);
  free(visible);
}

static const char *const tints[] = {"", "\033[32m", "\033[33m", "\033[31m"};

void report_tinted(enum report_tint tint, const char *text) {
  if (tint && shows_style()) report_text("%s%s\033[0m", tints[tint], text);
  else report_text("%s", text);
}

void report_line(const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = visible_text(format, args);
  va_end(args);
  report_text("%s\n", text);
  free(text);
}

int report_close(int status) {
  clear_progress();
  keep_error(fflush(stdout) != 0);
  keep_error(close(STDOUT_FILENO) != 0 && errno != EBADF);
  if (output_error == EPIPE) {
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
  }
  if (!output_error) return status;
  report_error("standard output: cannot write: %s", strerror(output_error));
  return status > 2 ? status : 2;
}

/* ---- standard error ---- */

static void say(const char *prefix, const char *format, va_list args) {
  char *text = visible_text(format, args);
  clear_progress();
  keep_error(fflush(stdout) != 0); /* so that the two streams come in order where they go to one place */
  fprintf(stderr, "canon: %s%s\n", prefix, text);
  free(text);
}

void report_error(const char *format, ...) {
  va_list args;
  va_start(args, format);
  say("", format, args);
  va_end(args);
}

void report_usage(const char *text) { fputs(text, stderr); }

void report_warning(const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (level >= REPORT_NORMAL) say("warning: ", format, args);
  va_end(args);
}

void report_note(const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (level >= REPORT_VERBOSE) say("", format, args);
  va_end(args);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void report_progress(uint64_t done, uint64_t total) {
  static double started, drawn;
  double now = seconds();
  if (!started) started = now;
  if (level < REPORT_NORMAL || now - started < 1 || now - drawn < 0.1 || !isatty(STDERR_FILENO)) return;
  drawn = now;
  progress_shown = 1;
  char part[WORDS_SIZE], whole[WORDS_SIZE], rate[WORDS_SIZE];
  words_size(part, done);
  words_size(rate, (uint64_t)((double)done / (now - started)));
  if (total) {
    fprintf(stderr, "\r%3.0f%%  %s of %s, %s/s\033[K", 100 * ((double)done / (double)total), part,
            words_size(whole, total), rate);
  } else {
    fprintf(stderr, "\r%s, %s/s\033[K", part, rate);
  }
}

/* ---- wrapped text ---- */

void report_entry(size_t indent, const char *label, size_t column, const char *text) {
  size_t at = indent + words_width(label);
  report_text("%*s%s", (int)indent, "", label);
  if (!*text) {
    report_text("\n");
    return;
  }
  if (*label && at + 2 > column) {
    report_text("\n");
    at = 0;
  }
  report_text("%*s", (int)(column - at), "");
  at = column;
  for (const char *word = text; *word;) {
    size_t length = strcspn(word, " ");
    if (at > column && at + 1 + length > PAGE_WIDTH) {
      report_text("\n%*s", (int)column, "");
      at = column;
    }
    report_text("%s%.*s", at > column ? " " : "", (int)length, word);
    at += length + (at > column);
    word += length + strspn(word + length, " ");
  }
  report_text("\n");
}

/* ---- tables ---- */

struct report_table {
  const char *const *headings;
  size_t columns;
  struct cell {
    char *text;
    enum report_tint tint;
  } * cells;
  size_t n, capacity;
};

report_table *report_table_new(const char *const *headings, size_t columns) {
  report_table *table = report_resize(NULL, 1, sizeof *table);
  *table = (report_table){.headings = headings, .columns = columns};
  return table;
}

void report_table_free(report_table *table) {
  for (size_t i = 0; i < table->n; i++) free(table->cells[i].text);
  free(table->cells);
  free(table);
}

void report_table_cell(report_table *table, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = visible_text(format, args);
  va_end(args);
  if (table->n == table->capacity) {
    table->capacity = table->capacity ? 2 * table->capacity : 64;
    table->cells = report_resize(table->cells, table->capacity, sizeof *table->cells);
  }
  table->cells[table->n++] = (struct cell){text, REPORT_PLAIN};
}

void report_table_tint(report_table *table, enum report_tint tint) { table->cells[table->n - 1].tint = tint; }

/* cells NULL: the headings. The last column that is shown is not padded, so that no line ends in spaces. */
static void print_row(const size_t *widths, size_t columns, const char *const *headings, const struct cell *cells) {
  size_t gap = 0;
  for (size_t column = 0; column < columns; column++) {
    if (!widths[column]) continue;
    const char *cell = cells ? cells[column].text : headings[column] + (*headings[column] == '>');
    size_t width = words_width(cell);
    size_t room = width < widths[column] ? widths[column] - width : 0;
    size_t left = *headings[column] == '>' ? room : 0;
    if (*cell) {
      report_text("%*s", (int)(gap + left), "");
      report_tinted(cells ? cells[column].tint : REPORT_PLAIN, cell);
      gap = 0;
    } else {
      gap += left;
    }
    gap += room - left + 2;
  }
}

static void print_headings(const report_table *table, const size_t *widths) {
  int styled = shows_style();
  if (styled) report_text("\033[1m");
  print_row(widths, table->columns, table->headings, NULL);
  report_text(styled ? "\033[0m\n" : "\n");
}

void report_table_print(const report_table *table) {
  size_t *widths = report_resize(NULL, table->columns, sizeof *widths);
  for (size_t column = 0; column < table->columns; column++) {
    widths[column] = 0;
    for (size_t i = column; i < table->n; i += table->columns) {
      size_t width = words_width(table->cells[i].text);
      if (width > COLUMN_WIDTH) width = COLUMN_WIDTH;
      if (width > widths[column]) widths[column] = width;
    }
    size_t heading = words_width(table->headings[column]) - (*table->headings[column] == '>');
    if (widths[column] && heading > widths[column]) widths[column] = heading;
  }
  if (*table->headings[0]) print_headings(table, widths);
  for (size_t i = 0; i < table->n; i += table->columns) {
    print_row(widths, table->columns, table->headings, &table->cells[i]);
    report_text("\n");
  }
  free(widths);
}
