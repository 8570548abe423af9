/* SPDX-License-Identifier: MIT
 * real.h: binary64 as text. No locale shows: the digits are the C library's, the point is ours. */
#ifndef CANON_BASE_REAL_H
#define CANON_BASE_REAL_H

#include "core/base/text.h"

/* RFC 8785: the shortest digits that read back as the same number, laid out as ECMAScript does; -0 is 0.
 * What JSON cannot hold is a string: "NaN", "Infinity", "-Infinity", with quotes. */
void real_json(struct text *text, double value);

/* As Python's repr() prints a float: 1.0, 1e-05, inf, nan. */
void real_python(struct text *text, double value);

/* As Python's float.hex() prints it, all 13 digits: 0x1.8000000000000p+0, -0x0.0p+0, inf, -inf, nan. */
void real_hex(struct text *text, double value);

#endif
