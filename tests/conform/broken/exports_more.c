/* SPDX-License-Identifier: MIT
 * exports_more.c: exports more than its entry. */
#include "one.h"

CANON_EXPORT extern const int one_more;
const int one_more = 1;

#include "one_plugin.h"
