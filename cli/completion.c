/* SPDX-License-Identifier: MIT
 * completion.c: see completion.h. First the words that may stand behind a verb, then what each shell wants to hear. */
#include "cli/completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/facets.h"
#include "cli/options.h"
#include "cli/report.h"

struct word {
  const char *name; /* without -- */
  char letter;
  const char *argument; /* NULL: a flag */
  const char *summary;
  char *values; /* what the argument may be, with spaces between; empty: anything */
  int repeatable;
};

struct words {
  const cli_verb *verb; /* NULL: before the verb */
  struct word *items;
  size_t n;
};

/* ---- the words ---- */

/* A plugin may call things as it likes; what a shell would not take as one plain word is not offered. */
static int is_plain_word(const char *name) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-";
  return name && *name && *name != '-' && !name[strspn(name, plain)];
}

static void values_add(char **values, const char *value) {
  size_t length = *values ? strlen(*values) : 0;
  if (!is_plain_word(value)) return;
  *values = report_resize(*values, length + strlen(value) + 2, 1);
  sprintf(*values + length, "%s%s", length ? " " : "", value);
}

/* The first of a name counts: two transforms may both have an --axis. */
static void words_add(struct words *words, struct word word) {
  int known = !is_plain_word(word.name);
  for (size_t i = 0; !known && i < words->n; i++) known = strcmp(words->items[i].name, word.name) == 0;
  if (known) {
    free(word.values);
    return;
  }
  words->items = report_resize(words->items, words->n + 1, sizeof *words->items);
  if (!word.summary) word.summary = "";
  words->items[words->n++] = word;
}

static void add_facet_options(struct words *words, facet_options options, uint32_t takes) {
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    if (!facet_option_applies(&option, takes)) continue;
    const char *argument = option.argument && option.argument[0] != '[' ? option.argument : NULL;
    words_add(words,
              (struct word){.name = option.name, .argument = argument, .summary = option.summary, .repeatable = 1});
  }
}

static void add_transform(struct words *words, const canon_transform *transform) {
  char *variants = NULL;
  for (uint64_t i = 0; i < transform->n_variants; i++) values_add(&variants, facet_variant(transform, i).name);
  words_add(words, (struct word){.name = transform->name,
                                 .argument = transform->argument ? transform->argument : "VARIANT",
                                 .summary = transform->summary,
                                 .values = variants,
                                 .repeatable = 1});
  for (uint64_t i = 0; i < transform->n_shorthands; i++)
    words_add(words, (struct word){
                         .name = facet_shorthand(transform, i).option, .summary = transform->summary, .repeatable = 1});
  add_facet_options(words, facet_options_of_transform(transform), TAKES_STEPS);
}

/* By what options.def calls an argument. */
static const struct {
  const char *argument, *value;
} known_values[] = {
    {"SHELL", "bash"},          {"SHELL", "zsh"},           {"SHELL", "fish"},      {"RULE", "bits"},
    {"RULE", "values"},         {"CLASS", "rounding"},      {"CLASS", "half-flip"}, {"CLASS", "permutation"},
    {"CLASS", "values"},        {"CLASS", "structure"},     {"PRESET", "torch"},    {"PRESET", "numpy"},
    {"PRESET", "bitsandbytes"}, {"PRESET", "assert_close"},
};

/* What stands for an argument that options.def names so. */
static char *values_of(const canon_context *context, const cli_option *row) {
  char *values = NULL;
  if (row->kind == OPTION_FLAG) return NULL;
  for (uint64_t i = 0; strcmp(row->argument, "FORMAT") == 0 && i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, NULL);
    if (strcmp(row->name, "to") != 0 || format->begin) values_add(&values, format->name);
  }
  for (size_t i = 0; i < sizeof known_values / sizeof *known_values; i++)
    if (strcmp(row->argument, known_values[i].argument) == 0) values_add(&values, known_values[i].value);
  return values;
}

static struct words words_of(const canon_context *context, const cli_verb *verb) {
  struct words words = {.verb = verb};
  for (size_t i = 0; i < cli_option_count; i++) {
    const cli_option *row = &cli_option_rows[i];
    if (!options_apply(row, verb)) continue;
    words_add(&words, (struct word){row->name, row->letter, row->argument, row->summary, values_of(context, row),
                                    row->kind == OPTION_LIST});
  }
  uint32_t takes = verb ? verb->takes : TAKES_NOTHING;
  for (uint64_t i = 0; takes & TAKES_STEPS && i < canon_transform_count(context); i++)
    add_transform(&words, canon_transform_at(context, i, NULL));
  for (uint64_t i = 0; takes & TAKES_FORMATS && i < canon_format_count(context); i++)
    add_facet_options(&words, facet_options_of_format(canon_format_at(context, i, NULL)), takes);
  return words;
}

static int takes_folder(const struct word *word) { return word->argument && strcmp(word->argument, "DIR") == 0; }
static int takes_verb(const struct words *words) { return words->verb && strcmp(words->verb->operands, "[VERB]") == 0; }
static int takes_files(const struct words *words) {
  return words->verb && *words->verb->operands && !takes_verb(words);
}
static const char *name_of(const struct words *words) { return words->verb ? words->verb->name : ""; }

static void put_verbs(void) {
  for (size_t i = 0; i < VERB_COUNT; i++) report_text("%s%s", i ? " " : "", cli_verbs[i].name);
}

/* `text` within single quotes, each of `special` behind a backslash. */
static void put_quoted(const char *text, const char *special) {
  for (; *text; text++) {
    if (*text == '\'') report_text(strchr(special, '\'') ? "\\'" : "'\\''");
    else if ((unsigned char)*text < ' ') report_text(" ");
    else report_text(strchr(special, *text) ? "\\%c" : "%c", *text);
  }
}

/* ---- bash ---- */

static void bash_begin(void) {
  report_text(
      "# bash completion for canon, made by: canon help --completion bash\n"
      "_canon() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb= words= i\n"
      "  if [[ $word == = ]]; then word=\n"
      "  elif [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      --plugin-dir) [[ ${COMP_WORDS[i + 1]} == = ]] && ((i++)); ((i++)) ;;\n"
      "      -*) ;;\n"
      "      *) verb=${COMP_WORDS[i]}; break ;;\n"
      "    esac\n"
      "  done\n"
      "  case $verb:$before in\n");
}

static void bash_values(const struct words *words) {
  for (size_t i = 0; i < words->n; i++) {
    const struct word *word = &words->items[i];
    if (!word->argument) continue;
    report_text("    %s:--%s) ", name_of(words), word->name);
    if (takes_folder(word)) {
      report_text("mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); compopt -o filenames; return ;;\n");
    } else if (word->values) {
      report_text("words='%s' ;;\n", word->values);
    } else {
      report_text("return ;;\n");
    }
  }
}

static void bash_options(const struct words *words) {
  report_text("        %s) words='", words->verb ? name_of(words) : "''");
  if (!words->verb) put_verbs();
  for (size_t i = 0; i < words->n; i++) report_text("%s--%s", i || !words->verb ? " " : "", words->items[i].name);
  report_text("'");
  if (takes_files(words)) report_text("; [[ $word == -* ]] || words=");
  if (takes_verb(words)) {
    report_text("; [[ $word == -* ]] || words='");
    put_verbs();
    report_text("'");
  }
  report_text(" ;;\n");
}

static void bash_print(const struct words *all, size_t n) {
  bash_begin();
  for (size_t i = 0; i < n; i++) bash_values(&all[i]);
  report_text("    *)\n      case $verb in\n");
  for (size_t i = 0; i < n; i++) bash_options(&all[i]);
  report_text(
      "      esac ;;\n"
      "  esac\n"
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}\n"
      "complete -o bashdefault -o default -F _canon canon\n");
}

/* ---- zsh ---- */

static void zsh_option(const struct word *word, const char *indent) {
  static const char special[] = "[]:\\";
  report_text(" \\\n%s", indent);
  if (word->letter) report_text("'(-%c --%s)'{-%c,--%s}'[", word->letter, word->name, word->letter, word->name);
  else report_text("'%s--%s%s[", word->repeatable ? "*" : "", word->name, word->argument ? "=" : "");
  put_quoted(word->summary, special);
  report_text("]");
  if (word->argument) {
    report_text(":");
    put_quoted(word->argument, special);
    if (takes_folder(word)) report_text(":_files -/");
    else if (word->values) report_text(":(%s)", word->values);
    else report_text(":");
  }
  report_text("'");
}

static void zsh_print(const struct words *all, size_t n) {
  report_text(
      "#compdef canon\n"
      "# zsh completion for canon, made by: canon help --completion zsh\n"
      "_canon() {\n"
      "  local curcontext=$curcontext state line\n"
      "  typeset -A opt_args\n"
      "  local -a verbs=(\n");
  for (size_t i = 0; i < VERB_COUNT; i++) {
    report_text("    '%s:", cli_verbs[i].name);
    put_quoted(cli_verbs[i].summary, ":\\");
    report_text("'\n");
  }
  report_text("  )\n  _arguments -C -s");
  for (size_t i = 0; i < all->n; i++) zsh_option(&all->items[i], "    ");
  report_text(" \\\n    '1:verb:->verb' '*::word:->word'\n  case $state in\n    verb) _describe verb verbs ;;\n");
  report_text("    word)\n      case $line[1] in\n");
  for (size_t i = 1; i < n; i++) {
    report_text("        %s) _arguments -s", name_of(&all[i]));
    for (size_t k = 0; k < all[i].n; k++) zsh_option(&all[i].items[k], "          ");
    if (takes_files(&all[i])) report_text(" \\\n          '*:file:_files'");
    if (takes_verb(&all[i])) {
      report_text(" \\\n          '1:verb:(");
      put_verbs();
      report_text(")'");
    }
    report_text(" ;;\n");
  }
  report_text(
      "      esac ;;\n"
      "  esac\n"
      "}\n"
      "if [[ $funcstack[1] == _canon ]]; then _canon \"$@\"; else compdef _canon canon; fi\n");
}

/* ---- fish ---- */

static void fish_option(const struct words *words, const struct word *word) {
  if (words->verb) report_text("complete -c canon -n '__fish_seen_subcommand_from %s'", name_of(words));
  else report_text("complete -c canon -n __fish_use_subcommand");
  report_text(" -l %s", word->name);
  if (word->letter) report_text(" -s %c", word->letter);
  if (takes_folder(word)) report_text(" -x -a '(__fish_complete_directories)'");
  else if (word->values) report_text(" -x -a '%s'", word->values);
  else if (word->argument) report_text(" -x");
  report_text(" -d '");
  put_quoted(word->summary, "'\\");
  report_text("'\n");
}

static void fish_print(const struct words *all, size_t n) {
  report_text("# fish completion for canon, made by: canon help --completion fish\n");
  for (size_t i = 0; i < VERB_COUNT; i++) {
    report_text("complete -c canon -n __fish_use_subcommand -f -a %s -d '", cli_verbs[i].name);
    put_quoted(cli_verbs[i].summary, "'\\");
    report_text("'\n");
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t k = 0; k < all[i].n; k++) fish_option(&all[i], &all[i].items[k]);
    if (!takes_verb(&all[i])) continue;
    report_text("complete -c canon -n '__fish_seen_subcommand_from %s' -f -a '", name_of(&all[i]));
    put_verbs();
    report_text("'\n");
  }
}

int completion_print(const canon_context *context, const char *shell) {
  static const struct {
    const char *shell;
    void (*print)(const struct words *all, size_t n);
  } shells[] = {{"bash", bash_print}, {"zsh", zsh_print}, {"fish", fish_print}};
  for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
    if (strcmp(shells[i].shell, shell) != 0) continue;
    struct words all[VERB_COUNT + 1];
    for (size_t k = 0; k <= VERB_COUNT; k++) all[k] = words_of(context, k ? &cli_verbs[k - 1] : NULL);
    shells[i].print(all, VERB_COUNT + 1);
    for (size_t k = 0; k <= VERB_COUNT; k++) {
      for (size_t w = 0; w < all[k].n; w++) free(all[k].items[w].values);
      free(all[k].items);
    }
    return 0;
  }
  report_error("--completion is for bash, zsh or fish, not '%s'", shell);
  return 2;
}
