/* SPDX-License-Identifier: MIT
 * registry.h: the plugins of a context and their facets, each table copied into one of this host's size. */
#ifndef CANON_HOST_REGISTRY_H
#define CANON_HOST_REGISTRY_H

#include <canon/canon.h>

typedef const canon_plugin *(*canon_plugin_entry_fn)(void);

/* Written by the build; ends with NULL. */
extern const canon_plugin_entry_fn canon_builtin_entries[];

struct registered_format {
  canon_format format;
  uint64_t plugin;
};

struct registered_transform {
  canon_transform transform;
  uint64_t plugin;
};

struct registry {
  canon_plugin_info *plugins;
  size_t n_plugins, plugin_capacity;
  struct registered_format *formats;
  size_t n_formats, format_capacity;
  struct registered_transform *transforms;
  size_t n_transforms, transform_capacity;
};

/* Each returns 0 only when memory is out; a plugin that cannot be used is listed with its problem. */
int registry_add_builtin(struct registry *registry);
int registry_add_file(struct registry *registry, const char *file);
int registry_add_folder(struct registry *registry, const char *folder);
void registry_free(struct registry *registry);

const struct registered_format *registry_format(const struct registry *registry, const char *name);
const struct registered_transform *registry_transform(const struct registry *registry, const char *name);
/* "canon.pt", for messages about a plugin's faults. */
const char *registry_plugin_id(const struct registry *registry, uint64_t plugin);

#endif
