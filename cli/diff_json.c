/* SPDX-License-Identifier: MIT
 * diff_json.c: a comparison as JSON for programs, schema canon.diff/1 (docs/diff.schema.json). */
#include <math.h>

#include "cli/diff.h"
#include "cli/json.h"

static void json_numbers(json_writer *json, const char *key, const uint64_t *array, uint32_t n) {
  json_open(json, key, '[');
  for (uint32_t i = 0; i < n; i++) json_unsigned(json, NULL, array[i]);
  json_close(json, ']');
}

static void json_index(json_writer *json, const char *key, const canon_node *node, uint64_t element) {
  uint64_t index[CANON_MAX_RANK];
  if (element == CANON_NONE) {
    json_raw(json, key, "null");
    return;
  }
  diff_index(node, element, index);
  json_numbers(json, key, index, node->rank);
}

static void json_least(json_writer *json, const char *key, double number) {
  if (isnan(number)) json_raw(json, key, "null");
  else json_double(json, key, number);
}

/* ulp NULL: it has none. */
static void json_tolerance(json_writer *json, const char *key, double rtol, double atol, const uint64_t *ulp) {
  json_open(json, key, '{');
  json_least(json, "rtol", rtol);
  json_least(json, "atol", atol);
  if (ulp && *ulp == CANON_NONE) json_raw(json, "ulp", "null");
  else if (ulp) json_unsigned(json, "ulp", *ulp);
  json_close(json, '}');
}

enum { JSON_PASSES, JSON_FAILING, JSON_PASSES_AT };

static void json_checks(json_writer *json, const struct diff *diff, uint64_t tensor, int what) {
  for (uint64_t i = 0; i < diff->checks->n; i++) {
    const canon_check_result *result = canon_comparison_check(diff->comparison, tensor, i);
    const char *name = diff->checks->items[i].name;
    if (what == JSON_PASSES) json_boolean(json, name, result->passes != 0);
    else if (what == JSON_FAILING) json_unsigned(json, name, result->failing);
    else json_tolerance(json, name, result->least_rtol, result->least_atol, NULL);
  }
}

static void json_measures(json_writer *json, const struct diff *diff, uint64_t i, const canon_node *node) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
  json_unsigned(json, "differing", d->differing);
  if (d->measured) json_double(json, "max_abs_diff", d->max_abs);
  else json_raw(json, "max_abs_diff", "null");
  if (d->has_ulp) json_unsigned(json, "max_ulp_diff", d->max_ulp);
  else json_raw(json, "max_ulp_diff", "null");
  if (d->measured) json_double(json, "mean_abs_diff", d->mean_abs);
  else json_raw(json, "mean_abs_diff", "null");
  json_open(json, "passes_at", '{');
  json_tolerance(json, "exact", d->least_rtol, d->least_atol, &d->least_ulp);
  json_checks(json, diff, i, JSON_PASSES_AT);
  json_close(json, '}');
  json_open(json, "presets", '{');
  json_checks(json, diff, i, JSON_PASSES);
  json_close(json, '}');
  json_open(json, "failing", '{');
  json_checks(json, diff, i, JSON_FAILING);
  json_close(json, '}');
  json_index(json, "first", node, d->first);
  json_index(json, "worst", node, d->worst);
  json_index(json, "worst_ulp", node, d->worst_ulp);
  json_unsigned(json, "rising", d->rising);
  json_unsigned(json, "falling", d->falling);
  json_unsigned(json, "nan", d->nan);
  json_unsigned(json, "infinite", d->infinite);
  json_unsigned(json, "zero_signs", d->zero_signs);
  json_unsigned(json, "nan_bits", d->nan_bits);
  if (d->nan_pairs != CANON_NONE) json_unsigned(json, "nan_pairs", d->nan_pairs);
}

static void json_hit(json_writer *json, const char *key, struct diff_hit hit) {
  const char *pattern = diff_hit_pattern(&hit);
  json_open(json, key, '{');
  json_unsigned(json, "count", hit.count);
  if (hit.n == CANON_NONE) json_raw(json, "hit", "null");
  else json_unsigned(json, "hit", hit.n);
  if (hit.first == CANON_NONE) json_raw(json, "first", "null"), json_raw(json, "last", "null");
  else json_unsigned(json, "first", hit.first), json_unsigned(json, "last", hit.last);
  if (pattern) json_string(json, "pattern", pattern);
  else json_raw(json, "pattern", "null");
  json_close(json, '}');
}

/* Bins that hold something. */
static void json_histograms(json_writer *json, const canon_diff_stats *stats) {
  json_open(json, "ulp_histogram", '[');
  for (uint64_t i = 0; i < CANON_ULP_BINS; i++) {
    if (!stats->ulp[i]) continue;
    json_open(json, NULL, '{');
    json_unsigned(json, "from", canon_ulp_bin_start(i));
    json_unsigned(json, "to", i + 1 < CANON_ULP_BINS ? canon_ulp_bin_start(i + 1) - 1 : UINT64_MAX);
    json_unsigned(json, "count", stats->ulp[i]);
    json_close(json, '}');
  }
  json_close(json, ']');
  json_open(json, "relative_histogram", '[');
  for (int i = 0; i < CANON_RELATIVE_BINS; i++) {
    if (!stats->relative[i]) continue;
    json_open(json, NULL, '{');
    json_signed(json, "exponent", i - 128);
    json_unsigned(json, "count", stats->relative[i]);
    json_close(json, '}');
  }
  json_close(json, ']');
  json_unsigned(json, "to_zero", stats->to_zero);
}

static void json_stats(json_writer *json, const canon_difference *d, const canon_diff_stats *stats) {
  static const struct {
    const char *name;
    double share;
  } quantiles[] = {{"0.5", 0.5}, {"0.9", 0.9}, {"0.99", 0.99}, {"0.999", 0.999}, {"1", 1}};
  int moved = d->rising || d->falling;
  json_open(json, "stats", '{');
  json_double(json, "norm_a", stats->norm_a);
  json_double(json, "norm_b", stats->norm_b);
  json_double(json, "norm_change", stats->norm_change);
  json_least(json, "relative_l2", stats->relative_l2);
  json_least(json, "cosine", stats->cosine);
  json_least(json, "cosine_distance", stats->cosine_distance);
  json_double(json, "mean_change", stats->mean_change);
  json_least(json, "least_change", moved ? stats->least_change : (double)NAN);
  json_least(json, "greatest_change", moved ? stats->greatest_change : (double)NAN);
  json_open(json, "ulp_quantiles", '{');
  for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
    if (d->has_ulp && moved) json_unsigned(json, quantiles[i].name, diff_quantile(d, stats, quantiles[i].share));
  json_close(json, '}');
  json_histograms(json, stats);
  json_hit(json, "rows", diff_hit_rows(stats));
  json_hit(json, "columns", diff_hit_columns(stats));
  json_close(json, '}');
}

static void json_key_kind(json_writer *json, const char *key_kind) {
  if (key_kind) json_string(json, "key_kind", key_kind);
}

static void json_tensor(json_writer *json, const struct diff *diff, uint64_t tensor) {
  const canon_difference *d = canon_comparison_tensor(diff->comparison, tensor);
  canon_artifact *owner = diff_owner(diff, d->a);
  uint64_t i = d->a == CANON_NONE ? d->b : d->a;
  const canon_node *node = diff_node(owner, i), *b = d->b == CANON_NONE ? NULL : diff_node(diff->b, d->b);
  json_open(json, NULL, '{');
  json_string(json, "path", diff_path(owner, i));
  json_key_kind(json, diff_tensor_key_kind(diff, tensor));
  json_string(json, "status", canon_diff_status_name(d->status));
  json_string(json, "class", canon_diff_class_name(d->verdict));
  json_string(json, "dtype", canon_dtype_name(node->dtype));
  json_numbers(json, "shape", node->shape, node->rank);
  json_unsigned(json, "elements", d->elements);
  if (d->status == CANON_DIFF_MOVED) json_string(json, "b_path", diff_path(diff->b, d->b));
  if (d->status == CANON_DIFF_DTYPE) json_string(json, "b_dtype", canon_dtype_name(b->dtype));
  if (d->status == CANON_DIFF_DTYPE || d->status == CANON_DIFF_SHAPE) json_numbers(json, "b_shape", b->shape, b->rank);
  if (d->status <= CANON_DIFF_DIFFERS) json_measures(json, diff, tensor, node);
  const canon_diff_stats *stats = canon_comparison_stats(diff->comparison, tensor);
  if (stats && diff->stats) json_stats(json, d, stats);
  json_close(json, '}');
}

static void json_value(json_writer *json, const struct diff *diff, uint64_t value) {
  const canon_value_difference *d = canon_comparison_value(diff->comparison, value);
  canon_artifact *owner = diff_owner(diff, d->a);
  uint64_t i = d->a == CANON_NONE ? d->b : d->a;
  json_open(json, NULL, '{');
  json_string(json, "path", diff_path(owner, i));
  json_key_kind(json, diff_value_key_kind(diff, value));
  json_string(json, "status", canon_diff_status_name(d->status));
  if (d->a != CANON_NONE) {
    json_string(json, "a_kind", canon_kind_name(diff_node(diff->a, d->a)->kind));
    json_raw(json, "a", diff_value(diff->a, d->a));
  }
  if (d->b != CANON_NONE) {
    json_string(json, "b_kind", canon_kind_name(diff_node(diff->b, d->b)->kind));
    json_raw(json, "b", diff_value(diff->b, d->b));
  }
  json_close(json, '}');
}

static void json_side(json_writer *json, const char *key, canon_artifact *artifact) {
  json_open(json, key, '{');
  json_string(json, "file", canon_artifact_name(artifact));
  json_string(json, "format", canon_artifact_format(artifact));
  json_close(json, '}');
}

static void json_counts(json_writer *json, const struct diff *diff) {
  struct diff_counts counts = diff_count(diff);
  json_open(json, "counts", '{');
  json_unsigned(json, "tensors", counts.tensors);
  json_unsigned(json, "other_tensors", counts.other_tensors);
  json_unsigned(json, "elements", counts.elements);
  json_unsigned(json, "differing", counts.differing);
  json_unsigned(json, "values", counts.values);
  json_unsigned(json, "other_values", counts.other_values);
  json_unsigned(json, "volatile", counts.volatile_values);
  json_close(json, '}');
}

/* By each check: what it is, and whether all tensors pass. */
static void json_all_checks(json_writer *json, const struct diff *diff) {
  static const char *const arithmetics[] = {"exact", "torch", "numpy"};
  json_open(json, "checks", '[');
  for (uint64_t i = 0; i < diff->checks->n; i++) {
    const canon_check *check = &diff->checks->items[i];
    json_open(json, NULL, '{');
    json_string(json, "name", check->name);
    json_string(json, "arithmetic", arithmetics[check->arithmetic]);
    json_boolean(json, "equal_nan", check->flags & CANON_CHECK_EQUAL_NAN);
    json_boolean(json, "decides", i < diff->checks->deciding);
    json_boolean(json, "passes", diff_check_passes(diff, i));
    json_close(json, '}');
  }
  json_close(json, ']');
}

void diff_print_json(const struct diff *diff) {
  json_writer json = {0};
  const canon_comparison *comparison = diff->comparison;
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.diff/1");
  json_boolean(&json, "same", canon_comparison_verdict(comparison) == CANON_CLASS_SAME);
  json_string(&json, "verdict", canon_diff_class_name(canon_comparison_verdict(comparison)));
  json_boolean(&json, "passes", diff_passes(diff));
  json_side(&json, "a", diff->a);
  json_side(&json, "b", diff->b);
  json_all_checks(&json, diff);
  json_counts(&json, diff);
  json_open(&json, "tensors", '[');
  for (uint64_t i = 0, shown = 0; i < canon_comparison_tensors(comparison) && shown < diff->max; i++) {
    const canon_difference *d = canon_comparison_tensor(comparison, i);
    if (diff->max != CLI_DEFAULT && d->status == CANON_DIFF_SAME) continue;
    json_tensor(&json, diff, i);
    shown++;
  }
  json_close(&json, ']');
  json_open(&json, "values", '[');
  for (uint64_t i = 0, shown = 0; i < canon_comparison_values(comparison) && shown < diff->max; i++) {
    const canon_value_difference *d = canon_comparison_value(comparison, i);
    if (diff->max != CLI_DEFAULT && d->status == CANON_DIFF_SAME) continue;
    json_value(&json, diff, i);
    shown++;
  }
  json_close(&json, ']');
  json_close(&json, '}');
  json_end(&json);
}
