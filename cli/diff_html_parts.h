/* SPDX-License-Identifier: MIT
 * diff_html_parts.h: what the files of the page share: diff_html.c has the page and its tables, diff_html_section.c the
 * section of a tensor, diff_html_words.c what both say, diff_html_style.c what it looks like. Nobody else includes it.
 */
#ifndef CANON_CLI_DIFF_HTML_PARTS_H
#define CANON_CLI_DIFF_HTML_PARTS_H

#include "cli/diff.h"
#include "cli/html.h"

#define DIFF_HTML_NONE "\xe2\x80\x93" /* where there is no number */

/* Light, dark and on paper. */
void diff_html_style(html_writer *html);
/* Of tensor i, which differs in elements and has a map. */
void diff_html_section(html_writer *html, const struct diff *diff, uint64_t i, const canon_diff_map *map);

void diff_html_path(html_writer *html, const char *path);
void diff_html_index(html_writer *html, const canon_node *node, uint64_t element);
void diff_html_type(html_writer *html, const canon_node *node); /* "f32 [128, 96]" */
void diff_html_result(html_writer *html, const canon_difference *d);

#endif
