/* SPDX-License-Identifier: MIT
 * text.c: see text.h. */
#include "core/base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

static int room(struct text *text, size_t n) {
  if (text->failed) return 0;
  void *memory = text->bytes;
  if (n > SIZE_MAX - 1 - text->size || !mem_reserve(&memory, 1, &text->capacity, text->size + n + 1)) {
    text->failed = 1;
    return 0;
  }
  text->bytes = memory;
  return 1;
}

void text_add(struct text *text, const void *bytes, size_t n) {
  if (!room(text, n)) return;
  if (n) memcpy(text->bytes + text->size, bytes, n);
  text->size += n;
  text->bytes[text->size] = 0;
}

void text_string(struct text *text, const char *string) { text_add(text, string, strlen(string)); }

void text_char(struct text *text, char c) { text_add(text, &c, 1); }

void text_printf(struct text *text, const char *format, ...) {
  char small[256];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(small, sizeof small, format, args);
  va_end(args);
  if (n < 0) {
    text->failed = 1;
  } else if ((size_t)n < sizeof small) {
    text_add(text, small, (size_t)n);
  } else if (room(text, (size_t)n)) {
    va_start(args, format);
    vsnprintf(text->bytes + text->size, (size_t)n + 1, format, args);
    va_end(args);
    text->size += (size_t)n;
  }
}

/* Bytes that a character becomes, put into escape; 0: it stays as it is. size 0: not UTF-8, and code is a byte. */
typedef size_t escaper(uint32_t code, size_t size, char escape[12]);

static void add_escaped(struct text *text, const void *bytes, size_t n, escaper *escape_of) {
  const uint8_t *s = bytes;
  size_t kept = 0; /* everything before it is in text */
  for (size_t i = 0; i < n;) {
    uint32_t code = s[i];
    size_t size = utf8_next(s + i, n - i, &code);
    char escape[12];
    size_t escape_size = escape_of(code, size, escape);
    size_t next = i + (size ? size : 1);
    if (escape_size) {
      if (i > kept) text_add(text, s + kept, i - kept);
      text_add(text, escape, escape_size);
      kept = next;
    }
    i = next;
  }
  if (n > kept) text_add(text, s + kept, n - kept);
}

static int is_surrogate(uint32_t code) { return code >= 0xd800 && code <= 0xdfff; }

static size_t print_escape(char escape[12], const char *format, uint32_t code) {
  return (size_t)snprintf(escape, 12, format, (unsigned)code);
}

static size_t json_escape(uint32_t code, size_t size, char escape[12]) {
  static const char short_forms[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
  if (size == 0) return print_escape(escape, "\\u%04x", 0xdc00 + code);
  char short_form = code < 0x20 ? short_forms[code] : code == '"' || code == '\\' ? (char)code : 0;
  if (short_form) {
    escape[0] = '\\';
    escape[1] = short_form;
    return 2;
  }
  return code < 0x20 || is_surrogate(code) ? print_escape(escape, "\\u%04x", code) : 0;
}

void text_json_string(struct text *text, const void *bytes, size_t n) {
  text_char(text, '"');
  add_escaped(text, bytes, n, json_escape);
  text_char(text, '"');
}

/* Unicode's Bidi_Control, and the two separators that end a line. */
static int reorders_text(uint32_t code) {
  return code == 0x061c || code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

static size_t visible_escape(uint32_t code, size_t size, char escape[12]) {
  if (size == 0 || code < 0x20 || code == 0x7f) return print_escape(escape, "\\x%02x", code);
  if ((code >= 0x80 && code < 0xa0) || is_surrogate(code) || reorders_text(code))
    return print_escape(escape, "\\u%04x", code);
  return 0;
}

void text_visible(struct text *text, const void *bytes, size_t n) { add_escaped(text, bytes, n, visible_escape); }

void text_hex(struct text *text, const void *bytes, size_t n) {
  const uint8_t *s = bytes;
  if (n > SIZE_MAX / 4) text->failed = 1;
  if (!room(text, 2 * n)) return;
  for (size_t i = 0; i < n; i++) {
    text->bytes[text->size++] = "0123456789abcdef"[s[i] >> 4];
    text->bytes[text->size++] = "0123456789abcdef"[s[i] & 15];
  }
  text->bytes[text->size] = 0;
}

void text_cut(struct text *text, size_t size) {
  if (size >= text->size) return;
  text->size = size;
  text->bytes[size] = 0;
}

void text_free(struct text *text) {
  mem_free(text->bytes);
  *text = (struct text){0};
}
