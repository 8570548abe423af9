/* SPDX-License-Identifier: MIT
 * conform.c: canon-conform PLUGIN.so [FILE]...: does a plugin keep the rules of canon's plugin ABI? For its author;
 * canon itself never runs it. Each rule is tried in a process of its own (runner.c) over the real host (watch.c). */
#include "tests/conform/conform.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/io/folder.h"

/* In this order: later ones take the earlier ones for granted. What rule_trees writes is read by those behind it. */
static const struct rule rules[] = {
    {"symbols", "it exports the entry only, and imports nothing that a plugin must not do", rule_symbols},
    {"load", "it loads, without changing the process, and its entry gives one table", rule_load},
    {"table", "names, options, variants, flags and sizes are in order", rule_table},
    {"trees", "a tree is refused by name, or written and read back as it was", rule_trees},
    {"bytes", "a tree gives the same bytes, with two writers at a time and in any pieces", rule_bytes},
    {"write-failures", "a failing alloc, sink or tick ends writing, and so does release", rule_write_failures},
    {"probe", "its files are claimed with evidence, others are not", rule_probe},
    {"manifest", "a file gives the same valid tree each time", rule_manifest},
    {"read", "elements are all written, nothing else is, in any pieces", rule_read},
    {"threads", "and from other threads", rule_threads},
    {"roundtrip", "what is read is written and read back as it was", rule_roundtrip},
    {"truncation", "a file cut at any length is refused, or read for what it is", rule_truncation},
    {"corruption", "a changed file is refused, or read for what it says", rule_corruption},
    {"read-failures", "a failing alloc, source or tick ends reading", rule_read_failures},
    {"plan", "a tensor is refused by name, or its plan fits it", rule_plan},
    {"blocks", "map gives the same in any blocks, threads, and in place", rule_blocks},
    {"states", "a reduction gives the same in any parts", rule_states},
    {"transform-failures", "a failing alloc or tick ends a transform", rule_transform_failures},
};

enum { N_RULES = sizeof rules / sizeof *rules };

static const struct manual manual = {rules, N_RULES};

struct arguments {
  unsigned seconds;
  const char *only[N_RULES];
  size_t n_only;
};

static _Noreturn void trouble(const char *what, const char *name) {
  fprintf(stderr, "canon-conform: %s%s%s\n", name ? name : "", name ? ": " : "", what);
  exit(2);
}

static void *grow(void *list, size_t n, size_t size) {
  void *grown = realloc(list, n * size);
  if (!grown) trouble("out of memory", NULL);
  return grown;
}

/* ---- what was given ---- */

static struct input load_input(const char *path, const char *label, const char *format) {
  struct input input = {.path = path, .label = label, .format = format};
  struct stat status;
  FILE *file = NULL;
  if (stat(path, &status)) trouble(strerror(errno), path);
  input.folder = S_ISDIR(status.st_mode);
  if (!input.folder) {
    input.size = (uint64_t)status.st_size;
    input.bytes = grow(NULL, input.size + 1, 1);
    file = fopen(path, "rb");
    if (!file || fread(input.bytes, 1, input.size, file) != input.size)
      trouble(errno ? strerror(errno) : "it cannot be read", path);
    fclose(file);
  }
  return input;
}

static void add_input(struct subject *subject, const char *path, const char *label, const char *format) {
  subject->inputs = grow(subject->inputs, subject->n_inputs + 1, sizeof *subject->inputs);
  subject->inputs[subject->n_inputs++] = load_input(path, label, format);
}

static void add_setting(struct subject *subject, char *text) {
  char *equals = strchr(text, '=');
  if (equals) *equals = 0;
  subject->settings = grow(subject->settings, subject->n_settings + 1, sizeof *subject->settings);
  subject->settings[subject->n_settings++] = (canon_setting){text, equals ? equals + 1 : ""};
}

static void add_variant(struct subject *subject, const char *name) {
  subject->variants = grow(subject->variants, subject->n_variants + 1, sizeof *subject->variants);
  subject->variants[subject->n_variants++] = name;
}

static void add_rule(struct arguments *arguments, const char *name) {
  size_t i = 0;
  while (i < N_RULES && strcmp(rules[i].name, name) != 0) i++;
  if (i == N_RULES) trouble("there is no such rule; --list lists them", name);
  if (arguments->n_only < N_RULES) arguments->only[arguments->n_only++] = rules[i].name;
}

static _Noreturn void list_rules(void) {
  for (size_t i = 0; i < N_RULES; i++) printf("%-20s%s\n", rules[i].name, rules[i].summary);
  exit(0);
}

/* Takes an option and the word behind it; gives how many words that were. */
static int take_option(struct arguments *arguments, struct subject *subject, char **words) {
  const char *name = words[0];
  char *value = words[1];
  if (strcmp(name, "--help") == 0 || strcmp(name, "--man") == 0) {
    (name[2] == 'h' ? manual_help : manual_page)(&manual, stdout);
    exit(0);
  }
  if (strcmp(name, "--list") == 0) list_rules();
  if (!value) trouble("there is no such option, or it needs a value; see --help", name);
  if (strcmp(name, "--variant") == 0) add_variant(subject, value);
  else if (strcmp(name, "--set") == 0) add_setting(subject, value);
  else if (strcmp(name, "--only") == 0) add_rule(arguments, value);
  else if (strcmp(name, "--timeout") == 0) arguments->seconds = (unsigned)strtoul(value, NULL, 10);
  else trouble("there is no such option; see --help", name);
  return 2;
}

static void parse(struct arguments *arguments, struct subject *subject, int argc, char **argv) {
  for (int i = 1; i < argc;) {
    if (argv[i][0] == '-' && argv[i][1]) {
      i += take_option(arguments, subject, argv + i);
      continue;
    }
    if (subject->file) add_input(subject, argv[i], argv[i], NULL);
    else subject->file = argv[i];
    i++;
  }
  if (!subject->file) {
    manual_help(&manual, stderr);
    exit(2);
  }
  char *whole = realpath(subject->file, NULL); /* dlopen looks elsewhere for a name without a slash */
  if (!whole) trouble(strerror(errno), subject->file);
  subject->file = whole;
  subject->object = load_input(subject->file, subject->file, NULL);
  if (!arguments->seconds) trouble("--timeout takes a number of seconds, at least 1", NULL);
}

/* ---- the report ---- */

static void print(const char *word, const struct rule *rule, const char *text) {
  struct text line = {0};
  text_visible(&line, text, strlen(text));
  printf("  %-5s %-19s %s\n", word, rule->name, line.size ? line.bytes : "");
  text_free(&line);
}

static void report(const struct rule *rule, const struct verdict *verdict) {
  char cases[64];
  snprintf(cases, sizeof cases, "%" PRIu64 " case%s", verdict->cases, verdict->cases == 1 ? "" : "s");
  if (verdict->outcome == OUTCOME_KEPT) print("ok", rule, cases);
  if (verdict->outcome == OUTCOME_NOTHING) print("--", rule, verdict->text);
  if (verdict->outcome == OUTCOME_BROKEN) print("FAIL", rule, verdict->text);
  fflush(stdout);
}

/* ---- the run ---- */

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int is_output(const struct dirent *entry) { return strlen(entry->d_name) > 4 && entry->d_name[3] == '-'; }

/* NNN-FORMAT: tree number NNN as the plugin wrote it. */
static void add_outputs(struct subject *subject) {
  struct dirent **entries = NULL;
  int n = scandir(subject->folder, &entries, is_output, by_name);
  for (int i = 0; i < n; i++) {
    struct sapling sapling = sapling_grow((size_t)strtoul(entries[i]->d_name, NULL, 10));
    char *path = grow(NULL, strlen(subject->folder) + strlen(entries[i]->d_name) + 2, 1);
    char *label = grow(NULL, strlen(sapling.name) + 32, 1), *format = strdup(entries[i]->d_name + 4);
    sprintf(path, "%s/%s", subject->folder, entries[i]->d_name);
    sprintf(label, "%s, as it wrote it", sapling.name);
    if (!format) trouble("out of memory", NULL);
    add_input(subject, path, label, format);
    sapling_free(&sapling);
    free(entries[i]);
  }
  free(entries);
}

static int is_wanted(const struct arguments *arguments, const struct rule *rule) {
  for (size_t i = 0; i < arguments->n_only; i++)
    if (strcmp(arguments->only[i], rule->name) == 0) return 1;
  return arguments->n_only == 0;
}

static int is_among(const canon_option *options, uint64_t n, uint32_t size, const char *name) {
  for (uint64_t i = 0; i < n; i++)
    if (strcmp(((const canon_option *)(const void *)((const char *)options + i * size))->name, name) == 0) return 1;
  return 0;
}

static int has_option(const struct subject *subject, const char *name) {
  const canon_format *format;
  const canon_transform *transform;
  for (uint64_t i = 0; (format = own_format(subject, i)); i++)
    if (is_among(format->options, format->n_options, format->option_size, name)) return 1;
  for (uint64_t i = 0; (transform = own_transform(subject, i)); i++)
    if (is_among(transform->options, transform->n_options, transform->option_size, name)) return 1;
  return 0;
}

/* Only after the rule `load` has held in a process that could die of it. */
static void load(struct subject *subject) {
  if (!registry_add_file(&subject->registry, subject->file) || !registry_add_builtin(&subject->registry))
    trouble("out of memory", NULL);
  const canon_plugin_info *info = &subject->registry.plugins[0];
  if (info->problem) trouble(info->problem, subject->file);
  subject->plugin = info->plugin;
  for (size_t i = 0; i < subject->n_settings; i++)
    if (!has_option(subject, subject->settings[i].key))
      trouble("the plugin has no such option", subject->settings[i].key);
}

static int run_all(const struct arguments *arguments, struct subject *subject) {
  printf("%s\n", subject->file);
  int counts[] = {[OUTCOME_KEPT] = 0, [OUTCOME_BROKEN] = 0, [OUTCOME_NOTHING] = 0};
  for (size_t i = 0; i < N_RULES; i++) {
    const struct rule *rule = &rules[i];
    int wanted = is_wanted(arguments, rule);
    if (!wanted && rule->run != rule_trees && rule->run != rule_load) continue; /* what others stand on */
    struct verdict verdict = run_rule(rule, subject, arguments->seconds);
    if (rule->run == rule_trees) add_outputs(subject);
    if (wanted) report(rule, &verdict);
    if (wanted) counts[verdict.outcome]++;
    if (rule->run != rule_load) continue;
    if (verdict.outcome == OUTCOME_BROKEN) {
      if (!wanted) report(rule, &verdict);
      break;
    }
    load(subject);
  }
  if (subject->plugin) printf("%s %s: ", subject->plugin->id, subject->plugin->version);
  printf("%d rules kept, %d do not apply, %d broken\n", counts[OUTCOME_KEPT], counts[OUTCOME_NOTHING],
         counts[OUTCOME_BROKEN]);
  return counts[OUTCOME_BROKEN] ? 1 : 0;
}

int main(int argc, char **argv) {
  struct arguments arguments = {.seconds = 20};
  struct subject subject = {0};
  char folder[] = "/tmp/canon-conform-XXXXXX";
  parse(&arguments, &subject, argc, argv);
  subject.folder = mkdtemp(folder);
  if (!subject.folder) trouble(strerror(errno), folder);
  int status = run_all(&arguments, &subject);
  folder_remove(subject.folder);
  return status;
}
