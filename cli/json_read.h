/* SPDX-License-Identifier: MIT
 * json_read.h: reads JSON (RFC 8259) into a flat list, each value with its JSON Pointer. The counterpart of json.h for
 * the little that canon reads of its own. Prints nothing. */
#ifndef CANON_CLI_JSON_READ_H
#define CANON_CLI_JSON_READ_H

#include <stddef.h>

enum { JSON_STRING = 's', JSON_PLAIN = 'p', JSON_OBJECT = '{', JSON_ARRAY = '[' };

typedef struct json_value {
  char *path; /* "/output/file" */
  int kind;   /* JSON_PLAIN: a number, true, false, null */
  char *text; /* of strings what they say, as json_string takes it; of plain values what stands there; else NULL */
} json_value;

typedef struct json_values {
  json_value *items; /* in order of the text; a container comes before what it holds */
  size_t n;
} json_values;

/* 1, or 0 and the place of the first byte that is wrong. Up to 4096
 * values, in containers up to 16 deep. */
int json_read(const char *text, size_t size, json_values *values, size_t *place);
void json_values_free(json_values *values);

/* The one value of that path and kind; NULL where there is none, or two of one path. */
const json_value *json_find(const json_values *values, const char *path, int kind);

#endif
