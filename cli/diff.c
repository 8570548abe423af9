/* SPDX-License-Identifier: MIT
 * diff.c: canon diff: what differs between two artifacts, by how much, and where. */
#include "cli/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/artifact.h"
#include "cli/diff_html.h"
#include "cli/diff_keys.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/verbs.h"

/* ---- what the printers ask ---- */

const canon_node *diff_node(const canon_artifact *artifact, uint64_t node) {
  return canon_manifest_node(canon_artifact_manifest(artifact), node);
}

const char *diff_path(canon_artifact *artifact, uint64_t node) {
  const char *path = canon_artifact_path(artifact, node);
  if (!path) report_out_of_memory();
  return path;
}

const char *diff_value(canon_artifact *artifact, uint64_t node) {
  const char *value = canon_artifact_value(artifact, node);
  if (!value) report_out_of_memory();
  return value;
}

canon_artifact *diff_owner(const struct diff *diff, uint64_t a) { return a == CANON_NONE ? diff->b : diff->a; }

void diff_index(const canon_node *node, uint64_t element, uint64_t index[CANON_MAX_RANK]) {
  for (uint32_t d = node->rank; d-- > 0; element /= node->shape[d]) index[d] = element % node->shape[d];
}

struct diff_counts diff_count(const struct diff *diff) {
  struct diff_counts counts = {.tensors = canon_comparison_tensors(diff->comparison),
                               .values = canon_comparison_values(diff->comparison),
                               .volatile_values = canon_comparison_volatile(diff->comparison)};
  for (uint64_t i = 0; i < counts.tensors; i++) {
    const canon_difference *d = canon_comparison_tensor(diff->comparison, i);
    counts.other_tensors += d->status != CANON_DIFF_SAME;
    if (d->status > CANON_DIFF_DIFFERS) continue;
    counts.elements += d->elements;
    counts.differing += d->differing;
  }
  for (uint64_t i = 0; i < counts.values; i++)
    counts.other_values += canon_comparison_value(diff->comparison, i)->status != CANON_DIFF_SAME;
  return counts;
}

int diff_check_passes(const struct diff *diff, uint64_t check) {
  for (uint64_t i = 0; i < canon_comparison_tensors(diff->comparison); i++) {
    const canon_check_result *result = canon_comparison_check(diff->comparison, i, check);
    if (!result || !result->passes) return 0;
  }
  return 1;
}

/* With checks the tensors pass by them, and everything else has to be the same. */
int diff_passes(const struct diff *diff) {
  uint32_t verdict = canon_comparison_verdict(diff->comparison);
  if (diff->allow && verdict <= diff->allow) return 1;
  if (!diff->checks->deciding) return verdict == CANON_CLASS_SAME;
  if (diff_count(diff).other_values) return 0;
  for (uint64_t i = 0; i < diff->checks->deciding; i++)
    if (!diff_check_passes(diff, i)) return 0;
  return 1;
}

uint64_t diff_quantile(const canon_difference *d, const canon_diff_stats *stats, double share) {
  uint64_t all = 0, so_far = 0, bin = 0;
  for (uint64_t i = 0; i < CANON_ULP_BINS; i++) all += stats->ulp[i];
  while (bin < CANON_ULP_BINS && (double)(so_far += stats->ulp[bin]) < share * (double)all) bin++;
  uint64_t end = bin + 1 < CANON_ULP_BINS ? canon_ulp_bin_start(bin + 1) - 1 : UINT64_MAX;
  return end < d->max_ulp ? end : d->max_ulp;
}

struct diff_hit diff_hit_rows(const canon_diff_stats *stats) {
  return (struct diff_hit){"row", stats->rows, stats->rows_hit, stats->first_row, stats->last_row};
}

struct diff_hit diff_hit_columns(const canon_diff_stats *stats) {
  return (struct diff_hit){"column", stats->columns, stats->columns_hit, stats->first_column, stats->last_column};
}

const char *diff_hit_pattern(const struct diff_hit *hit) {
  if (hit->first == CANON_NONE) return "none";
  if (hit->first == hit->last) return "one";
  if (hit->n == CANON_NONE) return NULL;
  if (hit->n == hit->count) return "all";
  return hit->n == hit->last - hit->first + 1 ? "block" : "scattered";
}

const char *diff_hit_words(char text[DIFF_HIT_WORDS], const struct diff_hit *hit) {
  const char *pattern = diff_hit_pattern(hit);
  if (!pattern) {
    sprintf(text, "some of %" PRIu64 " (%" PRIu64 "..%" PRIu64 ")", hit->count, hit->first, hit->last);
  } else if (strcmp(pattern, "none") == 0 || (strcmp(pattern, "one") == 0 && hit->count == 1)) {
    sprintf(text, "%s of %" PRIu64, *pattern == 'n' ? "none" : "1", hit->count);
  } else if (strcmp(pattern, "one") == 0) {
    sprintf(text, "1 of %" PRIu64 " (%s %" PRIu64 ")", hit->count, hit->one, hit->first);
  } else if (strcmp(pattern, "all") == 0) {
    sprintf(text, "all %" PRIu64, hit->count);
  } else {
    sprintf(text, "%" PRIu64 " of %" PRIu64 " (%s%" PRIu64 "..%" PRIu64 ")", hit->n, hit->count,
            *pattern == 'b' ? "one block, " : "", hit->first, hit->last);
  }
  return text;
}

/* ---- options ---- */

static int equal_of(const cli_options *options, uint32_t *equal) {
  *equal = CANON_EQUAL_BITS;
  if (!options->equal || strcmp(options->equal, "bits") == 0) return 0;
  *equal = CANON_EQUAL_VALUES;
  if (strcmp(options->equal, "values") == 0) return 0;
  report_error("--equal takes bits or values, not '%s'", options->equal);
  return 2;
}

static int allow_of(const cli_options *options, uint32_t *allow) {
  *allow = CANON_CLASS_SAME;
  if (!options->allow) return 0;
  for (uint32_t class_ = 0; canon_diff_class_name(class_); class_++) {
    if (strcmp(canon_diff_class_name(class_), options->allow) != 0) continue;
    *allow = class_;
    return 0;
  }
  report_error("--allow takes rounding, half-flip, permutation, values or structure, not '%s'", options->allow);
  return 2;
}

/* ---- the verb ---- */

static int compare(canon_context *context, struct diff *diff, const canon_compare_options *how,
                   const cli_options *options) {
  canon_comparison *comparison;
  if (canon_compare(diff->a, diff->b, how, &comparison)) return session_failed(context);
  diff->comparison = comparison;
  diff_keys_fill(diff);
  if (options->json) diff_print_json(diff);
  else if (!options->quiet) diff_print(diff);
  int status = options->html ? diff_html_write(diff, options) : 0;
  if (!status) status = diff_passes(diff) ? 0 : 1;
  diff_keys_free(diff);
  canon_comparison_free(comparison);
  return status;
}

static int is_stdin(const char *name) { return name[0] == '-' && (!name[1] || strncmp(name + 1, "#/", 2) == 0); }

int diff_run(canon_context *context, const cli_options *options) {
  canon_compare_options how = {.flags = options->first ? CANON_COMPARE_FIRST : 0};
  struct diff diff = {.max = options->max, .stats = options->stats};
  if (options->compare_volatile) how.flags |= CANON_COMPARE_VOLATILE;
  if (options->stats || options->html) how.flags |= CANON_COMPARE_STATS;
  if (options->html) how.maps = options->max == CLI_DEFAULT ? DIFF_HTML_SECTIONS : options->max;
  if (options->operands.n != 2) {
    report_error("diff needs two FILEs, A and B, not %zu; see canon help diff", options->operands.n);
    return 2;
  }
  if (is_stdin(options->operands.items[0]) && is_stdin(options->operands.items[1])) {
    report_error("A and B cannot both be standard input; give one of them a name");
    return 2;
  }
  struct diff_checks checks;
  int status = diff_checks_fill(&checks, options);
  if (!status) status = equal_of(options, &how.equal);
  if (!status) status = allow_of(options, &diff.allow);
  if (!status) status = diff_html_check(options);
  how.checks = checks.items;
  how.n_checks = checks.n;
  diff.checks = &checks;
  if (!status) diff.a = artifact_open_one(context, options->operands.items[0], options, &status);
  if (diff.a) diff.b = artifact_open_one(context, options->operands.items[1], options, &status);
  if (diff.b && !artifact_options_fit(context, diff.a, diff.b, options)) status = 2;
  if (diff.b && !status) status = compare(context, &diff, &how, options);
  canon_artifact_close(diff.a);
  canon_artifact_close(diff.b);
  diff_checks_free(&checks);
  return status;
}
