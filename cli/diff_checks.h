/* SPDX-License-Identifier: MIT
 * diff_checks.h: the checks that a command line asks of canon diff: presets, tolerances of its own, a tolerance file.
 */
#ifndef CANON_CLI_DIFF_CHECKS_H
#define CANON_CLI_DIFF_CHECKS_H

#include "cli/options.h"

struct diff_checks {
  canon_check items[CANON_MAX_CHECKS]; /* those that decide first */
  uint64_t n, deciding;
  canon_tolerance own;
  canon_tolerance *rows; /* of the file */
  uint64_t n_rows;
  char *text; /* that the rows point into */
};

/* 0, or 2 after an error was printed. */
int diff_checks_fill(struct diff_checks *checks, const cli_options *options);
void diff_checks_free(struct diff_checks *checks);

#endif
