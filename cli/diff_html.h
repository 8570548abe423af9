/* SPDX-License-Identifier: MIT
 * diff_html.h: a comparison as a page for people: one file that needs nothing around it. */
#ifndef CANON_CLI_DIFF_HTML_H
#define CANON_CLI_DIFF_HTML_H

#include "cli/diff.h"
#include "cli/options.h"

enum { DIFF_HTML_SECTIONS = 20 }; /* of tensors, unless the user says how many */

/* Before anything is compared. 0, or 2 after an error was printed. */
int diff_html_check(const cli_options *options);
/* Complete or not at all. 0, or 2 after an error was printed. */
int diff_html_write(const struct diff *diff, const cli_options *options);

#endif
