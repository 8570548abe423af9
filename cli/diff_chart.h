/* SPDX-License-Identifier: MIT
 * diff_chart.h: pictures of a tensor that differs, as SVG inside a page: histograms and a map. Each has a title and a
 * description, and says nothing by colour alone. */
#ifndef CANON_CLI_DIFF_CHART_H
#define CANON_CLI_DIFF_CHART_H

#include <canon/canon.h>

#include "cli/html.h"

/* id: a word that no other picture of the page has in its ids. Both draw nothing where no bin holds anything. */
void chart_ulp(html_writer *html, const char *id, const canon_diff_stats *stats);
void chart_relative(html_writer *html, const char *id, const canon_diff_stats *stats);
void chart_map(html_writer *html, const char *id, const canon_diff_map *map, uint64_t rows, uint64_t columns);

#endif
