/* SPDX-License-Identifier: MIT
 * json.c: as much of JSON as a header of safetensors is made of, strictly: objects and lists are walked by the caller,
 * so that nothing is recursive and no tree is built of what the file claims. The text is known to be UTF-8. */
#include <string.h>

#include "formats/safetensors/safetensors.h"

static void skip_blanks(json_text *text) {
  while (text->at < text->size && text->bytes[text->at] && strchr(" \t\n\r", text->bytes[text->at])) text->at++;
}

int json_take(json_text *text, char c) {
  skip_blanks(text);
  if (text->at == text->size || text->bytes[text->at] != c) return 0;
  text->at++;
  return 1;
}

int32_t json_unexpected(json_text *text, const char *wanted) {
  uint64_t offset = text->origin + text->at;
  if (text->at >= text->size)
    return canon_fail(text->job, CANON_E_MALFORMED, text->origin + text->size, "the header ends where %s should be",
                      wanted);
  uint8_t found = (uint8_t)text->bytes[text->at];
  if (found <= 0x20 || found > 0x7e)
    return canon_fail(text->job, CANON_E_MALFORMED, offset, "the header has byte 0x%02x where %s should be", found,
                      wanted);
  return canon_fail(text->job, CANON_E_MALFORMED, offset, "the header has %c where %s should be", found, wanted);
}

int32_t json_end(json_text *text) {
  skip_blanks(text);
  return text->at == text->size ? CANON_OK : json_unexpected(text, "nothing but space after the last brace");
}

static int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The four digits after \u. */
static int32_t take_unit(json_text *text, uint32_t *unit) {
  *unit = 0;
  for (int i = 0; i < 4; i++) {
    int digit = text->at < text->size ? hex_value(text->bytes[text->at]) : -1;
    if (digit < 0) return json_unexpected(text, "a hexadecimal digit");
    *unit = *unit << 4 | (uint32_t)digit;
    text->at++;
  }
  return CANON_OK;
}

static int is_high(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
static int is_low(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/* One character, or two halves of one. */
static int32_t take_unicode(json_text *text, uint32_t *character) {
  uint64_t begin = text->at;
  uint32_t low = 0;
  int32_t code = take_unit(text, character);
  if (code || (!is_high(*character) && !is_low(*character))) return code;
  int is_pair = is_high(*character) && text->size - text->at >= 2 && !memcmp(text->bytes + text->at, "\\u", 2);
  if (is_pair) {
    text->at += 2;
    code = take_unit(text, &low);
  }
  if (code) return code;
  if (!is_pair || !is_low(low))
    return canon_fail(text->job, CANON_E_MALFORMED, text->origin + begin, "half of a surrogate pair in a string");
  *character = 0x10000 + ((*character - 0xD800) << 10) + (low - 0xDC00);
  return CANON_OK;
}

static char *put_utf8(char *out, uint32_t c) {
  if (c < 0x80) {
    *out++ = (char)c;
  } else if (c < 0x800) {
    *out++ = (char)(0xC0 | c >> 6);
    *out++ = (char)(0x80 | (c & 0x3F));
  } else {
    if (c < 0x10000) {
      *out++ = (char)(0xE0 | c >> 12);
    } else {
      *out++ = (char)(0xF0 | c >> 18);
      *out++ = (char)(0x80 | (c >> 12 & 0x3F));
    }
    *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    *out++ = (char)(0x80 | (c & 0x3F));
  }
  return out;
}

static const char ESCAPES[] = "\"\\/bfnrt", ESCAPED[] = "\"\\/\b\f\n\r\t";

/* Behind the backslash. No escape is shorter than what it stands for. */
static int32_t take_escape(json_text *text, char **out) {
  char c = text->at < text->size ? text->bytes[text->at] : '\0';
  const char *known = c ? strchr(ESCAPES, c) : NULL;
  uint32_t character;
  if (known) {
    text->at++;
    *(*out)++ = ESCAPED[known - ESCAPES];
    return CANON_OK;
  }
  if (c != 'u') return json_unexpected(text, "an escaped character");
  text->at++;
  int32_t code = take_unicode(text, &character);
  if (!code) *out = put_utf8(*out, character);
  return code;
}

int32_t json_string_read(json_text *text, const char *what, json_string *string) {
  skip_blanks(text);
  if (text->at == text->size || text->bytes[text->at] != '"') return json_unexpected(text, what);
  uint64_t end = ++text->at;
  while (end < text->size && text->bytes[end] != '"') end += text->bytes[end] == '\\' ? 2 : 1;
  if (end >= text->size) {
    text->at = text->size;
    return json_unexpected(text, "the end of a string");
  }
  char *bytes = arena_alloc(text->job, text->memory, end - text->at + 1), *out = bytes;
  if (!bytes) return canon_failed(text->job);
  while (text->at < end) {
    char c = text->bytes[text->at];
    if ((uint8_t)c < 0x20) return json_unexpected(text, "a character of a string");
    text->at++;
    int32_t code = CANON_OK;
    if (c == '\\') code = take_escape(text, &out);
    else *out++ = c;
    if (code) return code;
  }
  text->at = end + 1;
  *string = (json_string){bytes, (uint64_t)(out - bytes)};
  return CANON_OK;
}

int32_t json_number_read(json_text *text, const char *what, uint64_t *number) {
  skip_blanks(text);
  uint64_t begin = text->at;
  for (*number = 0; text->at < text->size; text->at++) {
    char c = text->bytes[text->at];
    if (c < '0' || c > '9') break;
    if (!canon_mul(*number, 10, number) || !canon_add(*number, (uint64_t)(c - '0'), number))
      return canon_fail(text->job, CANON_E_MALFORMED, text->origin + begin, "a number over 64 bits for %s", what);
  }
  char next = text->at < text->size ? text->bytes[text->at] : '\0';
  if (begin == text->at || next == '.' || next == 'e' || next == 'E') return json_unexpected(text, what);
  if (text->bytes[begin] == '0' && text->at - begin > 1)
    return canon_fail(text->job, CANON_E_MALFORMED, text->origin + begin, "a number that begins with 0 for %s", what);
  return CANON_OK;
}

uint64_t json_string_print(const char *bytes, uint64_t size, char *out) {
  static const char DIGITS[] = "0123456789abcdef";
  uint64_t n = 0;
  char piece[8];
  for (uint64_t i = 0; i <= size + 1; i++) {
    uint64_t length = 1;
    piece[0] = i == 0 || i == size + 1 ? '"' : bytes[i - 1];
    const char *known = i && i <= size && piece[0] && piece[0] != '/' ? strchr(ESCAPED, piece[0]) : NULL;
    if (known) {
      piece[0] = '\\';
      piece[1] = ESCAPES[known - ESCAPED];
      length = 2;
    } else if ((uint8_t)piece[0] < 0x20) {
      uint8_t control = (uint8_t)piece[0];
      memcpy(piece, "\\u00", 4);
      piece[4] = DIGITS[control >> 4];
      piece[5] = DIGITS[control & 15];
      length = 6;
    }
    if (out) memcpy(out + n, piece, length);
    n += length;
  }
  return n;
}
