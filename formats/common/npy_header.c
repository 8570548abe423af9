/* SPDX-License-Identifier: MIT
 * npy_header.c: reads everything before the elements of an array, called by open.
 * The text is a Python literal; this is no Python parser but takes the one dict that can be meant, in any spelling
 * that a writer is known to use. One pass, no recursion: brackets inside descr are refused, not followed. */
#include "formats/common/npy_header.h"

#include <string.h>

#define TEXT_LIMIT (NPY_LONGEST_HEADER - 12)

typedef struct parser {
  canon_job *job;
  const canon_instance *instance;
  const npy_bytes *bytes;
  const char *text;
  uint64_t size, at;
  uint64_t origin; /* byte of the array at which the text begins */
  npy_header *header;
} parser;

static int32_t preamble(canon_job *job, const npy_bytes *bytes, npy_header *header, uint64_t *origin, uint64_t *size);
static int32_t parse(parser *p);

int32_t npy_fail(canon_job *job, const npy_bytes *bytes, int32_t code, uint64_t at, const char *format, ...) {
  enum { LONGEST_NAME = 80 };
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  uint64_t offset = bytes->is_apart || at == CANON_NONE ? CANON_NONE : bytes->start + at;
  if (!bytes->name_size) return canon_fail(job, code, offset, "%s", text);
  int length = (int)(bytes->name_size < LONGEST_NAME ? bytes->name_size : LONGEST_NAME);
  return canon_fail(job, code, offset, "record %.*s: %s", length, bytes->name, text);
}

/* At most what the array has: the callers have looked. */
static int32_t read_head(canon_job *job, const npy_bytes *bytes, uint64_t at, void *dst, uint64_t size) {
  if (!bytes->head) return job->host->source_read(job, bytes->source, bytes->start + at, dst, size);
  if (size > bytes->head_size || at > bytes->head_size - size)
    return npy_fail(job, bytes, CANON_E_MALFORMED, bytes->head_size, "the header ends after %" PRIu64 " bytes",
                    bytes->head_size);
  memcpy(dst, bytes->head + at, size);
  return CANON_OK;
}

static int measure(npy_header *header) {
  if (header->dtype)
    return npy_shape_bytes(header->shape, header->rank, header->dtype, &header->elements, &header->bytes);
  return canon_elements(header->shape, header->rank, &header->elements) &&
         canon_mul(header->elements, header->opaque_size, &header->bytes) && header->bytes <= INT64_MAX;
}

int32_t npy_header_read(canon_job *job, const canon_instance *instance, const npy_bytes *bytes, npy_header *header) {
  uint64_t origin = 0, size = 0;
  int32_t code = preamble(job, bytes, header, &origin, &size);
  if (code) return code;
  char *text = canon_alloc(job, size ? size : 1);
  if (!text) return canon_failed(job);
  code = read_head(job, bytes, origin, text, size);
  if (!code) {
    parser p = {job, instance, bytes, text, size, 0, origin, header};
    code = parse(&p);
  }
  if (!code) header->spelled_by_numpy = npy_is_spelled_by_numpy(header, text, size) ? 1 : 0;
  canon_free(job, text);
  if (code) return code;

  header->data = origin + size;
  if (!measure(header))
    return npy_fail(job, bytes, CANON_E_MALFORMED, origin,
                    "the shape claims over 2^63 - 1 bytes; the header is damaged");
  uint64_t available = bytes->size - header->data;
  if (header->bytes > available)
    return npy_fail(job, bytes, CANON_E_MALFORMED, header->data,
                    "%" PRIu64 " bytes of elements expected, %" PRIu64
                    " available; the file is cut short, get it again",
                    header->bytes, available);
  return CANON_OK;
}

int npy_shape_bytes(const uint64_t *shape, uint32_t rank, uint32_t dtype, uint64_t *elements, uint64_t *bytes) {
  uint64_t total = canon_dtype_size(dtype);
  int zero = 0;
  for (uint32_t i = 0; i < rank; i++) {
    if (shape[i] > INT64_MAX) return 0;
    if (shape[i] == 0) zero = 1;
    else if (!canon_mul(total, shape[i], &total) || total > INT64_MAX) return 0;
  }
  *bytes = zero ? 0 : total;
  *elements = *bytes / canon_dtype_size(dtype);
  return 1;
}

static int32_t cut_short(canon_job *job, const npy_bytes *bytes, uint64_t needed) {
  return npy_fail(job, bytes, CANON_E_MALFORMED, bytes->size,
                  "the header needs %" PRIu64 " bytes, the file has %" PRIu64 "; the file is cut short, get it again",
                  needed, bytes->size);
}

/* Magic, version and length: where the text lies. */
static int32_t preamble(canon_job *job, const npy_bytes *bytes, npy_header *header, uint64_t *origin, uint64_t *size) {
  uint64_t available = bytes->size;
  uint8_t head[12] = {0};
  int32_t code = read_head(job, bytes, 0, head, available < sizeof head ? available : sizeof head);
  if (code) return code;
  if (available < NPY_MAGIC_BYTES || memcmp(head, NPY_MAGIC, NPY_MAGIC_BYTES) != 0)
    return npy_fail(job, bytes, CANON_E_MALFORMED, 0,
                    "does not begin with the magic bytes of .npy (93 4e 55 4d 50 59)");
  if (available < 10) return cut_short(job, bytes, 10);
  if (head[6] < 1 || head[6] > 3 || head[7] != 0)
    return npy_fail(job, bytes, CANON_E_UNSUPPORTED, 6, "format version %u.%u, known are 1.0, 2.0 and 3.0", head[6],
                    head[7]);
  header->version = head[6];
  *origin = header->version == 1 ? 10 : 12;
  if (available < *origin) return cut_short(job, bytes, *origin);
  *size = header->version == 1 ? canon_load_le16(head + 8) : canon_load_le32(head + 8);
  if (*size > available - *origin) return cut_short(job, bytes, *origin + *size);
  if (*size > TEXT_LIMIT)
    return npy_fail(job, bytes, CANON_E_LIMIT, 8, "a header of %" PRIu64 " bytes, the limit is %" PRIu64, *size,
                    TEXT_LIMIT);
  return CANON_OK;
}

static int32_t unexpected(parser *p, const char *wanted) {
  uint64_t offset = p->origin + p->at;
  if (p->at == p->size)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, offset, "the header ends where %s should be", wanted);
  uint8_t found = (uint8_t)p->text[p->at];
  if (found < 0x20 || found > 0x7e)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, offset, "the header has byte 0x%02x where %s should be", found,
                    wanted);
  return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, offset, "the header has %c where %s should be", found, wanted);
}

static void skip_space(parser *p) {
  while (p->at < p->size && p->text[p->at] && strchr(" \t\n\r\f", p->text[p->at])) p->at++;
}

/* Skips space; takes c if it is next. */
static int take(parser *p, char c) {
  skip_space(p);
  if (p->at == p->size || p->text[p->at] != c) return 0;
  p->at++;
  return 1;
}

/* A string in either quotes, as it stands: writers of .npy need no escapes and no prefixes. */
static int32_t take_string(parser *p, const char *wanted, const char **begin, uint64_t *length) {
  skip_space(p);
  if (p->at == p->size || (p->text[p->at] != '\'' && p->text[p->at] != '"')) return unexpected(p, wanted);
  char quote = p->text[p->at++];
  *begin = p->text + p->at;
  while (p->at < p->size && p->text[p->at] != quote) {
    if (p->text[p->at] == '\\' || p->text[p->at] == '\n') return unexpected(p, "a plain string");
    p->at++;
  }
  if (p->at == p->size) return unexpected(p, "a closing quote");
  *length = (uint64_t)(p->text + p->at - *begin);
  p->at++;
  return CANON_OK;
}

static int take_word(parser *p, const char *word) {
  uint64_t length = strlen(word);
  skip_space(p);
  if (p->size - p->at < length || memcmp(p->text + p->at, word, length) != 0) return 0;
  p->at += length;
  return 1;
}

static int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

/* The base that a prefix at the parser's place announces, the prefix taken. */
static int take_base(parser *p) {
  if (p->size - p->at < 2 || p->text[p->at] != '0') return 10;
  int base = 10;
  switch (p->text[p->at + 1]) {
    case 'x':
    case 'X': base = 16; break;
    case 'o':
    case 'O': base = 8; break;
    case 'b':
    case 'B': base = 2; break;
    default: return 10;
  }
  p->at += 2;
  return base;
}

/* Digits of one base with single underscores between them (after a prefix also before them), at most 2^63 - 1. */
static int32_t take_digits(parser *p, int base, int underscore, uint64_t *value) {
  uint64_t begin = p->at;
  int any = 0;
  for (*value = 0; p->at < p->size; p->at++) {
    if (p->text[p->at] == '_' && underscore) {
      underscore = 0;
      continue;
    }
    int digit = digit_value(p->text[p->at]);
    if (digit >= base) break;
    if (*value > ((uint64_t)INT64_MAX - (uint64_t)digit) / (uint64_t)base)
      return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, p->origin + begin,
                      "dimension over 2^63 - 1; the header is damaged");
    *value = *value * (uint64_t)base + (uint64_t)digit;
    any = underscore = 1;
  }
  if (!any || !underscore) return unexpected(p, "a digit");
  if (base == 10 && *value && p->text[begin] == '0')
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, p->origin + begin,
                    "a dimension begins with 0: octal or decimal?");
  return CANON_OK;
}

/* An integer of Python 3 and, in 1.0 and 2.0, one of Python 2 with its L. */
static int32_t take_dimension(parser *p, uint64_t *value) {
  int negative = take(p, '-');
  if (!negative) take(p, '+');
  skip_space(p);
  uint64_t begin = p->at;
  int base = take_base(p);
  if (p->at == p->size || (base == 10 && digit_value(p->text[p->at]) > 9)) return unexpected(p, "an integer dimension");
  int32_t code = take_digits(p, base, base != 10, value);
  if (code) return code;
  if (negative && *value)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, p->origin + begin, "dimension -%" PRIu64 " is negative",
                    *value);
  if (p->header->version <= 2) take(p, 'L');
  return CANON_OK;
}

static int32_t shape_value(parser *p) {
  npy_header *header = p->header;
  if (!take(p, '(')) return unexpected(p, "the tuple of shape");
  int comma = 1;
  while (!take(p, ')')) {
    if (!comma) return unexpected(p, "',' or ')' of shape");
    if (header->rank == CANON_MAX_RANK)
      return npy_fail(p->job, p->bytes, CANON_E_LIMIT, p->origin + p->at, "more than %d dimensions", CANON_MAX_RANK);
    int32_t code = take_dimension(p, &header->shape[header->rank++]);
    if (code) return code;
    comma = take(p, ',');
  }
  if (header->rank == 1 && !comma)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, p->origin + p->at - 1,
                    "shape is a number in brackets, a tuple needs a comma: (%" PRIu64 ",)", header->shape[0]);
  return CANON_OK;
}

static int32_t fortran_order_value(parser *p) {
  if (take_word(p, "True")) p->header->fortran = 1;
  else if (!take_word(p, "False")) return unexpected(p, "the True or False of fortran_order");
  return CANON_OK;
}

static int32_t descr_value(parser *p) {
  skip_space(p);
  uint64_t begin = p->at;
  if (p->at < p->size && (p->text[p->at] == '[' || p->text[p->at] == '('))
    return npy_descr_refuse_composite(p->job, p->bytes, p->text + begin, p->size - begin, p->origin + begin);
  const char *text = NULL;
  uint64_t length = 0;
  int32_t code = take_string(p, "the string of descr", &text, &length);
  return code ? code : npy_descr_read(p->job, p->instance, p->bytes, text, length, p->origin + begin, p->header);
}

static const struct {
  const char *name;
  int32_t (*value)(parser *p);
} KEYS[] = {{"descr", descr_value}, {"fortran_order", fortran_order_value}, {"shape", shape_value}};
#define N_KEYS (sizeof KEYS / sizeof KEYS[0])

static int32_t take_pair(parser *p, uint32_t *seen) {
  const char *key = NULL;
  uint64_t length = 0, offset;
  skip_space(p);
  offset = p->origin + p->at;
  int32_t code = take_string(p, "a key in quotes", &key, &length);
  if (code) return code;
  uint32_t i = 0;
  while (i < N_KEYS && (strlen(KEYS[i].name) != length || memcmp(KEYS[i].name, key, length) != 0)) i++;
  if (i == N_KEYS)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, offset,
                    "the header has a key '%.*s' besides descr, fortran_order and shape",
                    (int)(length < 64 ? length : 64), key);
  if (*seen & 1u << i)
    return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, offset, "the header has the key '%s' twice", KEYS[i].name);
  *seen |= 1u << i;
  if (!take(p, ':')) return unexpected(p, "':' after a key");
  return KEYS[i].value(p);
}

static int32_t parse(parser *p) {
  uint32_t seen = 0;
  int comma = 1;
  if (!take(p, '{')) return unexpected(p, "the '{' of a dictionary");
  while (!take(p, '}')) {
    if (!comma) return unexpected(p, "',' or '}'");
    int32_t code = take_pair(p, &seen);
    if (code) return code;
    comma = take(p, ',');
  }
  for (uint32_t i = 0; i < N_KEYS; i++)
    if (!(seen & 1u << i))
      return npy_fail(p->job, p->bytes, CANON_E_MALFORMED, p->origin, "the header lacks the key '%s'", KEYS[i].name);
  skip_space(p);
  return p->at == p->size ? CANON_OK : unexpected(p, "nothing but space after the dictionary");
}
