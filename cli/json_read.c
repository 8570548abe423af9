/* SPDX-License-Identifier: MIT
 * json_read.c: see json_read.h. */
#include "cli/json_read.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

enum { DEPTH = 16, MOST_VALUES = 4096, LONGEST_PATH = 1024 }; /* ours have far less */

struct reader {
  const char *text;
  size_t size, at;
  json_values *values;
  char *path;
  size_t path_size, path_room;
  struct level {
    char kind;
    size_t path_size; /* of the container itself */
    size_t n;
  } levels[DEPTH];
  size_t depth;
};

/* ---- words ---- */

static void skip_space(struct reader *r) {
  while (r->at < r->size && r->text[r->at] && strchr(" \t\r\n", r->text[r->at])) r->at++;
}

static int peek(const struct reader *r) { return r->at < r->size ? (unsigned char)r->text[r->at] : -1; }

static int take(struct reader *r, char c) {
  if (peek(r) != c) return 0;
  r->at++;
  return 1;
}

static int take_four_digits(struct reader *r, uint32_t *code) {
  *code = 0;
  for (int i = 0; i < 4; i++, r->at++) {
    static const char digits[] = "0123456789abcdef";
    int c = peek(r) >= 'A' && peek(r) <= 'F' ? peek(r) + 'a' - 'A' : peek(r);
    const char *digit = c > 0 ? strchr(digits, c) : NULL;
    if (!digit) return 0;
    *code = *code * 16 + (uint32_t)(digit - digits);
  }
  return 1;
}

/* As json_string wrote it: \u0000 as c0 80, \udc80 to \udcff as the byte, another lone surrogate as three bytes. */
static size_t put_code(char *to, uint32_t code) {
  if (code >= 0xdc80 && code <= 0xdcff) to[0] = (char)(code - 0xdc00);
  else if (code && code < 0x80) to[0] = (char)code;
  else if (code < 0x800) {
    to[0] = (char)(0xc0 | code >> 6);
    to[1] = (char)(0x80 | (code & 0x3f));
    return 2;
  } else if (code < 0x10000) {
    to[0] = (char)(0xe0 | code >> 12);
    to[1] = (char)(0x80 | (code >> 6 & 0x3f));
    to[2] = (char)(0x80 | (code & 0x3f));
    return 3;
  } else {
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code & 0x3f));
    return 4;
  }
  return 1;
}

/* Behind the backslash. */
static int take_escape(struct reader *r, char *to, size_t *n) {
  static const char names[] = "btnfr\"\\/", letters[] = "\b\t\n\f\r\"\\/";
  const char *name = peek(r) > 0 ? strchr(names, peek(r)) : NULL;
  if (name) {
    r->at++;
    to[(*n)++] = letters[name - names];
    return 1;
  }
  uint32_t code, low;
  if (!take(r, 'u') || !take_four_digits(r, &code)) return 0;
  size_t behind = r->at;
  if (code >= 0xd800 && code < 0xdc00 && take(r, '\\') && take(r, 'u') && take_four_digits(r, &low) && low >= 0xdc00 &&
      low < 0xe000)
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  else r->at = behind;
  *n += put_code(to + *n, code);
  return 1;
}

static char *take_string(struct reader *r) {
  if (!take(r, '"')) return NULL;
  size_t length = 0; /* up to the quote that no backslash precedes */
  while (r->at + length < r->size && r->text[r->at + length] != '"')
    length += r->text[r->at + length] == '\\' && r->at + length + 1 < r->size ? 2 : 1;
  char *string = report_resize(NULL, length + 1, 1); /* no escape is shorter than what it stands for */
  size_t n = 0;
  while (peek(r) >= 0x20 && peek(r) != '"') {
    if (!take(r, '\\')) string[n++] = r->text[r->at++];
    else if (!take_escape(r, string, &n)) break;
  }
  string[n] = 0;
  if (take(r, '"')) return string;
  free(string);
  return NULL;
}

static int is_plain(const char *text) {
  if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || strcmp(text, "null") == 0) return 1;
  char *end;
  strtod(text, &end);
  return (*text == '-' || (*text >= '0' && *text <= '9')) && !*end && !strpbrk(text, "xXpPiInN");
}

static char *take_plain(struct reader *r) {
  size_t n = 0;
  while (r->at + n < r->size && r->text[r->at + n] && !strchr(" \t\r\n,:]}[{\"", r->text[r->at + n])) n++;
  char *text = report_resize(NULL, n + 1, 1);
  memcpy(text, r->text + r->at, n);
  text[n] = 0;
  if (is_plain(text)) {
    r->at += n;
    return text;
  }
  free(text);
  return NULL;
}

/* ---- paths ---- */

static void path_put(struct reader *r, char c) {
  if (r->path_size + 1 >= r->path_room) r->path = report_resize(r->path, r->path_room = 2 * r->path_room + 64, 1);
  r->path[r->path_size++] = c;
  r->path[r->path_size] = 0;
}

static void path_enter(struct reader *r, const char *key) {
  path_put(r, '/');
  for (; *key; key++) {
    path_put(r, *key == '~' || *key == '/' ? '~' : *key);
    if (*key == '~' || *key == '/') path_put(r, *key == '~' ? '0' : '1');
  }
}

/* ---- values ---- */

static void add(struct reader *r, int kind, char *text) {
  json_values *values = r->values;
  if ((values->n & (values->n - 1)) == 0)
    values->items = report_resize(values->items, 2 * values->n + 1, sizeof *values->items);
  char *path = report_resize(NULL, r->path_size + 1, 1);
  if (r->path_size) memcpy(path, r->path, r->path_size);
  path[r->path_size] = 0;
  values->items[values->n++] = (json_value){path, kind, text};
}

/* A value begins; a container stays open. */
static int take_value(struct reader *r) {
  skip_space(r);
  int c = peek(r);
  if (r->values->n == MOST_VALUES || r->path_size > LONGEST_PATH) return 0;
  if (c == '{' || c == '[') {
    if (r->depth == DEPTH) return 0;
    r->at++;
    add(r, c, NULL);
    r->levels[r->depth++] = (struct level){.kind = (char)c, .path_size = r->path_size};
    return 1;
  }
  char *text = c == '"' ? take_string(r) : take_plain(r);
  if (!text) return 0;
  add(r, c == '"' ? JSON_STRING : JSON_PLAIN, text);
  return 1;
}

/* In an open container: its end, or its next element. */
static int take_element(struct reader *r) {
  struct level *level = &r->levels[r->depth - 1];
  r->path_size = level->path_size;
  skip_space(r);
  if (take(r, level->kind == '{' ? '}' : ']')) {
    r->depth--;
    return 1;
  }
  if (level->n && !take(r, ',')) return 0;
  char number[24], *key = NULL;
  snprintf(number, sizeof number, "%zu", level->n++);
  if (level->kind == '{') {
    skip_space(r);
    key = take_string(r);
    skip_space(r);
    if (!key || !take(r, ':')) {
      free(key);
      return 0;
    }
  }
  path_enter(r, key ? key : number);
  free(key);
  return take_value(r);
}

int json_read(const char *text, size_t size, json_values *values, size_t *place) {
  struct reader r = {.text = text, .size = size, .values = values};
  int ok = take_value(&r);
  while (ok && r.depth) ok = take_element(&r);
  skip_space(&r);
  free(r.path);
  *place = r.at;
  return ok && r.at == size;
}

void json_values_free(json_values *values) {
  for (size_t i = 0; i < values->n; i++) {
    free(values->items[i].path);
    free(values->items[i].text);
  }
  free(values->items);
}

const json_value *json_find(const json_values *values, const char *path, int kind) {
  const json_value *found = NULL;
  for (size_t i = 0; i < values->n; i++) {
    if (strcmp(values->items[i].path, path) != 0) continue;
    if (found) return NULL;
    found = &values->items[i];
  }
  return found && found->kind == kind ? found : NULL;
}
