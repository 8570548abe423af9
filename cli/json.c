/* SPDX-License-Identifier: MIT
 * json.c: see json.h. */
#include "cli/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "cli/words.h"

static void put(const json_writer *json, const char *bytes, size_t size) {
  if (json->file) fwrite(bytes, 1, size, json->file);
  else report_bytes(bytes, size);
}

static void put_string(const json_writer *json, const char *text) { put(json, text, strlen(text)); }

static void put_escape(const json_writer *json, uint32_t code) {
  static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
  const char *letter = code && code < 0x80 ? strchr(letters, (int)code) : NULL;
  char text[16];
  if (letter) snprintf(text, sizeof text, "\\%c", names[letter - letters]);
  else snprintf(text, sizeof text, "\\u%04" PRIx32, code);
  put_string(json, text);
}

static void put_text(const json_writer *json, const char *text) {
  size_t size = strlen(text);
  put(json, "\"", 1);
  while (size) {
    uint32_t code = 0;
    size_t length = words_decode(text, size, &code);
    if (size > 1 && memcmp(text, "\xc0\x80", 2) == 0) { /* a NUL, as canon.h writes it in a path */
      put_escape(json, 0);
      length = 2;
    } else if (!length) put_escape(json, 0xdc00u + (unsigned char)*text);
    else if (code < 0x20 || code == '"' || code == '\\' || code == 0x7f) put_escape(json, code);
    else if (code >= 0xd800 && code < 0xe000) put_escape(json, code);
    else put(json, text, length);
    text += length ? length : 1;
    size -= length ? length : 1;
  }
  put(json, "\"", 1);
}

static void begin(json_writer *json, const char *key) {
  if (json->comma) put(json, ",", 1);
  json->comma = 1;
  if (!key) return;
  put_text(json, key);
  put(json, ":", 1);
}

void json_open(json_writer *json, const char *key, char bracket) {
  begin(json, key);
  put(json, &bracket, 1);
  json->comma = 0;
}

void json_close(json_writer *json, char bracket) {
  put(json, &bracket, 1);
  json->comma = 1;
}

void json_end(json_writer *json) {
  put(json, "\n", 1);
  json->comma = 0;
}

void json_string(json_writer *json, const char *key, const char *text) {
  begin(json, key);
  if (text) put_text(json, text);
  else put_string(json, "null");
}

void json_unsigned(json_writer *json, const char *key, uint64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%" PRIu64, number);
  json_raw(json, key, text);
}

void json_signed(json_writer *json, const char *key, int64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%" PRId64, number);
  json_raw(json, key, text);
}

void json_boolean(json_writer *json, const char *key, int truth) { json_raw(json, key, truth ? "true" : "false"); }

void json_double(json_writer *json, const char *key, double number) {
  char text[WORDS_DOUBLE];
  const char *word = words_double(text, number); /* not in text where it is no number */
  if (isfinite(number)) json_raw(json, key, word);
  else json_string(json, key, word);
}

void json_hex(json_writer *json, const char *key, const uint8_t *bytes, uint64_t size) {
  begin(json, key);
  put(json, "\"", 1);
  for (uint64_t i = 0; i < size; i++) {
    char digits[3];
    snprintf(digits, sizeof digits, "%02x", bytes[i]);
    put(json, digits, 2);
  }
  put(json, "\"", 1);
}

void json_raw(json_writer *json, const char *key, const char *text) {
  begin(json, key);
  put_string(json, text);
}
