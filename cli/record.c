/* SPDX-License-Identifier: MIT
 * record.c: writes a record; see record.h. */
#include "cli/record.h"

#include <stdlib.h>
#include <string.h>

#include "cli/artifact.h"
#include "cli/facets.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/whole_file.h"
#include "cli/words.h"

struct record {
  char *input; /* its file's name without folders, and its pointer */
  char *output;
  char *path; /* of the record */
};

/* ---- names ---- */

/* The first `length` bytes of a name without folders, and the rest as it is. */
static char *without_folders(const char *name, size_t length) {
  size_t end = length, start;
  while (end > 1 && name[end - 1] == '/') end--;
  for (start = end; start > 0 && name[start - 1] != '/';) start--;
  char *base = report_resize(NULL, end - start + strlen(name + length) + 1, 1);
  memcpy(base, name + start, end - start);
  strcpy(base + (end - start), name + length);
  return base;
}

static char *path_beside(const char *output) {
  static const char suffix[] = ".canon.json";
  size_t length = strlen(output);
  while (length > 1 && output[length - 1] == '/') length--;
  char *path = report_resize(NULL, length + sizeof suffix, 1);
  memcpy(path, output, length);
  memcpy(path + length, suffix, sizeof suffix);
  return path;
}

/* JSON is UTF-8, and what is not could only be told wrongly. */
static int is_text(const char *text) {
  uint32_t code = 0;
  for (size_t size = strlen(text), length; size; text += length, size -= length) {
    length = words_decode(text, size, &code);
    if (!length || (code >= 0xd800 && code < 0xe000)) return 0;
  }
  return 1;
}

static int all_text(const cli_options *options, const struct record *r) {
  const char *wrong = is_text(r->input) ? is_text(r->output) ? NULL : r->output : r->input;
  for (size_t i = 0; !wrong && i < options->select.n; i++)
    if (!is_text(options->select.items[i])) wrong = options->select.items[i];
  for (size_t i = 0; !wrong && i < options->exclude.n; i++)
    if (!is_text(options->exclude.items[i])) wrong = options->exclude.items[i];
  for (size_t i = 0; !wrong && i < options->settings.n; i++)
    if (!is_text(options->settings.items[i].value)) wrong = options->settings.items[i].value;
  if (wrong) report_error("%s: it is not UTF-8, as a record must be; leave --record out, or rename it", wrong);
  return !wrong;
}

struct record *record_begin(const cli_options *options) {
  const char *input = options->operands.items[0], *output = options->operands.items[1];
  struct record *r = report_resize(NULL, 1, sizeof *r);
  *r = (struct record){.input = without_folders(input, artifact_file_length(input)),
                       .output = without_folders(output, strlen(output)),
                       .path = path_beside(output)};
  if (all_text(options, r) && whole_file_check(r->path, options->force) == 0) return r;
  record_free(r);
  return NULL;
}

void record_free(struct record *r) {
  if (!r) return;
  free(r->input);
  free(r->output);
  free(r->path);
  free(r);
}

/* ---- what it says ---- */

static void put_plugin(json_writer *json, const canon_context *context, uint64_t plugin) {
  const canon_plugin *info = canon_plugin_at(context, plugin).plugin;
  json_open(json, "plugin", '{');
  json_string(json, "id", info->id);
  json_string(json, "version", info->version);
  json_close(json, '}');
}

void record_put_settings(json_writer *json, const cli_settings *settings, facet_options declared, uint32_t takes) {
  json_open(json, "options", '{');
  for (size_t i = 0; i < settings->n; i++) {
    const canon_setting *setting = &settings->items[i];
    canon_option option;
    if (!facet_find_option(declared, setting->key, &option) || !facet_option_applies(&option, takes)) continue;
    if (option.kind == CANON_OPTION_FLAG) json_boolean(json, setting->key, 1);
    else json_string(json, setting->key, setting->value);
  }
  json_close(json, '}');
}

static void put_digest(json_writer *json, const canon_digest *digest) {
  json_open(json, "digest", '{');
  json_hex(json, sum_names[SUM_TENSORS], digest->tensors, SUM_BYTES);
  json_hex(json, sum_names[SUM_TREE], digest->tree, SUM_BYTES);
  json_close(json, '}');
}

static void put_file(json_writer *json, const canon_context *context, const cli_options *options, const char *file,
                     const char *format, uint32_t takes, const canon_digest *digest) {
  json_string(json, "file", file);
  json_string(json, "format", format);
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    uint64_t plugin;
    const canon_format *known = canon_format_at(context, i, &plugin);
    if (strcmp(known->name, format) != 0) continue;
    put_plugin(json, context, plugin);
    record_put_settings(json, &options->settings, facet_options_of_format(known), takes);
    break;
  }
  put_digest(json, digest);
}

static void put_list(json_writer *json, const char *key, const cli_list *list) {
  json_open(json, key, '[');
  for (size_t i = 0; i < list->n; i++) json_string(json, NULL, list->items[i]);
  json_close(json, ']');
}

static void put_step(json_writer *json, const canon_context *context, const cli_step *step) {
  json_open(json, NULL, '{');
  json_string(json, "transform", step->transform->name);
  json_string(json, "variant", step->variant);
  for (uint64_t i = 0; i < step->transform->n_variants; i++) {
    canon_variant variant = facet_variant(step->transform, i);
    if (variant.name && strcmp(variant.name, step->variant) == 0)
      json_string(json, "guarantee", facet_guarantee(variant.guarantee));
  }
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    uint64_t plugin;
    if (canon_transform_at(context, i, &plugin) == step->transform) put_plugin(json, context, plugin);
  }
  record_put_settings(json, &step->settings, facet_options_of_transform(step->transform), TAKES_STEPS);
  json_close(json, '}');
}

static void put_record(json_writer *json, const canon_context *context, const cli_options *options,
                       const canon_report *report, const struct record *r, const canon_digest *output) {
  json_open(json, NULL, '{');
  json_string(json, "schema", "canon.record/1");
  json_string(json, "canon", canon_version());
  json_open(json, "inputs", '[');
  json_open(json, NULL, '{');
  put_file(json, context, options, r->input, report->from, TAKES_FORMATS, &report->input_digest);
  put_list(json, "select", &options->select);
  put_list(json, "exclude", &options->exclude);
  json_boolean(json, "tensors_only", options->tensors_only);
  json_close(json, '}');
  json_close(json, ']');
  json_open(json, "steps", '[');
  for (size_t i = 0; i < options->n_steps; i++) put_step(json, context, &options->steps[i]);
  json_close(json, ']');
  json_open(json, "output", '{');
  put_file(json, context, options, r->output, report->to, TAKES_WRITING, output);
  json_boolean(json, "keep_order", options->keep_order);
  json_unsigned(json, "tensors", report->tensors);
  json_unsigned(json, "values", report->values);
  json_close(json, '}');
  json_open(json, "rules", '{');
  for (uint64_t i = 0; i < report->n_counts; i++) json_unsigned(json, report->counts[i].what, report->counts[i].n);
  json_close(json, '}');
  json_close(json, '}');
  json_end(json);
}

/* ---- the file ---- */

static int digest_output(canon_context *context, const cli_options *options, const char *format, canon_digest *digest) {
  canon_open_options open = {.from = format, .settings = options->settings.items, .n_settings = options->settings.n};
  canon_artifact *artifact;
  if (canon_artifact_open(context, options->operands.items[1], &open, &artifact)) return session_failed(context);
  int status = artifact_digest(context, artifact, digest);
  canon_artifact_close(artifact);
  return status;
}

int record_write(canon_context *context, const cli_options *options, const canon_report *report, struct record *r) {
  canon_report kept = *report; /* borrowed only until the next call */
  canon_count *counts = report_resize(NULL, report->n_counts, sizeof *counts);
  if (report->n_counts) memcpy(counts, report->counts, report->n_counts * sizeof *counts);
  kept.counts = counts;
  canon_digest output;
  int status = digest_output(context, options, kept.to, &output);
  char *text = NULL;
  size_t size = 0;
  FILE *file = status ? NULL : open_memstream(&text, &size);
  if (!status && !file) report_out_of_memory();
  if (file) {
    json_writer json = {.file = file};
    put_record(&json, context, options, &kept, r, &output);
    int broken = ferror(file);
    if (fclose(file) || broken) report_out_of_memory();
    status = whole_file_write(r->path, text, size, options->force, "; the output itself is complete");
  }
  free(text);
  free(counts);
  return status;
}
