/* SPDX-License-Identifier: MIT
 * options.c: the tables of options.def and the parser that reads a command line by them and by what plugins declare. */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/facets.h"
#include "cli/report.h"
#include "cli/verbs.h"

const cli_verb cli_verbs[VERB_COUNT] = {
#define VERB(ID, name, takes, operands, summary) {#name, takes, operands, summary, name##_run},
#include "cli/options.def"
};

#define OF(ID) (1u << VERB_##ID)
#define EVERY UINT32_MAX
const cli_option cli_option_rows[] = {
#define OPTION(verbs, kind, field, name, letter, argument, summary, detail) \
  {verbs, OPTION_##kind, offsetof(cli_options, field), name, letter, argument, summary, detail},
#include "cli/options.def"
};
const size_t cli_option_count = sizeof cli_option_rows / sizeof *cli_option_rows;

const cli_example cli_examples[] = {
#define EXAMPLE(ID, command, summary) {VERB_##ID, command, summary},
#include "cli/options.def"
};
const size_t cli_example_count = sizeof cli_examples / sizeof *cli_examples;

/* What a word that begins with -- means: the first member that is set says it. */
struct meaning {
  const cli_option *own;
  const canon_transform *transform; /* adds a step, */
  const char *variant;              /* which a shorthand names */
  cli_settings *settings;           /* where an option of a plugin goes */
  canon_option option;
};

/* Has the verb a row of its own in place of this one, which every verb has? */
static int is_replaced(const cli_option *row, const cli_verb *verb) {
  for (size_t i = 0; row->verbs == EVERY && i < cli_option_count; i++) {
    const cli_option *other = &cli_option_rows[i];
    if (other->verbs != EVERY && other->verbs & 1u << (verb - cli_verbs) && strcmp(other->name, row->name) == 0)
      return 1;
  }
  return 0;
}

int options_apply(const cli_option *row, const cli_verb *verb) {
  if (!verb) return row->verbs == EVERY;
  return row->verbs & 1u << (verb - cli_verbs) && !is_replaced(row, verb);
}

canon_selection options_selection(const cli_options *options) {
  return (canon_selection){.select = options->select.items,
                           .n_select = options->select.n,
                           .exclude = options->exclude.items,
                           .n_exclude = options->exclude.n,
                           .tensors_only = (uint32_t)options->tensors_only};
}

static void list_add(cli_list *list, const char *item) {
  list->items = report_resize(list->items, list->n + 1, sizeof *list->items);
  list->items[list->n++] = item;
}

/* The last one counts. */
static void settings_put(cli_settings *settings, const char *key, const char *value) {
  for (size_t i = 0; i < settings->n; i++) {
    if (strcmp(settings->items[i].key, key) != 0) continue;
    settings->items[i].value = value;
    return;
  }
  settings->items = report_resize(settings->items, settings->n + 1, sizeof *settings->items);
  settings->items[settings->n++] = (canon_setting){key, value};
}

static void step_add(cli_options *options, const canon_transform *transform, const char *variant) {
  options->steps = report_resize(options->steps, options->n_steps + 1, sizeof *options->steps);
  options->steps[options->n_steps++] = (cli_step){.transform = transform, .variant = variant};
}

static int own_set(cli_options *options, const cli_option *row, const char *value) {
  void *field = (char *)options + row->field;
  switch (row->kind) {
    case OPTION_FLAG: *(int *)field = 1; break;
    case OPTION_TEXT: *(const char **)field = value; break;
    case OPTION_LIST: list_add(field, value); break;
    case OPTION_NUMBER:
    case OPTION_WIDE:
      if (words_number(value, 0, field) &&
          *(uint64_t *)field <= (row->kind == OPTION_WIDE ? CLI_DEFAULT - 1 : UINT32_MAX))
        break;
      report_error("--%s takes a whole number, not '%s'", row->name, value);
      return 2;
    case OPTION_BYTES:
      if (words_number(value, 1, field)) break;
      report_error("--%s takes a number of bytes such as 4096, 512M or 4G, not '%s'", row->name, value);
      return 2;
  }
  return 0;
}

/* ---- what a name means ---- */

static const cli_option *own_find(const cli_verb *verb, const char *name) {
  for (size_t i = 0; i < cli_option_count; i++)
    if (options_apply(&cli_option_rows[i], verb) && strcmp(cli_option_rows[i].name, name) == 0)
      return &cli_option_rows[i];
  return NULL;
}

/* Of the transforms given so far, the last that has such an option. */
static cli_step *step_with(cli_options *options, const char *name, canon_option *option) {
  for (size_t i = options->n_steps; i-- > 0;)
    if (facet_find_option(facet_options_of_transform(options->steps[i].transform), name, option))
      return &options->steps[i];
  return NULL;
}

static int interpret(cli_options *options, const canon_context *context, const char *name, struct meaning *meaning) {
  *meaning = (struct meaning){.own = own_find(options->verb, name)};
  if (meaning->own) return 1;
  uint32_t takes = options->verb ? options->verb->takes : TAKES_NOTHING;
  if (takes & TAKES_STEPS) {
    meaning->transform = facet_find_transform(context, name);
    if (!meaning->transform) meaning->transform = facet_find_shorthand(context, name, &meaning->variant);
    if (meaning->transform) return 1;
    cli_step *step = step_with(options, name, &meaning->option);
    if (step) meaning->settings = &step->settings;
  }
  if (!meaning->settings && takes & TAKES_FORMATS && facet_find_format_with(context, name, takes, &meaning->option))
    meaning->settings = &options->settings;
  return meaning->settings != NULL;
}

static const char *argument_of(const struct meaning *meaning) {
  if (meaning->own) return meaning->own->argument;
  if (meaning->transform)
    return meaning->variant ? NULL : meaning->transform->argument ? meaning->transform->argument : "VARIANT";
  return meaning->option.argument;
}

/* Where to read on: "canon help VERB", or "canon help". */
static const char *help_command(const cli_options *options) {
  static const char *const commands[VERB_COUNT] = {
#define VERB(ID, name, takes, operands, summary) "canon help " #name,
#include "cli/options.def"
  };
  return options->verb ? commands[options->verb - cli_verbs] : "canon help";
}

static uint64_t unusable_plugins(const canon_context *context) {
  uint64_t n = 0;
  for (uint64_t i = 0; i < canon_plugin_count(context); i++) n += canon_plugin_at(context, i).problem != NULL;
  return n;
}

static int no_such_option(const cli_options *options, const canon_context *context, const char *name) {
  const char *verb = options->verb ? options->verb->name : "canon";
  canon_option option;
  const canon_transform *transform =
      options->verb && options->verb->takes & TAKES_STEPS ? facet_find_transform_with(context, name, &option) : NULL;
  if (transform) {
    report_error("--%s is an option of --%s, which must come before it", name, transform->name);
    return 2;
  }
  const canon_format *written = options->verb && options->verb->takes & TAKES_FORMATS
                                    ? facet_find_format_with(context, name, TAKES_WRITING, &option)
                                    : NULL;
  if (written) {
    report_error("%s has no option --%s, which is for writing %s; canon convert has", verb, name, written->name);
    return 2;
  }
  words_nearest nearest = {.wanted = name};
  for (size_t i = 0; i < cli_option_count; i++)
    if (options_apply(&cli_option_rows[i], options->verb)) words_nearest_offer(&nearest, cli_option_rows[i].name);
  if (options->verb) facet_offer_options(context, options->verb->takes, &nearest);
  for (size_t i = 0; !nearest.name && i < VERB_COUNT; i++) {
    if (!own_find(&cli_verbs[i], name)) continue;
    if (options->verb) report_error("%s has no option --%s; canon %s has", verb, name, cli_verbs[i].name);
    else report_error("--%s comes after the verb, as in canon %s --%s", name, cli_verbs[i].name, name);
    return 2;
  }
  uint64_t unusable = options->verb && options->verb->takes ? unusable_plugins(context) : 0;
  if (nearest.name) report_error("%s has no option --%s; did you mean --%s?", verb, name, nearest.name);
  else if (unusable) report_error("%s has no option --%s; canon plugins tells why a plugin is not used", verb, name);
  else report_error("%s has no option --%s; see %s", verb, name, help_command(options));
  return 2;
}

static int no_such_letter(const cli_options *options, const char *letters) {
  uint32_t code;
  size_t length = words_decode(letters, strlen(letters), &code);
  report_error("%s has no option -%.*s; see %s", options->verb ? options->verb->name : "canon",
               (int)(length ? length : 1), letters, help_command(options));
  return 2;
}

static void variants_of(const canon_transform *transform, char *text, size_t size) {
  size_t n = 0;
  text[0] = 0;
  for (uint64_t i = 0; i < transform->n_variants; i++) {
    const char *name = facet_variant(transform, i).name;
    if (!name || n + strlen(name) + 8 > size) return;
    n += (size_t)sprintf(text + n, "%s%s", !i ? "" : i + 1 == transform->n_variants ? " or " : ", ", name);
  }
}

static int no_argument(const char *name, const struct meaning *meaning) {
  char variants[512] = "";
  if (meaning->transform) variants_of(meaning->transform, variants, sizeof variants);
  const char *what = *variants ? variants : argument_of(meaning);
  if (*what == '[') report_error("--%s= has nothing after it; leave out the = as well, or say what comes there", name);
  else report_error("--%s needs %s after it", name, what);
  return 2;
}

/* ---- words ---- */

/* "[SEPARATOR]": --flatten=. gives one, --flatten none. A word of its own counts only if it is punctuation alone, such
 * as / or ::, which is no name that anybody would give a file. */
static const char *optional_argument(cli_options *options) {
  const char *word = options->at < options->argc ? options->argv[options->at] : "-";
  for (const char *at = word; *at; at++)
    if (!ispunct((unsigned char)*at)) return "";
  if (word[0] == '-' || !*word) return "";
  options->at++;
  return word;
}

static int take_long(cli_options *options, const canon_context *context, const char *word) {
  char name[64];
  size_t length = strcspn(word, "=");
  const char *value = word[length] ? word + length + 1 : NULL;
  snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), word);
  struct meaning meaning;
  if (!interpret(options, context, name, &meaning)) return no_such_option(options, context, name);
  const char *argument = argument_of(&meaning);
  if (argument && argument[0] == '[') {
    if (value && !*value) return no_argument(name, &meaning);
    if (!value) value = optional_argument(options);
  } else if (argument) {
    if (!value && options->at == options->argc) return no_argument(name, &meaning);
    if (!value) value = options->argv[options->at++];
  } else if (value) {
    report_error("--%s takes no value", name);
    return 2;
  }
  if (meaning.own) return own_set(options, meaning.own, value);
  if (meaning.transform) step_add(options, meaning.transform, meaning.variant ? meaning.variant : value);
  else settings_put(meaning.settings, meaning.option.name, value ? value : "");
  return 0;
}

static const cli_option *own_find_letter(const cli_verb *verb, char letter) {
  for (size_t i = 0; i < cli_option_count; i++)
    if (cli_option_rows[i].letter == letter && options_apply(&cli_option_rows[i], verb)) return &cli_option_rows[i];
  return NULL;
}

/* -qf: each letter is a flag. */
static int take_letters(cli_options *options, const char *letters) {
  for (; *letters; letters++) {
    const cli_option *own = own_find_letter(options->verb, *letters);
    if (own) own_set(options, own, NULL);
    else return no_such_letter(options, letters);
  }
  return 0;
}

static int take_operand(cli_options *options, const char *word) {
  if (options->verb) {
    list_add(&options->operands, word);
    return 0;
  }
  options->verb = options_verb(word);
  return options->verb ? 0 : 2;
}

static int take_word(cli_options *options, const canon_context *context) {
  const char *word = options->argv[options->at++];
  int is_stdio = word[0] == '-' && (!word[1] || strncmp(word + 1, "#/", 2) == 0); /* "-", "-#/pointer" */
  if (options->operands_only || word[0] != '-' || is_stdio) return take_operand(options, word);
  if (word[1] != '-') return take_letters(options, word + 1);
  if (word[2]) return take_long(options, context, word + 2);
  options->operands_only = 1;
  return 0;
}

const cli_verb *options_verb(const char *name) {
  words_nearest nearest = {.wanted = name};
  struct stat status;
  for (size_t i = 0; i < VERB_COUNT; i++) {
    if (strcmp(cli_verbs[i].name, name) == 0) return &cli_verbs[i];
    words_nearest_offer(&nearest, cli_verbs[i].name);
  }
  if (stat(name, &status) == 0) report_error("'%s' is a file, not a verb; did you mean canon info %s?", name, name);
  else if (nearest.name) report_error("there is no verb '%s'; did you mean %s?", name, nearest.name);
  else report_error("there is no verb '%s'; canon help lists them", name);
  return NULL;
}

int options_start(cli_options *options, int argc, char **argv) {
  *options = (cli_options){.argc = argc,
                           .argv = argv,
                           .at = 1,
                           .threads = CLI_DEFAULT,
                           .limit_expand = CLI_DEFAULT,
                           .max = CLI_DEFAULT,
                           .ulp = CLI_DEFAULT};
  int status = 0;
  while (!status && !options->verb && options->at < argc) status = take_word(options, NULL);
  return status;
}

int options_parse(cli_options *options, const canon_context *context) {
  int status = 0;
  while (!status && options->at < options->argc) status = take_word(options, context);
  return status;
}

void options_free(cli_options *options) {
  for (size_t i = 0; i < options->n_steps; i++) free(options->steps[i].settings.items);
  free(options->steps);
  free(options->settings.items);
  free(options->operands.items);
  free(options->select.items);
  free(options->exclude.items);
  free(options->plugin_dir.items);
  free(options->preset.items);
  free(options->report.items);
}
