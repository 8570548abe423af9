/* SPDX-License-Identifier: MIT
 * manual.c: turns a page of docs/man into roff. Of Markdown it knows headings, paragraphs, "- " items, ``` blocks,
 * `code` and *emphasis*; a line <!-- options -->, transforms, formats, verbs or examples is replaced by that table. */
#include "cli/manual.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/facets.h"
#include "cli/pages.h"
#include "cli/report.h"

static const char *or_nothing(const char *text) { return text ? text : ""; }

/* ---- roff ---- */

static void put(const char *text, size_t size, int literal) {
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '\\') report_text("\\e");
    else if (text[i] == '-' && literal) report_text("\\-");
    else if ((text[i] == '.' || text[i] == '\'') && i == 0) report_text("\\&%c", text[i]);
    else report_bytes(&text[i], 1);
  }
}

static void put_styled(char style, const char *text) {
  if (!*text) return;
  report_text("\\f%c", style);
  put(text, strlen(text), 1);
  report_text("\\fR");
}

/* One line of prose, with its `code` and *emphasis*. */
static void put_inline(const char *text, size_t size) {
  while (size) {
    size_t plain = 0;
    while (plain < size && text[plain] != '`' && text[plain] != '*') plain++;
    put(text, plain, 0);
    if (plain == size) break;
    const char *start = text + plain + 1, *end = memchr(start, text[plain], size - plain - 1);
    if (!end) end = text + size;
    report_text("\\f%c", text[plain] == '`' ? 'B' : 'I');
    put(start, (size_t)(end - start), 1);
    report_text("\\fR");
    size -= (size_t)(end - text) < size ? (size_t)(end - text) + 1 : size;
    text = end + 1;
  }
  report_text("\n");
}

/* A table's text has no markup. */
static void put_line(const char *text) {
  put(text, strlen(text), 0);
  report_text("\n");
}

/* A summary as a sentence: its first letter large, a full stop behind. */
static void put_sentence(const char *text) {
  if (!*text) return;
  char first = (char)toupper((unsigned char)text[0]);
  put(&first, 1, 0);
  put(text + 1, strlen(text + 1), 0);
  report_text(".\n");
}

/* ---- tables ---- */

static void print_option(char letter, const char *name, const char *argument, const char *summary, const char *detail) {
  char text[128];
  report_text(".TP\n");
  if (letter) {
    snprintf(text, sizeof text, "-%c", letter);
    put_styled('B', text);
    report_text(", ");
  }
  snprintf(text, sizeof text, "--%s", name);
  put_styled('B', text);
  if (argument) report_text(" ");
  put_styled('I', or_nothing(argument));
  report_text("\n");
  put_sentence(or_nothing(summary));
  if (*detail) put_line(detail);
}

static void print_facet_options(facet_options options, uint32_t takes) {
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    if (option.name && facet_option_applies(&option, takes))
      print_option(0, option.name, option.argument, option.summary, "");
  }
}

static void print_options(const canon_context *context, const cli_verb *verb) {
  (void)context;
  for (int common = 0; common <= 1; common++)
    for (size_t i = 0; i < cli_option_count; i++) {
      const cli_option *row = &cli_option_rows[i];
      if (options_apply(row, verb) && options_apply(row, NULL) == common)
        print_option(row->letter, row->name, row->argument, row->summary, row->detail);
    }
}

static void print_transform(const canon_transform *transform) {
  char text[256];
  print_option(0, transform->name, transform->argument ? transform->argument : "VARIANT", transform->summary, "");
  report_text(".RS\n");
  for (uint64_t i = 0; i < transform->n_variants;) {
    canon_variant variant = facet_variants_alike(transform, &i, text, sizeof text);
    report_text(".TP\n");
    put_styled('I', text);
    report_text("\n");
    put_line(or_nothing(variant.summary));
    report_text("(%s)\n", facet_guarantee(variant.guarantee));
  }
  print_facet_options(facet_options_of_transform(transform), TAKES_STEPS);
  report_text(".RE\n");
  for (uint64_t i = 0; i < transform->n_shorthands; i++) {
    canon_shorthand shorthand = facet_shorthand(transform, i);
    snprintf(text, sizeof text, "the same as --%s %s", transform->name, or_nothing(shorthand.variant));
    print_option(0, or_nothing(shorthand.option), NULL, text, "");
  }
}

static void print_transforms(const canon_context *context, const cli_verb *verb) {
  (void)verb;
  for (uint64_t i = 0; i < canon_transform_count(context); i++) print_transform(canon_transform_at(context, i, NULL));
}

static void print_formats(const canon_context *context, const cli_verb *verb) {
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, NULL);
    char text[512];
    report_text(".TP\n");
    put_styled('B', format->name);
    report_text("\n");
    put_sentence(or_nothing(format->summary));
    snprintf(text, sizeof text, "Suffixes: %s.%s", or_nothing(format->suffixes), format->begin ? "" : " Read only.");
    put_line(text);
    if (!format->n_options) continue;
    report_text(".RS\n");
    print_facet_options(facet_options_of_format(format), verb ? verb->takes : TAKES_WRITING);
    report_text(".RE\n");
  }
}

static void print_verbs(const canon_context *context, const cli_verb *verb) {
  (void)context, (void)verb;
  for (size_t i = 0; i < VERB_COUNT; i++) {
    report_text(".TP\n");
    put_styled('B', cli_verbs[i].name);
    report_text("\n");
    put_sentence(cli_verbs[i].summary);
  }
}

static void print_examples(const canon_context *context, const cli_verb *verb) {
  (void)context;
  for (size_t i = 0; i < cli_example_count; i++) {
    if (verb && &cli_verbs[cli_examples[i].verb] != verb) continue;
    report_text(".TP\n");
    put_styled('B', cli_examples[i].command);
    report_text("\n");
    put_sentence(cli_examples[i].summary);
  }
}

/* ---- the page ---- */

static int print_table(const canon_context *context, const cli_verb *verb, const char *line, size_t size) {
  static const struct {
    const char *line;
    void (*print)(const canon_context *context, const cli_verb *verb);
  } tables[] = {
      {"<!-- options -->", print_options},   {"<!-- transforms -->", print_transforms},
      {"<!-- formats -->", print_formats},   {"<!-- verbs -->", print_verbs},
      {"<!-- examples -->", print_examples},
  };
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    if (strlen(tables[i].line) != size || memcmp(tables[i].line, line, size) != 0) continue;
    tables[i].print(context, verb);
    return 1;
  }
  return 0;
}

static void print_section(const char *title, size_t size) {
  report_text(".SH ");
  for (size_t i = 0; i < size; i++) report_text("%c", toupper((unsigned char)title[i]));
  report_text("\n");
}

static void print_body(const canon_context *context, const cli_verb *verb, const char *text) {
  int in_block = 0;
  while (*text) {
    size_t size = strcspn(text, "\n");
    if (size == 3 && memcmp(text, "```", 3) == 0) {
      in_block = !in_block;
      report_text(in_block ? ".PP\n.nf\n.RS 4\n" : ".RE\n.fi\n");
    } else if (in_block) {
      put(text, size, 1);
      report_text("\n");
    } else if (size > 3 && memcmp(text, "## ", 3) == 0) {
      print_section(text + 3, size - 3);
    } else if (size > 2 && memcmp(text, "- ", 2) == 0) {
      report_text(".IP \\(bu 2\n");
      put_inline(text + 2, size - 2);
    } else if (!size) {
      report_text(".PP\n");
    } else if (text[0] != '#' && !print_table(context, verb, text, size)) {
      size_t spaces = strspn(text, " ");
      put_inline(text + spaces, size - spaces);
    }
    text += size + (text[size] != 0);
  }
}

int manual_print(const canon_context *context, const cli_verb *verb) {
  char name[64];
  snprintf(name, sizeof name, "canon%s%s", verb ? "-" : "", verb ? verb->name : "");
  for (size_t i = 0; i < cli_page_count; i++) {
    if (strcmp(cli_pages[i].name, name) != 0) continue;
    report_text(".TH \"%s\" 1 \"\" \"canon %s\" \"canon manual\"\n.SH NAME\n", name, canon_version());
    put(name, strlen(name), 1);
    report_text(" \\- %s\n.SH SYNOPSIS\n\\fBcanon %s\\fR [\\fIOPTION\\fR]... %s\n",
                verb ? verb->summary : "canonical tensors", verb ? verb->name : "\\fIVERB\\fR",
                verb ? verb->operands : "[\\fIFILE\\fR]...");
    print_body(context, verb, cli_pages[i].text);
    return 0;
  }
  report_error("%s has no page of its own; canon help %s tells all there is", verb ? verb->name : "canon",
               verb ? verb->name : "");
  return 2;
}
