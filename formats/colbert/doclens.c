/* SPDX-License-Identifier: MIT
 * doclens.c: "[41,62,42]": how many embeddings each passage has. An index may have millions, so that they are not made
 * into JSON values: one pass over the bytes, in pieces. */
#include <string.h>

#include "formats/colbert/colbert.h"

enum { PIECE = 1 << 16 };

/* What may come next: a bracket; a number or the end of an empty list; a number; more digits; a comma or the end. */
typedef enum expected { BRACKET, FIRST, NUMBER, DIGITS, COMMA, NOTHING } expected;

typedef struct scanner {
  canon_job *job;
  const char *name;
  colbert_doclens *doclens;
  uint64_t capacity, number, offset;
  expected next;
  int zero; /* the number began with 0: no digit follows */
} scanner;

static int32_t refuse(const scanner *s, char byte) {
  static const char *const WANTED[] = {"'['",        "a number or ']'", "a number", "a digit, ',' or ']'",
                                       "',' or ']'", "nothing"};
  if (byte == '-')
    return canon_fail(s->job, CANON_E_MALFORMED, s->offset, "%s: a negative length of a passage", s->name);
  if (byte == '.' || byte == 'e' || byte == 'E')
    return canon_fail(s->job, CANON_E_MALFORMED, s->offset, "%s: a length of a passage that is no integer", s->name);
  return canon_fail(s->job, CANON_E_MALFORMED, s->offset,
                    "%s: byte 0x%02x where %s must be, in a list of passages' lengths", s->name, (unsigned char)byte,
                    WANTED[s->next]);
}

static int32_t take_number(scanner *s) {
  colbert_doclens *doclens = s->doclens;
  if (doclens->n == s->capacity) {
    uint64_t capacity = s->capacity ? 2 * s->capacity : 1024;
    uint32_t *at = canon_resize(s->job, doclens->at, capacity * sizeof *at);
    if (!at) return canon_failed(s->job);
    doclens->at = at;
    s->capacity = capacity;
  }
  doclens->at[doclens->n++] = (uint32_t)s->number;
  doclens->sum += s->number; /* of at most 2^64 / 2^32 numbers in as many bytes */
  return CANON_OK;
}

static int32_t take_digit(scanner *s, char byte) {
  if (s->next == DIGITS && s->zero) return refuse(s, byte);
  if (s->next != DIGITS) s->number = 0;
  s->zero = s->next != DIGITS && byte == '0';
  s->next = DIGITS;
  s->number = s->number * 10 + (uint64_t)(byte - '0');
  if (s->number <= INT32_MAX) return CANON_OK;
  return canon_fail(s->job, CANON_E_MALFORMED, s->offset,
                    "%s: a passage of %" PRIu64 " embeddings or more, over the %d that an index counts", s->name,
                    s->number, INT32_MAX);
}

static int32_t take(scanner *s, char byte) {
  int ends_number = s->next == DIGITS;
  if (byte >= '0' && byte <= '9' && (s->next == FIRST || s->next == NUMBER || s->next == DIGITS))
    return take_digit(s, byte);
  int32_t code =
      ends_number && (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == ',' || byte == ']')
          ? take_number(s)
          : CANON_OK;
  if (code) return code;
  if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r') {
    if (ends_number) s->next = COMMA;
  } else if (byte == '[' && s->next == BRACKET) {
    s->next = FIRST;
  } else if (byte == ',' && (ends_number || s->next == COMMA)) {
    s->next = NUMBER;
  } else if (byte == ']' && (ends_number || s->next == COMMA || s->next == FIRST)) {
    s->next = NOTHING;
  } else {
    return refuse(s, byte);
  }
  return CANON_OK;
}

static int32_t scan(scanner *s, const canon_source *source, char *piece) {
  const canon_host *host = s->job->host;
  uint64_t size = host->source_size(s->job, source);
  int32_t code = CANON_OK;
  for (s->offset = 0; !code && s->offset < size;) {
    uint64_t n = size - s->offset < PIECE ? size - s->offset : PIECE;
    code = host->source_read(s->job, source, s->offset, piece, n);
    for (uint64_t i = 0; !code && i < n; i++, s->offset++) code = take(s, piece[i]);
  }
  if (!code && s->next != NOTHING)
    code = canon_fail(s->job, CANON_E_MALFORMED, size,
                      "%s: ends within the list of passages' lengths; it is cut short: get it again", s->name);
  return code;
}

int32_t colbert_doclens_read(canon_job *job, const canon_source *source, colbert_doclens *doclens) {
  scanner s = {.job = job, .name = job->host->source_name(job, source), .doclens = doclens};
  char *piece = canon_alloc(job, PIECE);
  if (!piece) return canon_failed(job);
  int32_t code = scan(&s, source, piece);
  canon_free(job, piece);
  return code;
}
