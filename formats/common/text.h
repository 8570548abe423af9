/* SPDX-License-Identifier: MIT
 * text.h: is a text UTF-8, and where in a tree is a node. Used by formats that write texts and name nodes in messages.
 */
#ifndef CANON_FORMATS_TEXT_H
#define CANON_FORMATS_TEXT_H

#include <canon/format.h>

/* The first byte that is no part of UTF-8 (surrogates are none), or size. A piece: the last character may be cut. */
uint64_t text_utf8_prefix(const uint8_t *text, uint64_t size, int is_piece);

/* "/model/3/weight", a JSON Pointer (a key "a/b" is /a~1b), from the end where it is long; "the root". */
#define TEXT_PLACE_BYTES 200
const char *text_place(const canon_manifest *manifest, uint64_t node, char text[TEXT_PLACE_BYTES]);

#endif
