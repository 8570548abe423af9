/* SPDX-License-Identifier: MIT
 * plugins.c: canon plugins: every plugin, what it brings, and why it is not used where it is not. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/facets.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/verbs.h"

enum { TEXT_COLUMN = 26 };

static const char *or_unknown(const char *text) { return text ? text : "?"; }

/* ---- for people ---- */

/* The command line takes its own for it. */
static int is_hidden(const char *name) {
  for (size_t i = 0; name && i < cli_option_count; i++)
    if (strcmp(cli_option_rows[i].name, name) == 0) return 1;
  return 0;
}

static void print_options(facet_options options) {
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    char label[128], text[512];
    snprintf(label, sizeof label, "--%s%s%s", or_unknown(option.name), option.argument ? " " : "",
             option.argument ? option.argument : "");
    snprintf(text, sizeof text, "%s%s", option.summary ? option.summary : "",
             is_hidden(option.name) ? "; hidden by canon's own option of that name" : "");
    report_entry(4, label, TEXT_COLUMN, text);
  }
}

static void print_format(const canon_format *format) {
  char label[128], text[512];
  snprintf(label, sizeof label, "format %s", format->name);
  const char *suffixes = format->suffixes ? format->suffixes : "";
  snprintf(text, sizeof text, "%s%s%s%s", or_unknown(format->summary), *suffixes ? "; suffix " : "", suffixes,
           format->begin ? "" : "; read only");
  report_entry(2, label, TEXT_COLUMN, text);
  print_options(facet_options_of_format(format));
}

static void print_transform(const canon_transform *transform) {
  char label[512], text[512];
  snprintf(label, sizeof label, "transform %s", transform->name);
  report_entry(2, label, TEXT_COLUMN, or_unknown(transform->summary));
  for (uint64_t i = 0; i < transform->n_variants;) {
    canon_variant variant = facet_variants_alike(transform, &i, label, sizeof label);
    snprintf(text, sizeof text, "%s: %s", facet_guarantee(variant.guarantee), variant.summary ? variant.summary : "");
    report_entry(4, label, TEXT_COLUMN, text);
  }
  for (uint64_t i = 0; i < transform->n_shorthands; i++) {
    canon_shorthand shorthand = facet_shorthand(transform, i);
    snprintf(label, sizeof label, "--%s", or_unknown(shorthand.option));
    snprintf(text, sizeof text, "the same as --%s %s", transform->name, or_unknown(shorthand.variant));
    report_entry(4, label, TEXT_COLUMN, text);
  }
  print_options(facet_options_of_transform(transform));
}

static void print_plugin(const canon_context *context, uint64_t place) {
  canon_plugin_info info = canon_plugin_at(context, place);
  const canon_plugin *plugin = info.plugin;
  report_text("\n");
  report_heading(plugin ? or_unknown(plugin->id) : or_unknown(info.file));
  if (plugin)
    report_line("  %s, %s, %s", or_unknown(plugin->version), or_unknown(plugin->license),
                info.file ? info.file : "built in");
  if (plugin && plugin->summary) report_entry(2, "", 2, plugin->summary);
  if (info.problem) {
    report_entry(2, "not used:", 13, info.problem);
    return;
  }
  uint64_t owner;
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, &owner);
    if (owner == place) print_format(format);
  }
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, &owner);
    if (owner == place) print_transform(transform);
  }
}

/* ---- for programs ---- */

static void json_words(json_writer *json, const char *key, const char *words) {
  json_open(json, key, '[');
  while (words && *words) {
    char word[64];
    size_t length = strcspn(words, " ");
    snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), words);
    json_string(json, NULL, word);
    words += length + strspn(words + length, " ");
  }
  json_close(json, ']');
}

static void json_options(json_writer *json, facet_options options) {
  json_open(json, "options", '[');
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    json_open(json, NULL, '{');
    json_string(json, "name", option.name);
    json_string(json, "argument", option.argument);
    json_string(json, "summary", option.summary);
    json_close(json, '}');
  }
  json_close(json, ']');
}

static void json_format(json_writer *json, const canon_format *format) {
  json_open(json, NULL, '{');
  json_string(json, "name", format->name);
  json_string(json, "summary", format->summary);
  json_words(json, "suffixes", format->suffixes);
  json_boolean(json, "reads", 1);
  json_boolean(json, "writes", format->begin != NULL);
  json_options(json, facet_options_of_format(format));
  json_close(json, '}');
}

static void json_transform(json_writer *json, const canon_transform *transform) {
  json_open(json, NULL, '{');
  json_string(json, "name", transform->name);
  json_string(json, "argument", transform->argument);
  json_string(json, "summary", transform->summary);
  json_open(json, "variants", '[');
  for (uint64_t i = 0; i < transform->n_variants; i++) {
    canon_variant variant = facet_variant(transform, i);
    json_open(json, NULL, '{');
    json_string(json, "name", variant.name);
    json_string(json, "guarantee", facet_guarantee(variant.guarantee));
    json_string(json, "summary", variant.summary);
    json_close(json, '}');
  }
  json_close(json, ']');
  json_open(json, "shorthands", '[');
  for (uint64_t i = 0; i < transform->n_shorthands; i++) {
    canon_shorthand shorthand = facet_shorthand(transform, i);
    json_open(json, NULL, '{');
    json_string(json, "option", shorthand.option);
    json_string(json, "variant", shorthand.variant);
    json_close(json, '}');
  }
  json_close(json, ']');
  json_options(json, facet_options_of_transform(transform));
  json_close(json, '}');
}

static void json_plugin(json_writer *json, const canon_context *context, uint64_t place) {
  canon_plugin_info info = canon_plugin_at(context, place);
  const canon_plugin *plugin = info.plugin;
  uint64_t owner;
  json_open(json, NULL, '{');
  json_string(json, "id", plugin ? plugin->id : NULL);
  json_string(json, "version", plugin ? plugin->version : NULL);
  json_string(json, "license", plugin ? plugin->license : NULL);
  json_string(json, "summary", plugin ? plugin->summary : NULL);
  json_string(json, "file", info.file);
  json_string(json, "problem", info.problem);
  json_open(json, "formats", '[');
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, &owner);
    if (owner == place) json_format(json, format);
  }
  json_close(json, ']');
  json_open(json, "transforms", '[');
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, &owner);
    if (owner == place) json_transform(json, transform);
  }
  json_close(json, ']');
  json_close(json, '}');
}

int plugins_run(canon_context *context, const cli_options *options) {
  if (options->operands.n) {
    report_error("plugins takes no file, but got '%s'", options->operands.items[0]);
    return 2;
  }
  if (!options->json) {
    report_line("kernels: %s", canon_kernels());
    for (uint64_t i = 0; i < canon_plugin_count(context); i++) print_plugin(context, i);
    return 0;
  }
  json_writer json = {0};
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.plugins/1");
  json_string(&json, "kernels", canon_kernels());
  json_open(&json, "plugins", '[');
  for (uint64_t i = 0; i < canon_plugin_count(context); i++) json_plugin(&json, context, i);
  json_close(&json, ']');
  json_close(&json, '}');
  json_end(&json);
  return 0;
}
