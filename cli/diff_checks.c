/* SPDX-License-Identifier: MIT
 * diff_checks.c: see diff_checks.h. A tolerance file has one rule a line, the last one that fits counts:
 *   PATTERN [rtol=NUMBER] [atol=NUMBER] [ulp=N]          # to the end of a line: a comment */
#include "cli/diff_checks.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

enum { MOST_BYTES = 16 << 20, WHERE = 32 };

/* ---- numbers ---- */

/* A finite number from 0 on, with nothing behind it; 0 only where 0 is written. */
static int tolerance_number(const char *text, double *number) {
  char *end;
  if (!strchr("0123456789.", *text)) return 0;
  errno = 0;
  *number = strtod(text, &end);
  int is_lost = *number == 0 && errno == ERANGE;
  return end != text && !*end && isfinite(*number) && *number >= 0 && !is_lost;
}

/* Of a number that is refused: what it looks like is right, so what is wrong has to be said. */
static const char *size_note(const char *text) {
  char *end;
  errno = 0;
  double number = strtod(text, &end);
  if (end == text || *end || errno != ERANGE) return "";
  return number == 0 ? ", which is less than a double can hold" : ", which is more than a double can hold";
}

static int own_number(const char *name, const char *text, double *number) {
  if (!text || tolerance_number(text, number)) return 1;
  report_error("--%s takes a number from 0 on such as 1e-5, not '%s'%s", name, text, size_note(text));
  return 0;
}

/* ---- the file ---- */

static int read_file(const char *name, char **text) {
  FILE *file = fopen(name, "rb");
  size_t size = 0, room = 0, n = 1;
  if (!file) {
    report_error("%s: cannot open: %s", name, strerror(errno));
    return 2;
  }
  while (n && size <= MOST_BYTES) {
    if (size + 1 >= room) *text = report_resize(*text, room = 2 * room + 4096, 1);
    n = fread(*text + size, 1, room - 1 - size, file);
    size += n;
  }
  int failed = ferror(file);
  fclose(file);
  (*text)[size] = 0;
  if (failed) report_error("%s: cannot read: %s", name, strerror(errno));
  else if (size > MOST_BYTES) report_error("%s: it is larger than a tolerance file may be (16 MiB)", name);
  else if (strlen(*text) != size) report_error("%s: it holds a NUL, so it is no tolerance file", name);
  else return 0;
  return 2;
}

/* Takes the last word off the line, if it is one of ours. NULL: none is left. */
static char *last_word(char *line) {
  size_t end = strlen(line);
  while (end && strchr(" \t\r", line[end - 1])) line[--end] = 0;
  size_t start = end;
  while (start && !strchr(" \t", line[start - 1])) start--;
  char *word = line + start;
  int is_ours = strncmp(word, "rtol=", 5) == 0 || strncmp(word, "atol=", 5) == 0 || strncmp(word, "ulp=", 4) == 0;
  if (!is_ours || !start) return NULL;
  line[start - 1] = 0;
  return word;
}

/* seen: first letters of the words before it, of which each may be there once. */
static int take_word(const char *where, char *word, char seen[4], canon_tolerance *row) {
  char *value = strchr(word, '=') + 1;
  if (strchr(seen, word[0])) {
    report_error("%s: %.*s is given twice; leave one of them", where, (int)(value - 1 - word), word);
    return 2;
  }
  seen[strlen(seen)] = word[0];
  if (word[0] == 'u') {
    row->flags |= CANON_TOLERANCE_ULP;
    if (words_number(value, 0, &row->ulp)) return 0;
    report_error("%s: ulp is a whole number, not '%s'", where, value);
    return 2;
  }
  if (tolerance_number(value, word[0] == 'r' ? &row->rtol : &row->atol)) return 0;
  report_error("%s: %.4s is a number from 0 on such as 1e-5, not '%s'%s", where, word, value, size_note(value));
  return 2;
}

/* A # within a word is part of a path. */
static void cut_comment(char *line) {
  for (char *at = line; *at; at++)
    if (*at == '#' && (at == line || strchr(" \t", at[-1]))) {
      *at = 0;
      return;
    }
}

static int take_line(struct diff_checks *checks, const char *name, size_t number, char *line) {
  char *word;
  cut_comment(line);
  line += strspn(line, " \t\r");
  if (!*line) return 0;
  char *where = report_resize(NULL, strlen(name) + WHERE, 1);
  sprintf(where, "%s: line %zu", name, number);
  canon_tolerance row = {.where = where};
  char seen[4] = "";
  int status = 0;
  while (!status && (word = last_word(line))) status = take_word(where, word, seen, &row);
  if (!status && (!*seen || (*line != '/' && *line != '*'))) {
    report_error("%s: '%s' is no rule; one looks like /encoder/** rtol=1e-5 atol=1e-8, or /bias ulp=1", where, line);
    status = 2;
  }
  row.pattern = line;
  checks->rows = report_resize(checks->rows, checks->n_rows + 1, sizeof *checks->rows);
  checks->rows[checks->n_rows++] = row;
  return status;
}

static int take_file(struct diff_checks *checks, const char *name) {
  int status = read_file(name, &checks->text);
  char *line = checks->text;
  if (!status && strncmp(line, "\xef\xbb\xbf", 3) == 0) line += 3; /* a byte order mark, as Windows writes it */
  for (size_t number = 1; !status && line; number++) {
    char *end = strchr(line, '\n');
    if (end) *end++ = 0;
    status = take_line(checks, name, number, line);
    line = end;
  }
  return status;
}

/* ---- all of them ---- */

static int add(struct diff_checks *checks, canon_check check) {
  if (checks->n == CANON_MAX_CHECKS) {
    report_error("more than %d presets and tolerances at once", CANON_MAX_CHECKS);
    return 2;
  }
  checks->items[checks->n++] = check;
  return 0;
}

static int add_presets(struct diff_checks *checks, const cli_list *names, const char *option, int exact) {
  int status = 0;
  for (size_t i = 0; !status && i < names->n; i++) {
    const canon_check *preset = canon_check_preset(names->items[i]);
    if (!preset) {
      report_error("--%s takes torch, numpy, bitsandbytes or assert_close, not '%s'", option, names->items[i]);
      return 2;
    }
    canon_check check = *preset;
    if (exact) check.arithmetic = CANON_ARITHMETIC_EXACT;
    int known = 0;
    for (uint64_t k = 0; k < checks->n; k++) known |= strcmp(checks->items[k].name, check.name) == 0;
    if (!known) status = add(checks, check);
  }
  return status;
}

static int add_own(struct diff_checks *checks, const cli_options *options) {
  canon_tolerance *own = &checks->own;
  int has_ulp = options->ulp != CLI_DEFAULT;
  if (!options->rtol && !options->atol && !has_ulp) return 0;
  *own = (canon_tolerance){.flags = has_ulp ? CANON_TOLERANCE_ULP : 0, .ulp = has_ulp ? options->ulp : 0};
  if (!own_number("rtol", options->rtol, &own->rtol) || !own_number("atol", options->atol, &own->atol)) return 2;
  return add(checks, (canon_check){.name = "tolerance", .rows = own, .n_rows = 1});
}

static int add_file(struct diff_checks *checks, const char *name) {
  if (!name) return 0;
  int status = take_file(checks, name);
  return status ? status : add(checks, (canon_check){.name = "file", .rows = checks->rows, .n_rows = checks->n_rows});
}

int diff_checks_fill(struct diff_checks *checks, const cli_options *options) {
  *checks = (struct diff_checks){.n = 0};
  int status = add_presets(checks, &options->preset, "preset", options->exact_bounds);
  if (!status) status = add_own(checks, options);
  if (!status) status = add_file(checks, options->tolerances);
  checks->deciding = checks->n;
  if (!status) status = add_presets(checks, &options->report, "report", options->exact_bounds);
  for (uint64_t i = 0; i < checks->n; i++)
    if (options->equal_nan) checks->items[i].flags |= CANON_CHECK_EQUAL_NAN;
  return status;
}

void diff_checks_free(struct diff_checks *checks) {
  for (uint64_t i = 0; i < checks->n_rows; i++) free((char *)(uintptr_t)checks->rows[i].where);
  free(checks->rows);
  free(checks->text);
}
