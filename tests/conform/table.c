/* SPDX-License-Identifier: MIT
 * table.c: what can be said of a plugin without calling it: that it loads, and that its tables are in order. */
#include <ctype.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/conform.h"

/* ---- load ---- */

void rule_load(const struct subject *subject) {
  struct registry registry = {0};
  step("dlopen and the entry");
  if (!registry_add_file(&registry, subject->file)) no_memory();
  const canon_plugin_info *info = &registry.plugins[0];
  if (info->problem) broken("%s", info->problem);
  const canon_plugin *(*entry)(void) = NULL;
  void *object = dlopen(subject->file, RTLD_NOW | RTLD_LOCAL);
  void *symbol = object ? dlsym(object, CANON_ENTRY_SYMBOL) : NULL;
  memcpy(&entry, &symbol, sizeof entry);
  if (!entry) broken("%s", dlerror());
  step("the entry, a second time");
  if (entry() != info->plugin) broken("its entry gives another table the second time; the table is static const");
  count_case();
}

/* ---- names ---- */

static int is_name(const char *name) {
  if (!name || !islower((unsigned char)*name)) return 0;
  for (; *name; name++)
    if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && !strchr("-_", *name)) return 0;
  return 1;
}

static int is_line(const char *text) {
  if (!text || !*text) return 0;
  for (; *text; text++)
    if (iscntrl((unsigned char)*text)) return 0;
  return 1;
}

static void check_name(const char *name, const char *what) {
  if (!is_name(name))
    broken("%s is named '%s'; lower-case letters, digits, - and _, a letter first", what, name ? name : "NULL");
  count_case();
}

static void check_line(const char *text, const char *what) {
  if (!is_line(text)) broken("%s is missing or not one line of text", what);
  count_case();
}

/* ---- options ---- */

/* Those of the command line itself would hide a plugin's. */
static int taken(const char *name) {
  static const char *const names[] = {
#define OPTION(verbs, kind, field, name, letter, argument, summary, detail) name,
#include "cli/options.def"
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(names[i], name) == 0) return 1;
  return 0;
}

static void check_option(const canon_option *option, uint32_t known_flags) {
  char what[200];
  check_name(option->name, "an option");
  snprintf(what, sizeof what, "the summary of --%s", option->name);
  check_line(option->summary, what);
  if (taken(option->name)) broken("--%s is an option of canon itself", option->name);
  if (option->kind > CANON_OPTION_INTEGER)
    broken("--%s is of kind %" PRIu32 ", which is none", option->name, option->kind);
  if (option->flags & ~known_flags)
    broken("--%s has flags 0x%" PRIx32 " that this canon does not know", option->name, option->flags & ~known_flags);
  if ((option->kind == CANON_OPTION_FLAG) != (option->argument == NULL))
    broken("--%s: a flag has no argument, and what is no flag needs a word for it", option->name);
}

static void check_options(const canon_option *options, uint64_t n, uint32_t size, uint32_t known_flags) {
  for (uint64_t i = 0; i < n; i++) {
    canon_option option = {0}, other = {0};
    memcpy(&option, (const char *)options + i * size, size < sizeof option ? size : sizeof option);
    check_option(&option, known_flags);
    for (uint64_t k = 0; k < i; k++) {
      memcpy(&other, (const char *)options + k * size, size < sizeof other ? size : sizeof other);
      if (strcmp(option.name, other.name) == 0) broken("--%s is declared twice", option.name);
    }
  }
}

/* ---- facets ---- */

static void check_format(const canon_format *format) {
  const uint32_t known = CANON_FORMAT_RANDOM | CANON_FORMAT_CRC32 | CANON_FORMAT_SINGLE | CANON_FORMAT_FOLDER;
  check_name(format->name, "a format");
  check_line(format->summary, "the summary of the format");
  if (format->flags & ~known)
    broken("format %s has flags 0x%" PRIx32 " that this canon does not know", format->name, format->flags & ~known);
  if (format->reserved) broken("format %s: reserved is not 0", format->name);
  if (format->begin && (!format->suffixes || !*format->suffixes) && !(format->flags & CANON_FORMAT_FOLDER))
    broken("format %s is written, but has no suffix to ask for it with", format->name);
  for (const char *at = format->suffixes; at && *at; at++)
    if (*at == '.' || isupper((unsigned char)*at))
      broken("format %s: suffixes are lower-case, without a dot: '%s'", format->name, format->suffixes);
  check_options(format->options, format->n_options, format->option_size, CANON_OPTION_READ | CANON_OPTION_WRITE);
}

static void check_variants(const canon_transform *transform) {
  for (uint64_t i = 0; i < transform->n_variants; i++) {
    canon_variant variant = {0};
    uint32_t size = transform->variant_size;
    memcpy(&variant, (const char *)transform->variants + i * size, size < sizeof variant ? size : sizeof variant);
    check_line(variant.name, "the name of a variant");
    check_line(variant.summary, "the summary of a variant");
    if (variant.guarantee < CANON_EXACT || variant.guarantee > CANON_LOOSE)
      broken("variant %s promises %" PRIu32 "; it is CANON_EXACT, FIXED or LOOSE", variant.name, variant.guarantee);
    if (variant.reserved) broken("variant %s: reserved is not 0", variant.name);
  }
}

static void check_transform(const canon_transform *transform) {
  const uint32_t known = CANON_TRANSFORM_IN_PLACE;
  check_name(transform->name, "a transform");
  check_line(transform->summary, "the summary of the transform");
  if (taken(transform->name)) broken("--%s is an option of canon itself", transform->name);
  if (transform->flags & ~known)
    broken("transform %s has flags 0x%" PRIx32 " that this canon does not know", transform->name,
           transform->flags & ~known);
  if (transform->reserved) broken("transform %s: reserved is not 0", transform->name);
  check_variants(transform);
  check_options(transform->options, transform->n_options, transform->option_size, 0);
  for (uint64_t i = 0; i < transform->n_shorthands; i++) {
    canon_shorthand shorthand;
    memcpy(&shorthand, (const char *)transform->shorthands + i * transform->shorthand_size, sizeof shorthand);
    check_name(shorthand.option, "a shorthand");
    check_line(shorthand.variant, "the variant of a shorthand");
    if (taken(shorthand.option)) broken("--%s is an option of canon itself", shorthand.option);
  }
}

void rule_table(const struct subject *subject) {
  const canon_plugin *plugin = subject->plugin;
  const canon_format *format;
  const canon_transform *transform;
  check_line(plugin->id, "the plugin's id");
  check_line(plugin->version, "the plugin's version");
  check_line(plugin->license, "the plugin's license");
  check_line(plugin->summary, "the plugin's summary");
  if (!strchr(plugin->id, '.'))
    broken("its id is '%s'; one with a dot, as org.example.%s, stays unique", plugin->id, plugin->id);
  if (plugin->abi_minor > CANON_ABI_MINOR)
    broken("it was compiled for ABI %d.%d, this canon-conform knows %d.%d; take a newer one", plugin->abi_major,
           plugin->abi_minor, CANON_ABI_MAJOR, CANON_ABI_MINOR);
  for (uint64_t i = 0; (format = own_format(subject, i)); i++) check_format(format);
  for (uint64_t i = 0; (transform = own_transform(subject, i)); i++) check_transform(transform);
  if (!own_format(subject, 0) && !own_transform(subject, 0)) broken("it has no facet that this canon knows");
}
