/* SPDX-License-Identifier: MIT
 * json.h: writes JSON to standard output or a file, compact, one value a line. Commas are its business; nesting is the
 * caller's.
 * Every function takes the key of its value, NULL inside an array and at the top. */
#ifndef CANON_CLI_JSON_H
#define CANON_CLI_JSON_H

#include <stdint.h>
#include <stdio.h>

typedef struct json_writer {
  int comma;  /* the next element needs one before it */
  FILE *file; /* NULL: standard output; its owner asks it for errors */
} json_writer;

void json_open(json_writer *json, const char *key, char bracket); /* '{' or '[' */
void json_close(json_writer *json, char bracket);                 /* '}' or ']' */
void json_end(json_writer *json);                                 /* ends the line */

/* UTF-8. A lone surrogate stays one (\ud800); a byte that is no UTF-8 becomes \udc80 to \udcff, as Python's
 * surrogateescape writes it. NULL is null. */
void json_string(json_writer *json, const char *key, const char *text);
void json_unsigned(json_writer *json, const char *key, uint64_t number);
void json_signed(json_writer *json, const char *key, int64_t number);
void json_boolean(json_writer *json, const char *key, int truth);
void json_double(json_writer *json, const char *key, double number); /* shortest; not finite: a string */
void json_hex(json_writer *json, const char *key, const uint8_t *bytes, uint64_t size);
void json_raw(json_writer *json, const char *key, const char *text); /* JSON already */

#endif
