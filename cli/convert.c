/* SPDX-License-Identifier: MIT
 * convert.c: canon convert: hands a conversion to the library and says what came of it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/facets.h"
#include "cli/json.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/verbs.h"

static int is_stdio(const char *name) { return strcmp(name, "-") == 0; }

static int is_listed_variant(const canon_transform *transform, const char *variant) {
  for (uint64_t i = 0; i < transform->n_variants; i++) {
    const char *name = facet_variant(transform, i).name;
    if (name && strcmp(name, variant) == 0) return 1;
  }
  return transform->n_variants == 0;
}

/* A transform whose variant was forgotten has taken a file name for it. */
static int operands_missing(const cli_options *options) {
  for (size_t i = 0; i < options->n_steps; i++) {
    const cli_step *step = &options->steps[i];
    if (is_listed_variant(step->transform, step->variant)) continue;
    report_error("convert needs IN and OUT, and --%s took '%s' as its variant; canon help convert lists the variants",
                 step->transform->name, step->variant);
    return 2;
  }
  if (options->operands.n) report_error("convert needs IN and OUT, not only '%s'", options->operands.items[0]);
  else report_error("convert needs IN and OUT; see canon help convert");
  return 2;
}

static int check_operands(const cli_options *options) {
  if (options->operands.n < 2) return operands_missing(options);
  if (options->operands.n > 2) {
    report_error("convert takes IN and OUT, one file each; '%s' is one too many", options->operands.items[2]);
    return 2;
  }
  if (!is_stdio(options->operands.items[1])) return 0;
  if (options->record) {
    report_error("--record writes beside OUT, which is standard output; give OUT a name");
    return 2;
  }
  if (options->json) {
    report_error("--json prints on standard output, which OUT takes already; give OUT a name");
    return 2;
  }
  if (isatty(STDOUT_FILENO)) {
    report_error("standard output is a terminal, and the output is binary; redirect it, or give OUT a name");
    return 2;
  }
  return 0;
}

static void print_json(const cli_options *options, const canon_report *report) {
  json_writer json = {0};
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.report/1");
  json_string(&json, "input", options->operands.items[0]);
  json_string(&json, "output", options->operands.items[1]);
  json_string(&json, "from", report->from);
  json_string(&json, "to", report->to);
  json_open(&json, "steps", '[');
  for (size_t i = 0; i < options->n_steps; i++) {
    const cli_step *step = &options->steps[i];
    json_open(&json, NULL, '{');
    json_string(&json, "transform", step->transform->name);
    json_string(&json, "variant", step->variant);
    record_put_settings(&json, &step->settings, facet_options_of_transform(step->transform), TAKES_STEPS);
    json_close(&json, '}');
  }
  json_close(&json, ']');
  json_unsigned(&json, "tensors", report->tensors);
  json_unsigned(&json, "values", report->values);
  json_unsigned(&json, "bytes_read", report->bytes_read);
  json_unsigned(&json, "bytes_written", report->bytes_written);
  json_open(&json, "counts", '{');
  for (uint64_t i = 0; i < report->n_counts; i++) json_unsigned(&json, report->counts[i].what, report->counts[i].n);
  json_close(&json, '}');
  json_close(&json, '}');
  json_end(&json);
}

static void print_note(const cli_options *options, const canon_report *report) {
  char read[WORDS_SIZE], written[WORDS_SIZE];
  report_note("%s (%s, read %s) to %s (%s, wrote %s)", options->operands.items[0], report->from,
              words_size(read, report->bytes_read), options->operands.items[1], report->to,
              words_size(written, report->bytes_written));
  report_note("%" PRIu64 " tensor%s, %" PRIu64 " other value%s", report->tensors, report->tensors == 1 ? "" : "s",
              report->values, report->values == 1 ? "" : "s");
  for (uint64_t i = 0; i < report->n_counts; i++)
    report_note("%s: %" PRIu64, report->counts[i].what, report->counts[i].n);
}

int convert_run(canon_context *context, const cli_options *options) {
  int status = check_operands(options);
  if (status) return status;
  struct record *beside = options->record ? record_begin(options) : NULL;
  if (options->record && !beside) return 2;
  canon_conversion conversion = {
      .input = options->operands.items[0],
      .open = {.from = options->from,
               .settings = options->settings.items,
               .n_settings = options->settings.n,
               .selection = options_selection(options)},
      .output = options->operands.items[1],
      .to = options->to,
      .settings = options->settings.items,
      .n_settings = options->settings.n,
      .n_steps = options->n_steps,
      .flags = (options->force ? CANON_CONVERT_FORCE : 0) | (options->keep_order ? CANON_CONVERT_KEEP_ORDER : 0) |
               (beside ? CANON_CONVERT_DIGEST : 0),
  };
  canon_step *steps = report_resize(NULL, options->n_steps, sizeof *steps);
  for (size_t i = 0; i < options->n_steps; i++) {
    const cli_step *step = &options->steps[i];
    steps[i] = (canon_step){step->transform->name, step->variant, step->settings.items, step->settings.n};
  }
  conversion.steps = steps;
  session_catch_signals();
  const canon_report *report = NULL;
  if (canon_convert(context, &conversion, &report)) {
    status = session_failed(context);
  } else {
    if (options->json) print_json(options, report);
    print_note(options, report);
    if (beside) status = record_write(context, options, report, beside);
  }
  record_free(beside);
  free(steps);
  return status;
}
