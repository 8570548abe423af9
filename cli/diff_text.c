/* SPDX-License-Identifier: MIT
 * diff_text.c: a comparison as tables for people, and its verdict. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diff.h"
#include "cli/report.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { LINE = 2048, VALUE_WIDTH = 40 };

static const char *path_for_people(const char *path) { return *path ? path : "(root)"; }

/* "[128, 96]" */
static const char *numbers(char text[LINE], const uint64_t *array, uint32_t n) {
  size_t at = (size_t)sprintf(text, "[");
  for (uint32_t i = 0; i < n; i++) at += (size_t)sprintf(text + at, "%s%" PRIu64, i ? ", " : "", array[i]);
  strcpy(text + at, "]");
  return text;
}

REPORT_PRINTF(2, 3) static void note(char text[LINE], const char *format, ...) {
  size_t at = strlen(text);
  if (at + 3 > LINE) return;
  if (at) at += (size_t)sprintf(text + at, ", ");
  va_list args;
  va_start(args, format);
  vsnprintf(text + at, LINE - at, format, args);
  va_end(args);
}

static enum report_tint class_tint(uint32_t verdict) {
  if (verdict == CANON_CLASS_SAME) return REPORT_GOOD;
  return verdict < CANON_CLASS_VALUES ? REPORT_MILD : REPORT_BAD;
}

/* What numbers do not say. */
static const char *notes(char text[LINE], const struct diff *diff, uint64_t tensor) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, tensor);
  char shape[LINE];
  const canon_node *b = d->b == CANON_NONE ? NULL : diff_node(diff->b, d->b);
  text[0] = 0;
  if (diff_tensor_key_kind(diff, tensor)) note(text, "key %s", diff_tensor_key_kind(diff, tensor));
  if (d->status == CANON_DIFF_MOVED) note(text, "now %s", path_for_people(diff_path(diff->b, d->b)));
  if (d->status == CANON_DIFF_DTYPE) note(text, "now %s", canon_dtype_name(b->dtype));
  if (d->status == CANON_DIFF_SHAPE) note(text, "now %s", numbers(shape, b->shape, b->rank));
  if (d->nan) note(text, "%" PRIu64 " NaN on one side", d->nan);
  if (d->infinite) note(text, "%" PRIu64 " infinite on one side", d->infinite);
  if (d->nan_pairs && d->nan_pairs != CANON_NONE) note(text, "%" PRIu64 " NaN on both sides", d->nan_pairs);
  if (d->nan_bits) note(text, "%" PRIu64 " NaN with other bits", d->nan_bits);
  if (d->zero_signs) note(text, "%" PRIu64 " zeros of the other sign", d->zero_signs);
  return text;
}

/* Three digits, rounded up, so that the number as it is printed is enough. */
static void least_cell(report_table *table, double least) {
  char text[LINE];
  int exponent;
  if (isnan(least) || least == 0) {
    report_table_cell(table, isnan(least) ? "-" : "0");
    return;
  }
  snprintf(text, sizeof text, "%.2e", least);
  if (strtod(text, NULL) < least) {
    int digits = 100 * (text[0] - '0') + 10 * (text[2] - '0') + (text[3] - '0') + 1;
    exponent = (int)strtol(text + 5, NULL, 10) + (digits == 1000);
    if (digits == 1000) digits = 100;
    snprintf(text, sizeof text, "%d.%02de%+03d", digits / 100, digits % 100, exponent);
  }
  report_table_cell(table, "%s", text);
}

static void check_cells(report_table *table, const struct diff *diff, uint64_t tensor) {
  for (uint64_t i = 0; i < diff->checks->n; i++) {
    const canon_check_result *result = canon_comparison_check(diff->comparison, tensor, i);
    if (!result) report_table_cell(table, "-");
    else if (result->passes) report_table_cell(table, "passes");
    else report_table_cell(table, "%" PRIu64 " fail", result->failing);
    if (result) report_table_tint(table, result->passes ? REPORT_GOOD : REPORT_BAD);
  }
}

static void measures(report_table *table, const canon_difference *d, const canon_node *node) {
  char text[LINE];
  uint64_t at = d->worst != CANON_NONE ? d->worst : d->first, index[CANON_MAX_RANK];
  int compared = d->status <= CANON_DIFF_DIFFERS;
  if (compared) report_table_cell(table, "%" PRIu64, d->differing);
  else report_table_cell(table, "-");
  if (compared && d->measured) report_table_cell(table, "%.7g", d->max_abs);
  else report_table_cell(table, "-");
  if (compared && d->has_ulp) report_table_cell(table, "%" PRIu64, d->max_ulp);
  else report_table_cell(table, "-");
  if (compared && d->measured) report_table_cell(table, "%.7g", d->mean_abs);
  else report_table_cell(table, "-");
  least_cell(table, compared && d->measured ? d->least_rtol : (double)NAN);
  least_cell(table, compared && d->measured ? d->least_atol : (double)NAN);
  if (at != CANON_NONE) diff_index(node, at, index);
  report_table_cell(table, "%s", at == CANON_NONE ? "" : numbers(text, index, node->rank));
}

static void print_tensors(const struct diff *diff) {
  static const char *const before[] = {"PATH", "DTYPE", "SHAPE", "RESULT"};
  static const char *const behind[] = {">DIFFERING", ">MAX ABS", ">MAX ULP", ">MEAN ABS",
                                       ">RTOL",      ">ATOL",    "AT",       "NOTES"};
  const char *headings[COUNT(before) + CANON_MAX_CHECKS + COUNT(behind)];
  size_t columns = 0;
  for (size_t i = 0; i < COUNT(before); i++) headings[columns++] = before[i];
  for (uint64_t i = 0; i < diff->checks->n; i++) headings[columns++] = diff->checks->items[i].name;
  for (size_t i = 0; i < COUNT(behind); i++) headings[columns++] = behind[i];
  uint64_t n = canon_comparison_tensors(diff->comparison), shown = 0;
  report_table *table = report_table_new(headings, columns);
  for (uint64_t i = 0; i < n && shown < diff->max; i++) {
    const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
    char text[LINE];
    if (diff->max != CLI_DEFAULT && d->status == CANON_DIFF_SAME) continue;
    canon_artifact *owner = diff_owner(diff, d->a);
    uint64_t i_node = d->a == CANON_NONE ? d->b : d->a;
    const canon_node *node = diff_node(owner, i_node);
    report_table_cell(table, "%s", path_for_people(diff_path(owner, i_node)));
    report_table_cell(table, "%s", canon_dtype_name(node->dtype));
    report_table_cell(table, "%s", numbers(text, node->shape, node->rank));
    if (d->status == CANON_DIFF_DIFFERS) report_table_cell(table, "%s", canon_diff_class_name(d->verdict));
    else report_table_cell(table, "%s", canon_diff_status_name(d->status));
    report_table_tint(table, class_tint(d->verdict));
    check_cells(table, diff, i);
    measures(table, d, node);
    report_table_cell(table, "%s", notes(text, diff, i));
    shown++;
  }
  if (shown) {
    report_text("\n");
    report_table_print(table);
  }
  report_table_free(table);
}

static void hit_cell(report_table *table, struct diff_hit hit) {
  char text[DIFF_HIT_WORDS];
  report_table_cell(table, "%s", hit.first == CANON_NONE ? "-" : diff_hit_words(text, &hit));
}

static void number_cell(report_table *table, double number) {
  if (isnan(number)) report_table_cell(table, "-");
  else report_table_cell(table, "%.7g", number);
}

/* Of the tensors that differ. */
static void print_stats(const struct diff *diff) {
  static const char *const headings[] = {"PATH",     ">REL L2",  ">1 - COSINE", ">MEAN CHANGE", ">UP",  ">DOWN",
                                         ">ULP 50%", ">ULP 99%", "ROWS",        "COLUMNS",      "NOTES"};
  uint64_t n = canon_comparison_tensors(diff->comparison), shown = 0;
  report_table *table = report_table_new(headings, COUNT(headings));
  for (uint64_t i = 0; i < n && shown < diff->max; i++) {
    const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
    const canon_diff_stats *stats = canon_comparison_stats(diff->comparison, i);
    if (!stats || d->status == CANON_DIFF_SAME) continue;
    int moved = d->rising || d->falling,
        is_offset = d->rising + d->falling > 1 && stats->least_change == stats->greatest_change;
    report_table_cell(table, "%s", path_for_people(diff_path(diff->a, d->a)));
    number_cell(table, stats->relative_l2);
    number_cell(table, stats->cosine_distance);
    number_cell(table, stats->mean_change);
    report_table_cell(table, "%" PRIu64, d->rising);
    report_table_cell(table, "%" PRIu64, d->falling);
    for (int k = 0; k < 2; k++) {
      if (d->has_ulp && moved) report_table_cell(table, "%" PRIu64, diff_quantile(d, stats, k ? 0.99 : 0.5));
      else report_table_cell(table, "-");
    }
    hit_cell(table, diff_hit_rows(stats));
    hit_cell(table, diff_hit_columns(stats));
    if (is_offset) report_table_cell(table, "each by %.7g", stats->least_change);
    else report_table_cell(table, "%s", "");
    shown++;
  }
  if (shown) {
    report_text("\n");
    report_table_print(table);
  }
  report_table_free(table);
}

/* At most VALUE_WIDTH code points of a value. */
static const char *cut(char text[LINE], const char *value) {
  size_t width = 0, at = 0;
  for (; value[at]; at++)
    if (((unsigned char)value[at] & 0xc0) != 0x80 && ++width > VALUE_WIDTH) break;
  snprintf(text, LINE, "%.*s%s", (int)at, value, value[at] ? "..." : "");
  return text;
}

static void value_cell(report_table *table, canon_artifact *artifact, uint64_t node) {
  char text[LINE];
  report_table_cell(table, "%s", node == CANON_NONE ? "-" : cut(text, diff_value(artifact, node)));
}

/* Those that are not the same. */
static void print_values(const struct diff *diff) {
  static const char *const headings[] = {"PATH", "KIND", "RESULT", "A", "B", "NOTES"};
  uint64_t n = canon_comparison_values(diff->comparison), shown = 0;
  report_table *table = report_table_new(headings, COUNT(headings));
  for (uint64_t i = 0; i < n && shown < diff->max; i++) {
    const canon_value_difference *d = canon_comparison_value(diff->comparison, i);
    if (d->status == CANON_DIFF_SAME) continue;
    canon_artifact *owner = diff_owner(diff, d->a);
    uint64_t node = d->a == CANON_NONE ? d->b : d->a;
    report_table_cell(table, "%s", path_for_people(diff_path(owner, node)));
    report_table_cell(table, "%s", canon_kind_name(diff_node(owner, node)->kind));
    report_table_cell(table, "%s", canon_diff_status_name(d->status));
    report_table_tint(table, REPORT_BAD);
    value_cell(table, diff->a, d->a);
    value_cell(table, diff->b, d->b);
    if (diff_value_key_kind(diff, i)) report_table_cell(table, "key %s", diff_value_key_kind(diff, i));
    else report_table_cell(table, "%s", "");
    shown++;
  }
  if (shown) {
    report_text("\n");
    report_table_print(table);
  }
  report_table_free(table);
}

static const char *plural(uint64_t n) { return n == 1 ? "" : "s"; }

static void note_part(char text[LINE], uint64_t part, uint64_t whole, const char *what) {
  note(text, "%" PRIu64 " of %" PRIu64 " %s%s", part, whole, what, plural(whole));
}

/* "verdict: rounding (2 of 8 tensors, 7 of 1024 elements)" */
static void print_verdict(const struct diff *diff) {
  struct diff_counts counts = diff_count(diff);
  if (counts.volatile_values)
    report_text("\n%" PRIu64 " value%s of the run that wrote a file, not compared; with them: --volatile\n",
                counts.volatile_values, plural(counts.volatile_values));
  uint32_t verdict = canon_comparison_verdict(diff->comparison);
  char text[LINE] = "";
  if (counts.other_tensors) note_part(text, counts.other_tensors, counts.tensors, "tensor");
  if (counts.differing) note_part(text, counts.differing, counts.elements, "element");
  if (counts.other_values) note_part(text, counts.other_values, counts.values, "value");
  if (!*text) {
    note(text, "%" PRIu64 " tensor%s", counts.tensors, plural(counts.tensors));
    if (counts.values) note(text, "%" PRIu64 " value%s", counts.values, plural(counts.values));
  }
  report_text("\nverdict: ");
  report_tinted(class_tint(verdict), canon_diff_class_name(verdict));
  report_text(" (%s)", text);
  for (uint64_t i = 0; i < diff->checks->n; i++) {
    int passes = diff_check_passes(diff, i);
    report_text(", ");
    report_tinted(passes ? REPORT_GOOD : REPORT_BAD, passes ? "passes" : "fails");
    report_text(" %s", diff->checks->items[i].name);
  }
  report_text("%s\n", diff->allow && verdict && verdict <= diff->allow ? ", which is allowed" : "");
}

void diff_print(const struct diff *diff) {
  report_line("a: %s (%s)", canon_artifact_name(diff->a), canon_artifact_format(diff->a));
  report_line("b: %s (%s)", canon_artifact_name(diff->b), canon_artifact_format(diff->b));
  print_tensors(diff);
  if (diff->stats) print_stats(diff);
  print_values(diff);
  print_verdict(diff);
}
