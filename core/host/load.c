/* SPDX-License-Identifier: MIT
 * load.c: dlopen, and nothing is ever closed again: tables and code of a plugin live as long as the process. */
#include "core/host/load.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fenv.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/object.h"

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

/* An object linked with -ffast-math makes every subnormal of the process 0 by being loaded. */
static int environment_is_default(void) {
  volatile double least = DBL_MIN;
  return fegetround() == FE_TONEAREST && least / 2 != 0;
}

static const canon_plugin *ask_entry(void *object, char **problem) {
  const canon_plugin *(*entry)(void) = NULL;
  void *symbol = dlsym(object, CANON_ENTRY_SYMBOL);
  memcpy(&entry, &symbol, sizeof entry);
  if (!symbol) *problem = copy_text("it has no function " CANON_ENTRY_SYMBOL "; is it a canon plugin?");
  const canon_plugin *plugin = symbol ? entry() : NULL;
  if (symbol && !plugin) *problem = copy_text("its entry gave no table");
  return plugin;
}

const canon_plugin *load_plugin(const char *file, char **problem) {
  fenv_t environment;
  *problem = object_problem(file);
  if (*problem) return NULL;
  fegetenv(&environment);
  dlerror();
  void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (!object) {
    const char *why = dlerror();
    *problem = copy_text(why ? why : "it cannot be loaded");
    return NULL;
  }
  const canon_plugin *plugin = ask_entry(object, problem);
  if (environment_is_default()) return plugin;
  fesetenv(&environment);
  mem_free(*problem);
  *problem =
      copy_text("loading it changes the floating-point arithmetic of the program; was it linked with -ffast-math?");
  return NULL;
}

char *load_installed_folder(void) {
  static const char anchor;
  static const char folder[] = "/canon/plugins";
  Dl_info own;
  char *file = dladdr(&anchor, &own) && own.dli_fname ? realpath(own.dli_fname, NULL) : NULL;
  const char *slash = file ? strrchr(file, '/') : NULL;
  char *path = slash ? mem_alloc((size_t)(slash - file) + sizeof folder) : NULL;
  if (path) {
    memcpy(path, file, (size_t)(slash - file));
    strcat(path, folder);
  }
  free(file);
  return path;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int is_shared_object(const char *name) {
  size_t n = strlen(name);
  return n > 3 && strcmp(name + n - 3, ".so") == 0 && name[0] != '.';
}

int load_list(const char *folder, char ***files, size_t *n) {
  DIR *listing = opendir(folder);
  if (!listing) return 1;
  size_t capacity = 0;
  int ok = 1;
  void *list = NULL;
  for (struct dirent *entry; ok && (entry = readdir(listing));) {
    if (!is_shared_object(entry->d_name)) continue;
    size_t room = strlen(folder) + strlen(entry->d_name) + 2;
    char *file = mem_alloc(room);
    ok = file && mem_reserve(&list, sizeof *files, &capacity, *n + 1);
    if (!ok) {
      mem_free(file);
      break;
    }
    strcpy(file, folder);
    strcat(file, "/");
    strcat(file, entry->d_name);
    ((char **)list)[(*n)++] = file;
  }
  closedir(listing);
  *files = list;
  if (*n) qsort(*files, *n, sizeof **files, by_name);
  return ok;
}
