/* SPDX-License-Identifier: MIT
 * help.c: canon help and --help, from options.def and from what the plugins declare. */
#include <stdio.h>
#include <string.h>

#include "cli/completion.h"
#include "cli/facets.h"
#include "cli/manual.h"
#include "cli/report.h"
#include "cli/verbs.h"

enum { INDENT = 2, TEXT_COLUMN = 26 };

static const char *or_nothing(const char *text) { return text ? text : ""; }

static void print_entry(const char *indent, const char *name, const char *argument, const char *summary) {
  char label[128];
  snprintf(label, sizeof label, "%s--%s%s%s", indent, name, argument ? " " : "", or_nothing(argument));
  report_entry(INDENT, label, TEXT_COLUMN, or_nothing(summary));
}

static void print_own_options(const cli_verb *verb, int common) {
  for (size_t i = 0; i < cli_option_count; i++) {
    const cli_option *row = &cli_option_rows[i];
    char letter[] = "-?, ";
    letter[1] = row->letter;
    if (options_apply(row, verb) && options_apply(row, NULL) == common)
      print_entry(row->letter ? letter : "    ", row->name, row->argument, row->summary);
  }
}

static void print_facet_options(facet_options options, uint32_t takes) {
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    if (option.name && facet_option_applies(&option, takes))
      print_entry("    ", option.name, option.argument, option.summary);
  }
}

static void print_transform(const canon_transform *transform) {
  char text[512];
  print_entry("", transform->name, transform->argument ? transform->argument : "VARIANT", transform->summary);
  for (uint64_t i = 0; i < transform->n_variants;) {
    canon_variant variant = facet_variants_alike(transform, &i, text, sizeof text);
    report_entry(INDENT + 4, text, TEXT_COLUMN, or_nothing(variant.summary));
  }
  print_facet_options(facet_options_of_transform(transform), TAKES_STEPS);
  for (uint64_t i = 0; i < transform->n_shorthands; i++) {
    canon_shorthand shorthand = facet_shorthand(transform, i);
    snprintf(text, sizeof text, "the same as --%s %s", transform->name, or_nothing(shorthand.variant));
    print_entry("", or_nothing(shorthand.option), NULL, text);
  }
}

static void print_transforms(const canon_context *context) {
  if (!canon_transform_count(context)) return;
  report_text("\n");
  report_heading("Transforms, run in the order given");
  for (uint64_t i = 0; i < canon_transform_count(context); i++) print_transform(canon_transform_at(context, i, NULL));
}

static void print_formats(const canon_context *context, uint32_t takes) {
  if (!canon_format_count(context)) return;
  report_text("\n");
  report_heading("Formats");
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, NULL);
    char text[512];
    snprintf(text, sizeof text, "%s (%s%s)", or_nothing(format->summary), or_nothing(format->suffixes),
             format->begin ? "" : "; read only");
    report_entry(INDENT, format->name, TEXT_COLUMN, text);
    print_facet_options(facet_options_of_format(format), takes);
  }
}

static void print_examples(const cli_verb *verb) {
  report_text("\n");
  report_heading("Examples");
  for (size_t i = 0; i < cli_example_count; i++) {
    if (&cli_verbs[cli_examples[i].verb] != verb) continue;
    report_text("  %s\n", cli_examples[i].command);
    report_entry(INDENT + 4, "", INDENT + 4, cli_examples[i].summary);
  }
}

void help_verb(const canon_context *context, const cli_verb *verb) {
  report_text("usage: canon %s [OPTION]...%s%s\n\n", verb->name, *verb->operands ? " " : "", verb->operands);
  report_text("canon %s: %s\n\n", verb->name, verb->summary);
  report_heading("Options");
  print_own_options(verb, 0);
  print_own_options(verb, 1);
  if (verb->takes & TAKES_STEPS) print_transforms(context);
  if (verb->takes & TAKES_FORMATS) print_formats(context, verb->takes);
  print_examples(verb);
}

void help_overview(void) {
  report_text("usage: canon VERB [OPTION]... [FILE]...\n\n");
  report_text(
      "canon reads files of tensors without executing anything in them, and writes\n"
      "them so that equal values give equal bytes, on every machine.\n\n");
  report_heading("Verbs");
  for (size_t i = 0; i < VERB_COUNT; i++) report_entry(INDENT, cli_verbs[i].name, INDENT + 10, cli_verbs[i].summary);
  report_text("\n");
  report_heading("Options of every verb");
  print_own_options(NULL, 1);
  report_text("\n");
  report_heading("To begin with");
  report_text("  canon info model.pt\n  canon convert --normalize ref in.pt out.npy\n  canon help convert\n");
  report_text("\nExit status: 0 done, 1 differs, 2 trouble (usage, disk, memory), 3 refused.\n");
}

int help_run(canon_context *context, const cli_options *options) {
  if (options->operands.n > 1) {
    report_error("help explains one verb at a time; '%s' is one too many", options->operands.items[1]);
    return 2;
  }
  const cli_verb *verb = options->operands.n ? options_verb(options->operands.items[0]) : NULL;
  if (options->operands.n && !verb) return 2;
  if (options->completion) return completion_print(context, options->completion);
  if (options->man) return manual_print(context, verb);
  if (verb) help_verb(context, verb);
  else help_overview();
  return 0;
}
