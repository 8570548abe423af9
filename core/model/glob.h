/* SPDX-License-Identifier: MIT
 * glob.h: patterns over paths. ? is one character, * any number of them, [a-z] and [!a-z] one of a class; none crosses
 * a slash; ** crosses, and as a whole part of a pattern stands for any number of parts, none included. Everything else
 * is itself. ~0 and ~1 are one character each, as they stand for one in a key. The state after one path is where its
 * children's paths go on, so that a tree is matched without building paths. */
#ifndef CANON_MODEL_GLOB_H
#define CANON_MODEL_GLOB_H

#include <stddef.h>
#include <stdint.h>

struct glob;

struct glob *glob_compile(const char *pattern); /* NULL: no memory */
void glob_free(struct glob *glob);

size_t glob_words(const struct glob *glob);                /* size of a state */
void glob_start(const struct glob *glob, uint64_t *state); /* of the empty path */
/* state after text has been added to a path; next may not be state. */
void glob_feed(struct glob *glob, const uint64_t *state, const char *text, size_t n, uint64_t *next);
int glob_accepts(const struct glob *glob, const uint64_t *state); /* matches the path so far */
int glob_alive(const uint64_t *state);                            /* 0: no path that goes on can match */

#endif
