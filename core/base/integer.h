/* SPDX-License-Identifier: MIT
 * integer.h: integers of any size, as manifests hold them: two's complement, little-endian, at least one byte. */
#ifndef CANON_BASE_INTEGER_H
#define CANON_BASE_INTEGER_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/text.h"

/* Beyond this size an integer is printed in hex: decimal takes time in the square of the size. */
enum { INTEGER_DECIMAL_BYTES = 4096 };

/* Decimal; over INTEGER_DECIMAL_BYTES (in shortest form) as Python's hex(): "-0x1f". */
void integer_text(struct text *text, const void *bytes, size_t n);

/* Appends the shortest bytes of decimal text (-?[0-9]+) to result; 0 if it is none, or over INTEGER_DECIMAL_BYTES. */
int integer_parse(struct text *result, const char *decimal, size_t n);

size_t integer_shortest(const void *bytes, size_t n);                              /* bytes that suffice */
int integer_compare(const void *a, size_t a_bytes, const void *b, size_t b_bytes); /* < 0, 0, > 0 */
int integer_small(const void *bytes, size_t n, int64_t *value);                    /* 0: does not fit */

#endif
