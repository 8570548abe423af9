/* SPDX-License-Identifier: MIT
 * text.h: a growable text. A failed allocation sticks: the calls after it do nothing, and `failed` is asked once, at
 * the end. Text from a file enters other text through text_json_string or text_visible. Used by all of core. */
#ifndef CANON_BASE_TEXT_H
#define CANON_BASE_TEXT_H

#include <stddef.h>

struct text {
  char *bytes; /* NUL behind the last one; NULL while nothing was added */
  size_t size, capacity;
  int failed;
};

void text_add(struct text *text, const void *bytes, size_t n);
void text_string(struct text *text, const char *string);
void text_char(struct text *text, char c);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void text_printf(struct text *text, const char *format, ...);

/* A JSON string with its quotes, escaped as RFC 8785 asks. A surrogate as its three bytes becomes \udXXX; a byte NN
 * that is not UTF-8 becomes \udcNN, as in Python's surrogateescape. */
void text_json_string(struct text *text, const void *bytes, size_t n);

/* For a terminal: \xNN for control characters, DEL and what is not UTF-8; \uNNNN for C1 controls, surrogates, line
 * separators and the characters that reorder text. */
void text_visible(struct text *text, const void *bytes, size_t n);

/* Lower-case hex, two digits a byte. */
void text_hex(struct text *text, const void *bytes, size_t n);

void text_cut(struct text *text, size_t size); /* back to its first `size` bytes */
void text_free(struct text *text);             /* and empty again, failure forgotten */

#endif
