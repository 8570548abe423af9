/* SPDX-License-Identifier: MIT
 * diff_html_section.c: what the page of canon diff --html says of one tensor that differs: numbers, charts, a map of
 * where, and its worst cases. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/diff_chart.h"
#include "cli/diff_html_parts.h"
#include "cli/words.h"

static void put_double(html_writer *html, double number) {
  char text[WORDS_DOUBLE];
  if (isnan(number)) html_markup(html, "%s", DIFF_HTML_NONE);
  else html_markup(html, "%s", words_double(text, number));
}

static void open_fact(html_writer *html, const char *name) { html_markup(html, "<div><dt>%s</dt><dd>", name); }
static void close_fact(html_writer *html) { html_markup(html, "</dd></div>\n"); }

static void put_count_fact(html_writer *html, const char *name, uint64_t count) {
  if (!count) return;
  open_fact(html, name);
  html_markup(html, "%" PRIu64, count);
  close_fact(html);
}

static void put_double_fact(html_writer *html, const char *name, double number) {
  open_fact(html, name);
  put_double(html, number);
  close_fact(html);
}

static void put_hit_fact(html_writer *html, const char *name, struct diff_hit hit) {
  char text[DIFF_HIT_WORDS];
  open_fact(html, name);
  html_text(html, diff_hit_words(text, &hit));
  close_fact(html);
}

static void put_measures(html_writer *html, const canon_difference *d, const canon_node *node) {
  if (d->measured) {
    put_double_fact(html, "Largest |a \xe2\x88\x92 b|", d->max_abs);
    put_double_fact(html, "Mean |a \xe2\x88\x92 b|", d->mean_abs);
    put_double_fact(html, "Smallest rtol that passes", d->least_rtol);
    put_double_fact(html, "Smallest atol that passes", d->least_atol);
  }
  if (d->has_ulp) {
    open_fact(html, "Largest distance in ulp");
    html_markup(html, "%" PRIu64, d->max_ulp);
    if (d->worst_ulp != CANON_NONE) {
      html_markup(html, " at ");
      diff_html_index(html, node, d->worst_ulp);
    }
    close_fact(html);
  }
}

static void put_spread(html_writer *html, const canon_difference *d, const canon_diff_stats *stats) {
  int moved = d->rising || d->falling;
  if (d->has_ulp && moved) {
    open_fact(html, "ulp, half and 99 % of them within");
    html_markup(html, "%" PRIu64 " and %" PRIu64, diff_quantile(d, stats, 0.5), diff_quantile(d, stats, 0.99));
    close_fact(html);
  }
  if (moved) {
    open_fact(html, "B above, B below");
    html_markup(html, "%" PRIu64 ", %" PRIu64, d->rising, d->falling);
    close_fact(html);
    put_double_fact(html, "Mean b \xe2\x88\x92 a", stats->mean_change);
    put_double_fact(html, "L2 of a \xe2\x88\x92 b, relative to b", stats->relative_l2);
    put_double_fact(html, "1 \xe2\x88\x92 cosine", stats->cosine_distance);
  }
  if (d->rising + d->falling > 1 && stats->least_change == stats->greatest_change)
    put_double_fact(html, "Each by the same", stats->least_change);
  if (stats->first_row == CANON_NONE) return;
  put_hit_fact(html, "Rows with differences", diff_hit_rows(stats));
  put_hit_fact(html, "Columns with differences", diff_hit_columns(stats));
}

static void put_facts(html_writer *html, const struct diff *diff, uint64_t i, const canon_node *node) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  const canon_diff_stats *stats = canon_comparison_stats(diff->comparison, i);
  html_markup(html, "<dl>\n");
  open_fact(html, "Type and shape");
  diff_html_type(html, node);
  close_fact(html);
  open_fact(html, "Result");
  diff_html_result(html, d);
  close_fact(html);
  open_fact(html, "Elements that differ");
  html_markup(html, "%" PRIu64 " of %" PRIu64 " (%.4g %%)", d->differing, d->elements,
              100 * (double)d->differing / (double)d->elements);
  close_fact(html);
  put_measures(html, d, node);
  if (stats) put_spread(html, d, stats);
  put_count_fact(html, "NaN on one side", d->nan);
  put_count_fact(html, "Infinite on one side", d->infinite);
  put_count_fact(html, "NaN on both sides", d->nan_pairs == CANON_NONE ? 0 : d->nan_pairs);
  put_count_fact(html, "NaN with other bits", d->nan_bits);
  put_count_fact(html, "Zeros of the other sign", d->zero_signs);
  if (stats) put_count_fact(html, "Differ where b is 0", stats->to_zero);
  html_markup(html, "</dl>\n");
}

/* Digits that tell the numbers of a float type apart. */
static int digits_of(uint32_t dtype) {
  switch (dtype) {
    case CANON_F64:
    case CANON_C128: return 17;
    case CANON_F32:
    case CANON_C64: return 9;
    case CANON_F16:
    case CANON_C32: return 5;
    case CANON_BF16:
    case CANON_BC32: return 4;
    default: return 3;
  }
}

static void put_element(html_writer *html, uint32_t dtype, uint64_t bits, double value) {
  uint32_t kind = canon_dtype_kind(dtype), size = canon_dtype_size(dtype);
  html_markup(html, "<td class=\"number\">");
  if (kind == CANON_KIND_BOOL) html_markup(html, bits ? "true" : "false");
  else if (kind == CANON_KIND_UINT) html_markup(html, "%" PRIu64, bits);
  else if (kind == CANON_KIND_INT)
    html_markup(html, "%" PRId64,
                bits >> (8 * size - 1) & 1 && size < 8 ? (int64_t)bits - (INT64_C(1) << 8 * size) : (int64_t)bits);
  else if (kind == CANON_KIND_RAW) html_markup(html, "%s", DIFF_HTML_NONE);
  else if (isnan(value)) html_markup(html, "NaN");
  else html_markup(html, "%.*g", digits_of(dtype), value);
  int digits = (int)(kind == CANON_KIND_COMPLEX ? size : 2 * size);
  html_markup(html, "</td><td class=\"bits\">0x%0*" PRIx64 "</td>", digits, bits);
}

static void put_cases(html_writer *html, const canon_node *node, const canon_diff_case *cases, uint64_t n,
                      const char *caption) {
  int is_complex = canon_dtype_kind(node->dtype) == CANON_KIND_COMPLEX;
  if (!n) return;
  html_markup(
      html,
      "<div class=\"scroll\"><table><caption>%s</caption><thead><tr><th scope=\"col\">Index</th><th scope=\"col\" "
      "class=\"number\">a</th><th scope=\"col\">Bits of a</th><th scope=\"col\" class=\"number\">b</th><th "
      "scope=\"col\">Bits of b</th><th scope=\"col\" class=\"number\">|a \xe2\x88\x92 b|</th><th scope=\"col\" "
      "class=\"number\">ulp</th></tr></thead><tbody>\n",
      caption);
  for (uint64_t i = 0; i < n; i++) {
    html_markup(html, "<tr><td class=\"nowrap\">");
    diff_html_index(html, node, cases[i].element);
    if (is_complex) html_markup(html, cases[i].part ? " imaginary" : " real");
    html_markup(html, "</td>");
    put_element(html, node->dtype, cases[i].a_bits, cases[i].a);
    put_element(html, node->dtype, cases[i].b_bits, cases[i].b);
    if (cases[i].distance > 0) html_markup(html, "<td class=\"number\">%.7g</td>", cases[i].distance);
    else html_markup(html, "<td class=\"number\">%s</td>", DIFF_HTML_NONE);
    if (cases[i].ulp != CANON_NONE) html_markup(html, "<td class=\"number\">%" PRIu64 "</td></tr>\n", cases[i].ulp);
    else html_markup(html, "<td class=\"number\">%s</td></tr>\n", DIFF_HTML_NONE);
  }
  html_markup(html, "</tbody></table></div>\n");
}

void diff_html_section(html_writer *html, const struct diff *diff, uint64_t i, const canon_diff_map *map) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  const canon_diff_stats *stats = canon_comparison_stats(diff->comparison, i);
  const canon_node *node = diff_node(diff->a, d->a);
  uint64_t columns = node->rank ? node->shape[node->rank - 1] : 1;
  char id[WORDS_DOUBLE];
  html_markup(html, "<section id=\"t%" PRIu64 "\">\n<h3>", i);
  diff_html_path(html, diff_path(diff->a, d->a));
  html_markup(html, "</h3>\n");
  if (d->verdict == CANON_CLASS_PERMUTATION)
    html_markup(html,
                "<p>The same rows or elements in another order; below is what stands in one place compared.</p>\n");
  put_facts(html, diff, i, node);
  html_markup(html, "<div class=\"charts\">\n");
  snprintf(id, sizeof id, "t%" PRIu64 "-ulp", i);
  if (stats && d->has_ulp) chart_ulp(html, id, stats);
  snprintf(id, sizeof id, "t%" PRIu64 "-relative", i);
  if (stats) chart_relative(html, id, stats);
  html_markup(html, "</div>\n");
  snprintf(id, sizeof id, "t%" PRIu64 "-map", i);
  chart_map(html, id, map, d->elements / columns, columns);
  put_cases(html, node, map->worst, map->n_worst, "Largest differences");
  put_cases(html, node, map->others, map->n_others,
            "First that differ otherwise: NaN, infinities, signs of zero, bits");
  html_markup(html, "</section>\n");
}
