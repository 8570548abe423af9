/* SPDX-License-Identifier: MIT
 * json.c: see json.h. */
#include "cli/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/report.h"
#include "cli/words.h"

static void put_escape(uint32_t code) {
  static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
  const char *letter = code ? strchr(letters, (int)code) : NULL;
  if (letter) report_text("\\%c", names[letter - letters]);
  else report_text("\\u%04" PRIx32, code);
}

static void put_text(const char *text) {
  size_t size = strlen(text);
  report_bytes("\"", 1);
  while (size) {
    uint32_t code = 0;
    size_t length = words_decode(text, size, &code);
    if (size > 1 && memcmp(text, "\xc0\x80", 2) == 0) { /* a NUL, as canon.h writes it in a path */
      put_escape(0);
      length = 2;
    } else if (!length) report_text("\\udc%02x", (unsigned char)*text);
    else if (code < 0x20 || code == '"' || code == '\\' || code == 0x7f) put_escape(code);
    else if (code >= 0xd800 && code < 0xe000) report_text("\\u%04" PRIx32, code);
    else report_bytes(text, length);
    text += length ? length : 1;
    size -= length ? length : 1;
  }
  report_bytes("\"", 1);
}

static void begin(json_writer *json, const char *key) {
  if (json->comma) report_bytes(",", 1);
  json->comma = 1;
  if (!key) return;
  put_text(key);
  report_bytes(":", 1);
}

void json_open(json_writer *json, const char *key, char bracket) {
  begin(json, key);
  report_bytes(&bracket, 1);
  json->comma = 0;
}

void json_close(json_writer *json, char bracket) {
  report_bytes(&bracket, 1);
  json->comma = 1;
}

void json_end(json_writer *json) {
  report_bytes("\n", 1);
  json->comma = 0;
}

void json_string(json_writer *json, const char *key, const char *text) {
  begin(json, key);
  if (text) put_text(text);
  else report_text("null");
}

void json_unsigned(json_writer *json, const char *key, uint64_t number) {
  begin(json, key);
  report_text("%" PRIu64, number);
}

void json_signed(json_writer *json, const char *key, int64_t number) {
  begin(json, key);
  report_text("%" PRId64, number);
}

void json_boolean(json_writer *json, const char *key, int truth) { json_raw(json, key, truth ? "true" : "false"); }

void json_double(json_writer *json, const char *key, double number) {
  char text[WORDS_DOUBLE];
  begin(json, key);
  report_text(isfinite(number) ? "%s" : "\"%s\"", words_double(text, number));
}

void json_hex(json_writer *json, const char *key, const uint8_t *bytes, uint64_t size) {
  begin(json, key);
  report_bytes("\"", 1);
  for (uint64_t i = 0; i < size; i++) report_text("%02x", bytes[i]);
  report_bytes("\"", 1);
}

void json_raw(json_writer *json, const char *key, const char *text) {
  begin(json, key);
  report_bytes(text, strlen(text));
}
