/* SPDX-License-Identifier: MIT
 * pickle_text.h: the texts and numbers inside a pickle: UTF-8, the escapes of protocol 0, decimal numbers of any size.
 * Used by pickle_opcodes.c and by formats that read texts out of pickles. */
#ifndef CANON_FORMATS_PICKLE_TEXT_H
#define CANON_FORMATS_PICKLE_TEXT_H

#include <canon/plugin.h>

/* Is it UTF-8, with lone surrogates let through as their three bytes (Python's surrogatepass)? */
int pickle_text_is_utf8(const uint8_t *bytes, uint64_t size);

/* Latin-1 that was written as UTF-8, back into bytes: at most size of them. 0: a character beyond U+00FF. */
int pickle_text_to_latin1(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n);

/* Python 2's 'quoted\x00' str, quotes included, into at most size bytes. 0: not well-formed. */
int pickle_text_unquote(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n);

/* Raw-unicode-escape (Latin-1 and \uXXXX, \UXXXXXXXX) into at most 2 * size bytes of UTF-8. 0: not well-formed. */
int pickle_text_unescape(const uint8_t *text, uint64_t size, uint8_t *utf8, uint64_t *n);

/* A decimal integer as two's complement, little-endian, shortest. digits: at most PICKLE_LONGEST_DECIMAL of text, which
 * need no more than PICKLE_DECIMAL_BYTES. 0: no such number. */
#define PICKLE_LONGEST_DECIMAL 4300
#define PICKLE_DECIMAL_BYTES 1800
int pickle_text_to_integer(const uint8_t *text, uint64_t size, uint8_t *bytes, uint64_t *n);

/* Drops the bytes of a two's complement number that only repeat its sign; at least one stays. */
uint64_t pickle_text_shortest(const uint8_t *bytes, uint64_t size);

/* A float as Python prints it, "inf" and "nan" included, whatever the locale. 0: no such number. */
int pickle_text_to_float(const uint8_t *text, uint64_t size, double *result);

#endif
