/* SPDX-License-Identifier: MIT
 * diff_html_words.c: what several parts of the page that canon diff --html writes say alike. */
#include "cli/diff_html_parts.h"

#include <inttypes.h>

enum { LONGEST_PATH = 500 };

void diff_html_path(html_writer *html, const char *path) {
  html_markup(html, "<bdi>");
  html_text_cut(html, *path ? path : "(root)", LONGEST_PATH);
  html_markup(html, "</bdi>");
}

/* "[128, 96]" */
static void put_numbers(html_writer *html, const uint64_t *array, uint32_t n) {
  html_markup(html, "[");
  for (uint32_t i = 0; i < n; i++) html_markup(html, "%s%" PRIu64, i ? ", " : "", array[i]);
  html_markup(html, "]");
}

void diff_html_index(html_writer *html, const canon_node *node, uint64_t element) {
  uint64_t index[CANON_MAX_RANK];
  diff_index(node, element, index);
  put_numbers(html, index, node->rank);
}

void diff_html_type(html_writer *html, const canon_node *node) {
  html_markup(html, "%s ", canon_dtype_name(node->dtype));
  put_numbers(html, node->shape, node->rank);
}

void diff_html_result(html_writer *html, const canon_difference *d) {
  html_markup(html, "%s",
              d->status == CANON_DIFF_DIFFERS ? canon_diff_class_name(d->verdict) : canon_diff_status_name(d->status));
}
