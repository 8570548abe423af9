/* SPDX-License-Identifier: MIT
 * registry.c: takes plugins in. What a table must be is written here, once: every check has one line that a plugin's
 * author can act on. Opening shared objects is load.c. */
#include "core/host/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/load.h"

static char *format_text(const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

/* min(its size, struct_size) bytes into a zeroed table: what an older plugin does not have is NULL, what a newer one
 * has beyond this host is left out. */
static void copy_table(void *dst, size_t size, const void *table) {
  uint32_t theirs;
  memcpy(&theirs, table, sizeof theirs);
  memset(dst, 0, size);
  memcpy(dst, table, theirs < size ? theirs : size);
}

enum {
  FORMAT_MINIMUM = offsetof(canon_format, can_write),
  TRANSFORM_MINIMUM = offsetof(canon_transform, map),
  OPTION_FLAGS = CANON_OPTION_READ | CANON_OPTION_WRITE, /* of a format's */
  FORMAT_FLAGS = CANON_FORMAT_RANDOM | CANON_FORMAT_CRC32 | CANON_FORMAT_FOLDER | CANON_FORMAT_SINGLE,
  TRANSFORM_FLAGS = CANON_TRANSFORM_IN_PLACE,
};

/* What a plugin asks for and this host does not know of must be understood: without it the plugin would do something
 * else. So are reserved members: what a newer header put there has a meaning. */
static const char *unknown_problem(const char *whose, uint32_t unknown_flags, uint32_t reserved, char **detail) {
  if (unknown_flags) {
    *detail = format_text("%s asks for flags 0x%x, which this canon does not know", whose, (unsigned)unknown_flags);
    return *detail ? *detail : "it asks for unknown flags";
  }
  if (reserved) {
    *detail = format_text("%s fills a reserved member, which this canon does not know", whose);
    return *detail ? *detail : "it fills a reserved member";
  }
  return NULL;
}

static const char *options_problem(const canon_option *options, uint64_t n, uint32_t size, uint32_t known_flags,
                                   char **detail) {
  const char *problem = NULL;
  for (uint64_t i = 0; !problem && i < n; i++) {
    canon_option option = {0};
    memcpy(&option, (const char *)options + i * size, size < sizeof option ? size : sizeof option);
    char *whose = format_text("its option --%s", option.name ? option.name : "");
    problem = unknown_problem(whose ? whose : "an option", option.flags & ~known_flags, 0, detail);
    mem_free(whose);
  }
  return problem;
}

static const char *variants_problem(const canon_transform *transform, char **detail) {
  const char *problem = NULL;
  for (uint64_t i = 0; !problem && i < transform->n_variants; i++) {
    canon_variant variant = {0};
    uint32_t size = transform->variant_size;
    memcpy(&variant, (const char *)transform->variants + i * size, size < sizeof variant ? size : sizeof variant);
    char *whose = format_text("its variant %s", variant.name ? variant.name : "");
    problem = unknown_problem(whose ? whose : "a variant", 0, variant.reserved, detail);
    mem_free(whose);
  }
  return problem;
}

static const char *format_problem(const canon_format *format, char **detail) {
  if (format->struct_size < FORMAT_MINIMUM) return "its format table is shorter than any that this host knows";
  if (!format->name || !*format->name) return "its format has no name";
  if (format->n_options && (!format->options || format->option_size < offsetof(canon_option, flags)))
    return "its format's option table is not walkable";
  if (!format->probe || !format->open || !format->manifest || !format->read || !format->close)
    return "its format lacks probe, open, manifest, read or close";
  if (format->begin && (!format->can_write || !format->release || (!format->place && !format->write)))
    return "its format can begin to write but lacks can_write, release, or both place and write";
  const char *problem =
      unknown_problem("its format", format->flags & ~(uint32_t)FORMAT_FLAGS, format->reserved, detail);
  return problem ? problem
                 : options_problem(format->options, format->n_options, format->option_size, OPTION_FLAGS, detail);
}

static const char *transform_problem(const canon_transform *transform, char **detail) {
  if (transform->struct_size < TRANSFORM_MINIMUM) return "its transform table is shorter than any that this host knows";
  if (!transform->name || !*transform->name) return "its transform has no name";
  if ((transform->n_options && (!transform->options || transform->option_size < offsetof(canon_option, flags))) ||
      (transform->n_variants &&
       (!transform->variants || transform->variant_size < offsetof(canon_variant, reserved))) ||
      (transform->n_shorthands && (!transform->shorthands || transform->shorthand_size < sizeof(canon_shorthand))))
    return "its transform's option, variant or shorthand table is not walkable";
  int reduces = transform->begin && transform->add && transform->finish;
  if (!transform->open || !transform->plan || !transform->close) return "its transform lacks open, plan or close";
  if (!transform->map && !reduces) return "its transform has neither map nor all of begin, add and finish";
  const char *problem =
      unknown_problem("its transform", transform->flags & ~(uint32_t)TRANSFORM_FLAGS, transform->reserved, detail);
  if (!problem) problem = options_problem(transform->options, transform->n_options, transform->option_size, 0, detail);
  return problem ? problem : variants_problem(transform, detail);
}

static const char *plugin_problem(const canon_plugin *plugin, char **detail) {
  if (plugin->struct_size < offsetof(canon_plugin, id)) return "its table is cut short";
  if (plugin->abi_major != CANON_ABI_MAJOR) {
    *detail =
        format_text("it speaks ABI %u, this canon speaks %u", (unsigned)plugin->abi_major, (unsigned)CANON_ABI_MAJOR);
    return *detail ? *detail : "it speaks another ABI";
  }
  if (plugin->struct_size < offsetof(canon_plugin, flags) + sizeof plugin->flags) return "its table is cut short";
  if (plugin->flags) {
    *detail = format_text("it asks for flags 0x%x, which this canon does not know", (unsigned)plugin->flags);
    return *detail ? *detail : "it asks for unknown flags";
  }
  if (!plugin->id || !*plugin->id || !plugin->version || !plugin->license || !plugin->summary)
    return "it lacks an id, version, license or summary";
  if (!plugin->n_facets) return "it offers no facet";
  if (!plugin->facets || plugin->facet_size < sizeof(canon_facet)) return "its facet table is not walkable";
  return NULL;
}

static const canon_facet *facet_at(const canon_plugin *plugin, uint64_t i) {
  return (const canon_facet *)(const void *)((const char *)plugin->facets + i * plugin->facet_size);
}

const struct registered_format *registry_format(const struct registry *registry, const char *name) {
  for (size_t i = 0; i < registry->n_formats; i++)
    if (strcmp(registry->formats[i].format.name, name) == 0) return &registry->formats[i];
  return NULL;
}

const struct registered_transform *registry_transform(const struct registry *registry, const char *name) {
  for (size_t i = 0; i < registry->n_transforms; i++)
    if (strcmp(registry->transforms[i].transform.name, name) == 0) return &registry->transforms[i];
  return NULL;
}

const char *registry_plugin_id(const struct registry *registry, uint64_t plugin) {
  const canon_plugin *p = plugin < registry->n_plugins ? registry->plugins[plugin].plugin : NULL;
  return p && p->id ? p->id : "a plugin";
}

/* Checks every facet that this host knows; those it does not know are a newer host's. */
static const char *facets_problem(const struct registry *registry, const canon_plugin *plugin, char **detail) {
  for (uint64_t i = 0; i < plugin->n_facets; i++) {
    const canon_facet *facet = facet_at(plugin, i);
    if (!facet->id || !facet->vtable) return "one of its facets has no id or no table";
    const char *problem = NULL, *taken = NULL;
    if (strcmp(facet->id, CANON_FORMAT_FACET) == 0) {
      canon_format format;
      copy_table(&format, sizeof format, facet->vtable);
      problem = format_problem(&format, detail);
      if (!problem && registry_format(registry, format.name)) taken = format.name;
    } else if (strcmp(facet->id, CANON_TRANSFORM_FACET) == 0) {
      canon_transform transform;
      copy_table(&transform, sizeof transform, facet->vtable);
      problem = transform_problem(&transform, detail);
      if (!problem && registry_transform(registry, transform.name)) taken = transform.name;
    }
    if (problem) return problem;
    if (taken) {
      *detail = format_text("the name %s is taken by a plugin that was found first", taken);
      return *detail ? *detail : "its name is taken";
    }
  }
  for (size_t i = 0; i < registry->n_plugins; i++) {
    const canon_plugin_info *other = &registry->plugins[i];
    if (!other->problem && other->plugin && strcmp(other->plugin->id, plugin->id) == 0) {
      *detail =
          format_text("%s is loaded already from %s", plugin->id, other->file ? other->file : "the library itself");
      return *detail ? *detail : "it is loaded already";
    }
  }
  return NULL;
}

static int take_facets(struct registry *registry, const canon_plugin *plugin, uint64_t place) {
  for (uint64_t i = 0; i < plugin->n_facets; i++) {
    const canon_facet *facet = facet_at(plugin, i);
    if (strcmp(facet->id, CANON_FORMAT_FACET) == 0) {
      void *formats = registry->formats;
      if (!mem_reserve(&formats, sizeof *registry->formats, &registry->format_capacity, registry->n_formats + 1))
        return 0;
      registry->formats = formats;
      struct registered_format *taken = &registry->formats[registry->n_formats++];
      copy_table(&taken->format, sizeof taken->format, facet->vtable);
      taken->plugin = place;
    } else if (strcmp(facet->id, CANON_TRANSFORM_FACET) == 0) {
      void *transforms = registry->transforms;
      if (!mem_reserve(&transforms, sizeof *registry->transforms, &registry->transform_capacity,
                       registry->n_transforms + 1))
        return 0;
      registry->transforms = transforms;
      struct registered_transform *taken = &registry->transforms[registry->n_transforms++];
      copy_table(&taken->transform, sizeof taken->transform, facet->vtable);
      taken->plugin = place;
    }
  }
  return 1;
}

/* file, problem: owned by the registry from here on. plugin may be NULL with a problem. */
static int take(struct registry *registry, const canon_plugin *plugin, char *file, const char *problem, char *detail) {
  if (!problem && plugin) problem = plugin_problem(plugin, &detail);
  if (!problem && plugin) problem = facets_problem(registry, plugin, &detail);
  char *kept = problem ? (detail ? detail : format_text("%s", problem)) : NULL;
  void *plugins = registry->plugins;
  if ((problem && !kept) ||
      !mem_reserve(&plugins, sizeof *registry->plugins, &registry->plugin_capacity, registry->n_plugins + 1)) {
    mem_free(kept);
    mem_free(file);
    return 0;
  }
  registry->plugins = plugins;
  /* A table that is not whole is not shown. */
  int readable =
      plugin && plugin->struct_size >= offsetof(canon_plugin, facets) && plugin->abi_major == CANON_ABI_MAJOR;
  registry->plugins[registry->n_plugins++] = (canon_plugin_info){readable ? plugin : NULL, file, kept};
  return problem ? 1 : take_facets(registry, plugin, registry->n_plugins - 1);
}

int registry_add_builtin(struct registry *registry) {
  for (const canon_plugin_entry_fn *entry = canon_builtin_entries; *entry; entry++)
    if (!take(registry, (*entry)(), NULL, NULL, NULL)) return 0;
  return 1;
}

int registry_add_file(struct registry *registry, const char *file) {
  char *name = format_text("%s", file), *detail = NULL;
  if (!name) return 0;
  const canon_plugin *plugin = load_plugin(file, &detail);
  return take(registry, plugin, name, plugin ? NULL : (detail ? detail : "it cannot be loaded"), detail);
}

int registry_add_folder(struct registry *registry, const char *folder) {
  char **files = NULL;
  size_t n = 0;
  int ok = load_list(folder, &files, &n);
  for (size_t i = 0; ok && i < n; i++) ok = registry_add_file(registry, files[i]);
  for (size_t i = 0; i < n; i++) mem_free(files[i]);
  mem_free(files);
  return ok;
}

void registry_free(struct registry *registry) {
  for (size_t i = 0; i < registry->n_plugins; i++) {
    mem_free((void *)(uintptr_t)registry->plugins[i].file);
    mem_free((void *)(uintptr_t)registry->plugins[i].problem);
  }
  mem_free(registry->plugins);
  mem_free(registry->formats);
  mem_free(registry->transforms);
}
