/* SPDX-License-Identifier: MIT
 * diff_keys.h: the kinds of keys of those rows of a comparison that share their path with another row, {0: ..., "0":
 * ...}, and could not be told apart without them. */
#ifndef CANON_CLI_DIFF_KEYS_H
#define CANON_CLI_DIFF_KEYS_H

#include "cli/diff.h"

void diff_keys_fill(struct diff *diff);
void diff_keys_free(struct diff *diff);

#endif
