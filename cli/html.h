/* SPDX-License-Identifier: MIT
 * html.h: writes a page that is HTML and well-formed XML at once. Knows nothing of what is on it. */
#ifndef CANON_CLI_HTML_H
#define CANON_CLI_HTML_H

#include <stdio.h>

#include "cli/report.h"

typedef struct html_writer {
  FILE *file; /* its owner asks it for errors */
} html_writer;

/* As it is: tags, numbers, words of ours. Never what a file says. */
void html_markup(html_writer *html, const char *format, ...) REPORT_PRINTF(2, 3);
/* Text, escaped for elements and attributes; controls and marks of direction are shown as \n or \u202e. */
void html_text(html_writer *html, const char *text);
/* The same of no more than so many code points, and dots where there are more. */
void html_text_cut(html_writer *html, const char *text, size_t longest);

#endif
