/* SPDX-License-Identifier: MIT
 * sums.c: see sums.h. */
#include "cli/sums.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/artifact.h"
#include "cli/report.h"
#include "cli/words.h"

const char *const sum_names[SUM_SCHEMES] = {"canon1-tensors", "canon1-tree", "canon1-sha256"};

/* ---- writing ---- */

char *sums_join(const char *file, const char *path) {
  size_t length = strlen(file);
  int sharp = *path && artifact_file_length(file) == length;
  char *name = report_resize(NULL, length + strlen(path) + 2, 1);
  sprintf(name, "%s%s%s", file, sharp ? "#" : "", path);
  return name;
}

/* Bytes of the next character, and whether they are written as they are. */
static size_t next_character(const char *text, int *plain) {
  uint32_t code = 0;
  size_t length = words_decode(text, strlen(text), &code);
  *plain = length && !words_moves_cursor(code) && code != '\\';
  return length ? length : 1;
}

static int needs_escapes(const char *text) {
  for (int plain; *text; text += next_character(text, &plain))
    if (next_character(text, &plain) && !plain) return 1;
  return 0;
}

static void print_escaped(const char *text) {
  while (*text) {
    int plain;
    size_t length = next_character(text, &plain);
    if (plain) report_bytes(text, length);
    else if (*text == '\\') report_text("\\\\");
    else if (*text == '\n') report_text("\\n");
    else if (*text == '\r') report_text("\\r");
    else
      for (size_t i = 0; i < length; i++) report_text("\\x%02x", (unsigned char)text[i]);
    text += length;
  }
}

void sums_print(int scheme, const char *file, const char *path, const uint8_t digest[SUM_BYTES]) {
  char *name = sums_join(file, path);
  report_text("%s%s (", needs_escapes(name) ? "\\" : "", sum_names[scheme]);
  print_escaped(name);
  report_text(") = ");
  for (size_t i = 0; i < SUM_BYTES; i++) report_text("%02x", digest[i]);
  report_text("\n");
  free(name);
}

/* ---- reading ---- */

static int digit(char c) {
  static const char digits[] = "0123456789abcdef";
  const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
  return at ? (int)(at - digits) : -1;
}

int sums_hex(const char *text, size_t size, uint8_t digest[SUM_BYTES]) {
  if (size != 2 * SUM_BYTES) return 0;
  for (size_t i = 0; i < SUM_BYTES; i++) {
    int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return 0;
    digest[i] = (uint8_t)(16 * high + low);
  }
  return 1;
}

/* In place; 0 where it is no escaped name. */
static int unescape(char *text) {
  char *to = text;
  for (; *text; text++) {
    if (*text != '\\') {
      *to++ = *text;
      continue;
    }
    switch (*++text) {
      case '\\': *to++ = '\\'; break;
      case 'n': *to++ = '\n'; break;
      case 'r': *to++ = '\r'; break;
      case 'x': {
        int high = digit(text[1]), low = high < 0 ? -1 : digit(text[2]);
        if (low < 0 || 16 * high + low == 0) return 0;
        *to++ = (char)(16 * high + low);
        text += 2;
        break;
      }
      default: return 0;
    }
  }
  *to = 0;
  return 1;
}

static int refuse(const char *name, size_t line, const char *what) {
  report_error("%s: line %zu %s", name, line, what);
  return 3;
}

static char *find_last(char *text, const char *wanted) {
  char *found = NULL;
  for (char *at = text; (at = strstr(at, wanted)); at++) found = at;
  return found;
}

/* SCHEME (FILE) = HEX. The last ") = " ends FILE, for no digit is a bracket. */
static int parse_line(const char *name, size_t number, char *line, struct sum *sum) {
  int escaped = *line == '\\';
  char *scheme = line + escaped, *file = strstr(scheme, " ("), *hex = file ? find_last(file, ") = ") : NULL;
  if (!hex) return refuse(name, number, "is not SCHEME (FILE) = HEX, as canon digest writes it");
  *file = *hex = 0;
  file += 2;
  hex += 4;
  for (sum->scheme = 0; sum->scheme < SUM_SCHEMES; sum->scheme++)
    if (strcmp(scheme, sum_names[sum->scheme]) == 0) break;
  if (sum->scheme == SUM_SCHEMES) {
    report_error("%s: line %zu has a digest '%s', which this canon does not know; it knows %s, %s and %s", name, number,
                 scheme, sum_names[0], sum_names[1], sum_names[2]);
    return 3;
  }
  if (!sums_hex(hex, strlen(hex), sum->digest)) return refuse(name, number, "does not end in 64 hexadecimal digits");
  if (escaped && !unescape(file)) return refuse(name, number, "has an escape that is none of \\\\, \\n, \\r and \\xHH");
  if (!*file) return refuse(name, number, "names no file");
  sum->file = file;
  return 0;
}

int sums_parse(const char *name, char *text, size_t size, struct sums *sums) {
  size_t room = 0, number = 0;
  for (char *end = text + size, *line = text, *next; line < end; line = next) {
    char *newline = memchr(line, '\n', (size_t)(end - line));
    next = newline ? newline + 1 : end;
    char *stop = newline ? newline : end; /* text has a byte behind its end */
    if (stop > line && stop[-1] == '\r') stop--;
    *stop = 0;
    number++;
    if (memchr(line, 0, (size_t)(stop - line))) return refuse(name, number, "has a NUL byte: is it a list?");
    if (stop == line) continue;
    if (sums->n == room) sums->items = report_resize(sums->items, room = 2 * room + 16, sizeof *sums->items);
    int status = parse_line(name, number, line, &sums->items[sums->n]);
    if (status) return status;
    sums->n++;
  }
  if (sums->n) return 0;
  report_error("%s: it holds no digests", name);
  return 3;
}

void sums_free(struct sums *sums) { free(sums->items); }
