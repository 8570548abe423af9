/* SPDX-License-Identifier: MIT
 * options.h: the tables of options.def, and the parser of a command line.
 * GNU style: --name=value and --name value, -qf, options and operands in any order, -- before operands that begin with
 * -. */
#ifndef CANON_CLI_OPTIONS_H
#define CANON_CLI_OPTIONS_H

#include <canon/canon.h>
#include <stddef.h>

#include "cli/words.h"

typedef struct cli_options cli_options;

/* Options of transforms, of formats to read, and those of formats that are for writing alone. */
enum { TAKES_NOTHING = 0, TAKES_STEPS = 1, TAKES_FORMATS = 2, TAKES_WRITING = 4 };

typedef struct cli_verb {
  const char *name;
  uint32_t takes;
  const char *operands;
  const char *summary;
  int (*run)(canon_context *context, const cli_options *options); /* gives the exit status */
} cli_verb;

enum {
#define VERB(ID, name, takes, operands, summary) VERB_##ID,
#include "cli/options.def"
  VERB_COUNT
};

extern const cli_verb cli_verbs[VERB_COUNT];

enum { OPTION_FLAG, OPTION_TEXT, OPTION_LIST, OPTION_NUMBER, OPTION_WIDE, OPTION_BYTES };

typedef struct cli_option {
  uint32_t verbs; /* bit 1 << VERB_ID; all ones: every verb, and before it */
  uint32_t kind;
  size_t field; /* offset in cli_options */
  const char *name;
  char letter;
  const char *argument;
  const char *summary;
  const char *detail;
} cli_option;

extern const cli_option cli_option_rows[];
extern const size_t cli_option_count;

typedef struct cli_example {
  int verb;
  const char *command;
  const char *summary;
} cli_example;

extern const cli_example cli_examples[];
extern const size_t cli_example_count;

typedef struct cli_list {
  const char **items; /* borrowed from argv */
  size_t n;
} cli_list;

typedef struct cli_settings {
  canon_setting *items;
  size_t n;
} cli_settings;

typedef struct cli_step {
  const canon_transform *transform;
  const char *variant;
  cli_settings settings;
} cli_step;

struct cli_options {
  int argc;
  char **argv;
  int at;            /* the next word */
  int operands_only; /* after -- */

  const cli_verb *verb; /* NULL: none was named */
  cli_list operands;
  cli_step *steps;
  size_t n_steps;
  cli_settings settings; /* of formats */
  int recorded;          /* the settings are those of a record, which tells how a file was written too */

  const char *from, *to, *completion, *equal, *allow, *rtol, *atol, *tolerances, *html;
  cli_list select, exclude, plugin_dir, preset, report;
  uint64_t threads, limit_expand, max, ulp; /* CLI_DEFAULT: not given */
  int tensors_only, force, keep_order, digest, stats, tree, each, first, exact_bounds, equal_nan, record, json, man,
      quiet, verbose, help, version;
  int compare_volatile;
};

#define CLI_DEFAULT UINT64_MAX

/* Options that stand before the verb, and the verb. Both give 0, or 2 after an error was printed. */
int options_start(cli_options *options, int argc, char **argv);
/* The rest; the context knows the plugins by now. */
int options_parse(cli_options *options, const canon_context *context);
void options_free(cli_options *options);

int options_apply(const cli_option *row, const cli_verb *verb); /* is it one of this verb's? verb NULL: of every verb */
canon_selection options_selection(const cli_options *options);
const cli_verb *options_verb(const char *name); /* prints an error and gives NULL if there is none */

#endif
