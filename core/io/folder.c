/* SPDX-License-Identifier: MIT
 * folder.c: see folder.h. fts walks without recursion and does not follow links. */
#include "core/io/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <canon/plugin.h>

#include "core/base/mem.h"

enum { MOST_FILES = 1000000 };

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int32_t add_name(canon_job *job, struct folder_list *list, size_t *capacity, const char *name) {
  void *names = list->names;
  size_t n = strlen(name);
  if (list->n == MOST_FILES)
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "the folder holds more than %d files", MOST_FILES);
  char *copy = mem_alloc(n + 1);
  int room = copy && mem_reserve(&names, sizeof *list->names, capacity, list->n + 1);
  list->names = names;
  if (!room) {
    mem_free(copy);
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  memcpy(copy, name, n);
  list->names[list->n++] = copy;
  return CANON_OK;
}

static int32_t add_file(canon_job *job, FTSENT *entry, const struct stat *about, const char *name,
                        struct folder_list *list, size_t *capacity) {
  entry->fts_parent->fts_number = 1;
  if (!canon_add(list->bytes, (uint64_t)about->st_size, &list->bytes)) list->bytes = UINT64_MAX;
  return add_name(job, list, capacity, name);
}

/* A folder that was walked: fts_number is 1 where something is in it. */
static void leave_folder(FTSENT *entry, struct folder_list *list) {
  if (entry->fts_level == 0) return;
  if (entry->fts_number) entry->fts_parent->fts_number = 1;
  else list->empty_folders++;
}

/* Caches of models keep each file once, R/blobs/HASH, and R/snapshots/REVISION/ is made of links to them: they belong
 * together, and whoever made the one made the other. Whatever lies deeper in either is no such pair. */
static int is_blob(const char *root, const char *target) {
  static const char SNAPSHOTS[] = "/snapshots", BLOBS[] = "/blobs/";
  for (const char *at = root; (at = strstr(at, SNAPSHOTS)) != NULL; at++) {
    size_t n = (size_t)(at - root);
    char next = at[sizeof SNAPSHOTS - 1];
    if ((!next || next == '/') && strncmp(target, root, n) == 0 && strncmp(target + n, BLOBS, sizeof BLOBS - 1) == 0 &&
        !strchr(target + n + sizeof BLOBS - 1, '/'))
      return 1;
  }
  return 0;
}

/* A folder from elsewhere must not make canon read, and a copy of it hold, what lies outside of it. */
static int leads_out(const char *folder, const char *link) {
  char *root = realpath(folder, NULL), *target = realpath(link, NULL);
  size_t n = root ? strlen(root) : 0;
  int inside =
      root && target && ((strncmp(root, target, n) == 0 && (n == 1 || target[n] == '/')) || is_blob(root, target));
  free(root);
  free(target);
  return !inside;
}

static int32_t visit_link(canon_job *job, const char *folder, FTSENT *entry, const char *name, struct folder_list *list,
                          size_t *capacity) {
  struct stat about;
  if (stat(entry->fts_accpath, &about))
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s is a link to nowhere; remove it", name);
  if (S_ISDIR(about.st_mode))
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "%s is a link to a folder, which is not followed; name that folder itself", name);
  if (!S_ISREG(about.st_mode))
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s is neither a file nor a folder", name);
  if (leads_out(folder, entry->fts_accpath))
    return canon_fail(
        job, CANON_E_UNSUPPORTED, CANON_NONE,
        "%s is a link that leads out of the folder, which is not followed; if the folder is yours, copy it with cp -RL",
        name);
  return add_file(job, entry, &about, name, list, capacity);
}

static int32_t visit(canon_job *job, const char *folder, FTSENT *entry, size_t root, struct folder_list *list,
                     size_t *capacity) {
  const char *name = entry->fts_path + root;
  switch (entry->fts_info) {
    case FTS_D: return CANON_OK;
    case FTS_DP: leave_folder(entry, list); return CANON_OK;
    case FTS_F: return add_file(job, entry, entry->fts_statp, name, list, capacity);
    case FTS_SL: return visit_link(job, folder, entry, name, list, capacity);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS: return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot read %s: %s", name, strerror(entry->fts_errno));
    default: return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s is neither a file nor a folder", name);
  }
}

static FTS *open_walk(const char *path) {
  char *copy = strdup(path);
  if (!copy) return NULL;
  char *const paths[] = {copy, NULL};
  FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR | FTS_COMFOLLOW, NULL);
  free(copy);
  return walk;
}

int32_t folder_list(canon_job *job, const char *path, struct folder_list *list) {
  size_t capacity = 0, root = strlen(path);
  while (root > 1 && path[root - 1] == '/') root--;
  char *clean = mem_alloc(root + 1);
  if (!clean) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  memcpy(clean, path, root);
  FTS *walk = open_walk(clean);
  int32_t code =
      walk ? CANON_OK : canon_fail(job, CANON_E_IO, CANON_NONE, "cannot read the folder: %s", strerror(errno));
  size_t prefix = strcmp(clean, "/") == 0 ? 1 : root + 1;
  for (FTSENT *entry; !code && (entry = fts_read(walk));)
    code = visit(job, clean, entry, entry->fts_level == 0 ? 0 : prefix, list, &capacity);
  if (walk) fts_close(walk);
  mem_free(clean);
  if (!code && list->n) qsort(list->names, list->n, sizeof *list->names, by_name);
  if (code) folder_list_free(list);
  return code;
}

void folder_list_free(struct folder_list *list) {
  for (uint64_t i = 0; i < list->n; i++) mem_free(list->names[i]);
  mem_free(list->names);
  *list = (struct folder_list){0};
}

int32_t folder_make_parents(canon_job *job, const char *path, const char *name) {
  size_t root = strlen(path), n = strlen(name);
  char *folder = mem_alloc(root + n + 2);
  if (!folder) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  memcpy(folder, path, root);
  int32_t code = CANON_OK;
  for (const char *slash = strchr(name, '/'); !code && slash; slash = strchr(slash + 1, '/')) {
    folder[root] = '/';
    memcpy(folder + root + 1, name, (size_t)(slash - name));
    folder[root + 1 + (size_t)(slash - name)] = 0;
    if (mkdir(folder, 0777) && errno != EEXIST)
      code = canon_fail(job, CANON_E_IO, CANON_NONE, "cannot make a folder: %s", strerror(errno));
  }
  mem_free(folder);
  return code;
}

int32_t folder_sync(canon_job *job, const char *path) {
  FTS *walk = open_walk(path);
  int32_t code =
      walk ? CANON_OK : canon_fail(job, CANON_E_IO, CANON_NONE, "cannot read the folder: %s", strerror(errno));
  for (FTSENT *entry; !code && (entry = fts_read(walk));) {
    if (entry->fts_info != FTS_DP) continue;
    int descriptor = open(entry->fts_accpath, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || fsync(descriptor))
      code = canon_fail(job, CANON_E_IO, CANON_NONE, "cannot write to the disk: %s", strerror(errno));
    if (descriptor >= 0) close(descriptor);
  }
  if (walk) fts_close(walk);
  return code;
}

void folder_remove(const char *path) {
  FTS *walk = open_walk(path);
  if (!walk) return;
  for (FTSENT *entry; (entry = fts_read(walk));) {
    if (entry->fts_info == FTS_D) continue;
    if (entry->fts_info == FTS_DP) rmdir(entry->fts_accpath);
    else unlink(entry->fts_accpath);
  }
  fts_close(walk);
}
