/* SPDX-License-Identifier: MIT
 * diff_text.c: a comparison as tables for people, and its verdict. */
#include <inttypes.h>
#include <stdio.h>
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

/* What numbers do not say. */
static const char *notes(char text[LINE], const struct diff *diff, const canon_difference *d) {
  char shape[LINE];
  const canon_node *b = d->b == CANON_NONE ? NULL : diff_node(diff->b, d->b);
  text[0] = 0;
  if (d->status == CANON_DIFF_MOVED) note(text, "now %s", path_for_people(diff_path(diff->b, d->b)));
  if (d->status == CANON_DIFF_DTYPE) note(text, "now %s", canon_dtype_name(b->dtype));
  if (d->status == CANON_DIFF_SHAPE) note(text, "now %s", numbers(shape, b->shape, b->rank));
  if (d->nan) note(text, "%" PRIu64 " NaN on one side", d->nan);
  if (d->infinite) note(text, "%" PRIu64 " infinite on one side", d->infinite);
  if (d->nan_pairs) note(text, "%" PRIu64 " NaN on both sides", d->nan_pairs);
  if (d->nan_bits) note(text, "%" PRIu64 " NaN with other bits", d->nan_bits);
  if (d->zero_signs) note(text, "%" PRIu64 " zeros of the other sign", d->zero_signs);
  return text;
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
  if (at != CANON_NONE) diff_index(node, at, index);
  report_table_cell(table, "%s", at == CANON_NONE ? "" : numbers(text, index, node->rank));
}

static void print_tensors(const struct diff *diff) {
  static const char *const headings[] = {"PATH",      "DTYPE",     "SHAPE", "RESULT", ">DIFFERING",
                                         ">MAX ABS",  ">MAX ULP", ">MEAN ABS", "AT",     "NOTES"};
  uint64_t n = canon_comparison_tensors(diff->comparison), shown = 0;
  report_table *table = report_table_new(headings, COUNT(headings));
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
    measures(table, d, node);
    report_table_cell(table, "%s", notes(text, diff, d));
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
  static const char *const headings[] = {"PATH", "KIND", "RESULT", "A", "B"};
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
    value_cell(table, diff->a, d->a);
    value_cell(table, diff->b, d->b);
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
  uint32_t verdict = canon_comparison_verdict(diff->comparison);
  char text[LINE] = "";
  if (counts.other_tensors) note_part(text, counts.other_tensors, counts.tensors, "tensor");
  if (counts.differing) note_part(text, counts.differing, counts.elements, "element");
  if (counts.other_values) note_part(text, counts.other_values, counts.values, "value");
  if (!*text) {
    note(text, "%" PRIu64 " tensor%s", counts.tensors, plural(counts.tensors));
    if (counts.values) note(text, "%" PRIu64 " value%s", counts.values, plural(counts.values));
  }
  report_text("\nverdict: %s (%s)%s\n", canon_diff_class_name(verdict), text,
              verdict && diff_passes(diff) ? ", which is allowed" : "");
}

void diff_print(const struct diff *diff) {
  report_line("a: %s (%s)", canon_artifact_name(diff->a), canon_artifact_format(diff->a));
  report_line("b: %s (%s)", canon_artifact_name(diff->b), canon_artifact_format(diff->b));
  print_tensors(diff);
  print_values(diff);
  print_verdict(diff);
}
