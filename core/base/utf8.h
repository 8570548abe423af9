/* SPDX-License-Identifier: MIT
 * utf8.h: one character of UTF-8 after the other. A surrogate as its three bytes passes, as manifests allow it;
 * overlong forms and what lies beyond U+10FFFF do not. */
#ifndef CANON_BASE_UTF8_H
#define CANON_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at text, 0 if it is none; n > 0 bytes are there. */
size_t utf8_next(const void *text, size_t n, uint32_t *code);
int utf8_valid(const void *text, size_t n);

#endif
