/* SPDX-License-Identifier: MIT
 * text.c: small values as Python prints them: keys that are tuples, attributes, ranges. What cannot be printed exactly
 * and shortly is not printed at all. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/common/pickle_text.h"
#include "formats/pt/pt.h"

enum { LONGEST = 1000, DEEPEST = 8 };

typedef struct printer {
  char text[LONGEST + 1];
  uint64_t used;
  int failed; /* too long, too deep, or nothing that has a short form */
} printer;

static void put(printer *out, const char *text, uint64_t size) {
  if (size > LONGEST - out->used) out->failed = 1;
  if (out->failed) return;
  memcpy(out->text + out->used, text, size);
  out->used += size;
}

static void put_word(printer *out, const char *word) { put(out, word, strlen(word)); }

/* One character of a str: Python leaves printable ones as they are. */
static void put_character(printer *out, const uint8_t *bytes, uint64_t length, uint32_t value, char quote) {
  char text[16];
  int n = 0;
  if (value == (uint32_t)quote || value == '\\') n = snprintf(text, sizeof text, "\\%c", (char)value);
  else if (value == '\n' || value == '\r' || value == '\t')
    n = snprintf(text, sizeof text, "\\%c", value == '\n' ? 'n' : value == '\r' ? 'r' : 't');
  else if (value < 0x20 || (value >= 0x7F && value <= 0xA0) || value == 0xAD)
    n = snprintf(text, sizeof text, "\\x%02" PRIx32, value);
  else if (value >= 0xD800 && value < 0xE000) n = snprintf(text, sizeof text, "\\u%04" PRIx32, value);
  if (n) put(out, text, (uint64_t)n);
  else put(out, (const char *)bytes, length);
}

static void put_str(printer *out, const pickle_value *value) {
  const uint8_t *text = value->as.text.bytes;
  uint64_t size = value->as.text.size;
  char quote = size && memchr(text, '\'', size) && !memchr(text, '"', size) ? '"' : '\'';
  int is_bytes = value->kind != PICKLE_STR;
  if (is_bytes) put(out, "b", 1);
  put(out, &quote, 1);
  for (uint64_t i = 0, length; i < size && !out->failed; i += length) {
    uint32_t lead = text[i], code = lead;
    length = is_bytes || lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; /* it is known to be UTF-8 */
    if (length > 1) code = lead & (0x7Fu >> length);
    for (uint64_t k = 1; k < length; k++) code = code << 6 | (text[i + k] & 0x3Fu);
    if (is_bytes && code >= 0x7F) {
      char escape[8];
      put(out, escape, (uint64_t)snprintf(escape, sizeof escape, "\\x%02" PRIx32, code));
    } else {
      put_character(out, text + i, length, code, quote);
    }
  }
  put(out, &quote, 1);
}

/* The shortest digits that read back as the same number, laid out as repr() does. */
static void put_float(printer *out, double value) {
  char digits[40], text[64];
  double back = 0;
  if (!isfinite(value)) {
    put_word(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return;
  }
  for (int precision = 0; precision < 17; precision++) {
    int n = snprintf(digits, sizeof digits, "%.*e", precision, value);
    for (int i = 0; i < n; i++)
      if (!strchr("0123456789+-e", digits[i])) digits[i] = '.'; /* whatever the locale has there */
    if (pickle_text_to_float((const uint8_t *)digits, (uint64_t)n, &back) && back == value) break;
  }
  char *mark = strchr(digits, 'e');
  int exponent = atoi(mark + 1), n_digits = 0;
  char significant[24];
  for (const char *p = digits; p < mark; p++)
    if (*p >= '0' && *p <= '9') significant[n_digits++] = *p;
  significant[n_digits] = 0;
  if (signbit(value)) put(out, "-", 1);
  if (exponent < -4 || exponent >= 16) {
    snprintf(text, sizeof text, "%c%s%se%c%02d", significant[0], n_digits > 1 ? "." : "", significant + 1,
             exponent < 0 ? '-' : '+', abs(exponent));
  } else if (exponent < 0) {
    snprintf(text, sizeof text, "0.%.*s%s", -exponent - 1, "000", significant);
  } else if (n_digits <= exponent + 1) {
    snprintf(text, sizeof text, "%s%.*s.0", significant, exponent + 1 - n_digits, "0000000000000000");
  } else {
    snprintf(text, sizeof text, "%.*s.%s", exponent + 1, significant, significant + exponent + 1);
  }
  put_word(out, text);
}

static void put_value(printer *out, const pickle_value *value, uint32_t depth) {
  int64_t integer = 0;
  double real;
  char text[32];
  switch (value->kind) {
    case PICKLE_NONE: put_word(out, "None"); break;
    case PICKLE_BOOL: put_word(out, value->as.number.bytes[0] ? "True" : "False"); break;
    case PICKLE_INT:
      pickle_to_i64(value, &integer);
      snprintf(text, sizeof text, "%" PRId64, integer);
      put_word(out, text);
      break;
    case PICKLE_FLOAT:
      memcpy(&real, value->as.number.bytes, sizeof real);
      put_float(out, real);
      break;
    case PICKLE_STR:
    case PICKLE_BYTES: put_str(out, value); break;
    case PICKLE_TUPLE:
      if (depth == DEEPEST) out->failed = 1;
      put(out, "(", 1);
      for (uint32_t i = 0; i < value->as.items.n && !out->failed; i++) {
        if (i) put(out, ", ", 2);
        put_value(out, value->as.items.at[i], depth + 1);
      }
      put_word(out, value->as.items.n == 1 ? ",)" : ")");
      break;
    default: out->failed = 1;
  }
}

int32_t pt_print(canon_job *job, pt_reader *reader, const pickle_value *value, const char **text, uint64_t *size) {
  printer out = {.used = 0};
  put_value(&out, value, 0);
  *text = NULL;
  *size = 0;
  if (out.failed) return CANON_OK;
  *text = arena_text(job, &reader->pickle.memory, out.text, out.used);
  *size = out.used;
  return *text ? CANON_OK : canon_failed(job);
}
