/* SPDX-License-Identifier: MIT
 * source.c: see source.h. */
#include "core/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <canon/plugin.h>

#include "core/base/mem.h"
#include "core/io/folder.h"
#include "core/io/scratch.h"

struct canon_source {
  char *name;
  char *path;            /* a member: opened for each read */
  const uint8_t *memory; /* NULL: a file */
  int descriptor;
  int owned;   /* close it */
  int growing; /* scratch: its size is what has been written so far */
  uint64_t size;
  struct stat about;
  struct folder_list folder;
  canon_source **members; /* NULL: no folder; else one a file, NULL until it is asked for */
};

static int32_t source_new(canon_job *job, const char *name, canon_source **source) {
  size_t length = strlen(name);
  canon_source *s = mem_alloc(sizeof *s);
  char *copy = mem_alloc(length + 1);
  if (!s || !copy) {
    mem_free(s);
    mem_free(copy);
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  memcpy(copy, name, length);
  s->name = copy;
  s->descriptor = -1;
  *source = s;
  return CANON_OK;
}

void source_close(canon_source *source) {
  if (!source) return;
  for (uint64_t i = 0; source->members && i < source->folder.n; i++) source_close(source->members[i]);
  mem_free(source->members);
  folder_list_free(&source->folder);
  if (source->owned) close(source->descriptor);
  mem_free(source->name);
  mem_free(source->path);
  mem_free(source);
}

int32_t source_from_memory(canon_job *job, const char *name, const void *bytes, uint64_t size, canon_source **source) {
  int32_t code = source_new(job, name, source);
  if (code) return code;
  (*source)->memory = bytes;
  (*source)->size = size;
  return CANON_OK;
}

int32_t source_from_descriptor(canon_job *job, const char *name, int descriptor, canon_source **source) {
  int32_t code = source_new(job, name, source);
  if (code) return code;
  (*source)->descriptor = descriptor;
  (*source)->growing = 1;
  return CANON_OK;
}

/* Copies a pipe into a nameless file, since containers keep their directory at the end. */
static int32_t spool(canon_job *job, int from, int *to) {
  int32_t code = scratch_open(job, to);
  if (code) return code;
  enum { CHUNK = 1 << 18 };
  char *chunk = mem_alloc(CHUNK);
  if (!chunk) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  uint64_t total = 0;
  while (!code) {
    ssize_t n = read(from, chunk, CHUNK);
    if (n == 0) break;
    if (n < 0 && errno != EINTR) code = canon_fail(job, CANON_E_IO, total, "cannot read: %s", strerror(errno));
    if (n > 0) code = scratch_write(job, *to, total, chunk, (uint64_t)n);
    if (n > 0) total += (uint64_t)n;
    if (!code) code = job->host->tick(job, 0, 0);
  }
  mem_free(chunk);
  if (code) close(*to);
  return code;
}

static int32_t describe(canon_job *job, int descriptor, struct stat *about) {
  if (fstat(descriptor, about)) return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot stat: %s", strerror(errno));
  if (S_ISCHR(about->st_mode) && isatty(descriptor))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "is a terminal; pipe or redirect a file into canon");
  if (!S_ISREG(about->st_mode) && !S_ISDIR(about->st_mode) && !S_ISFIFO(about->st_mode) && !S_ISSOCK(about->st_mode))
    return canon_fail(job, CANON_E_IO, CANON_NONE, "is a device; copy it to a file first");
  return CANON_OK;
}

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

/* Replaces the pipe by its spooled bytes. */
static int32_t spool_pipe(canon_job *job, int *descriptor, struct stat *about) {
  int spooled = -1;
  int32_t code = spool(job, *descriptor, &spooled);
  if (code) return code;
  close(*descriptor);
  *descriptor = spooled;
  return fstat(spooled, about) ? canon_fail(job, CANON_E_IO, CANON_NONE, "cannot stat: %s", strerror(errno)) : CANON_OK;
}

static int32_t open_folder(canon_job *job, const char *path, canon_source *source) {
  int32_t code = folder_list(job, path, &source->folder);
  if (code) return code;
  job->host->count(job, "empty folders, not kept", source->folder.empty_folders);
  source->size = source->folder.bytes;
  source->path = copy_text(path);
  source->members = mem_alloc((source->folder.n + 1) * sizeof *source->members);
  return source->path && source->members ? CANON_OK : canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
}

int32_t source_open(canon_job *job, const char *path, canon_source **source) {
  int standard = strcmp(path, "-") == 0;
  int descriptor = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot open: %s", strerror(errno));
  struct stat about;
  *source = NULL;
  int32_t code = describe(job, descriptor, &about);
  if (!code && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) code = spool_pipe(job, &descriptor, &about);
  if (!code) code = source_new(job, path, source);
  if (code) {
    close(descriptor);
    return code;
  }
  (*source)->descriptor = descriptor;
  (*source)->owned = 1;
  (*source)->size = (uint64_t)about.st_size;
  (*source)->about = about;
  if (S_ISDIR(about.st_mode)) code = open_folder(job, path, *source);
  if (code) {
    source_close(*source);
    *source = NULL;
  }
  return code;
}

uint64_t source_members(const canon_source *source) { return source->members ? source->folder.n : CANON_NONE; }
const char *source_member_name(const canon_source *source, uint64_t i) { return source->folder.names[i]; }

int32_t source_member(canon_job *job, canon_source *source, uint64_t i, canon_source **member) {
  const char *name = source->folder.names[i];
  *member = source->members[i];
  if (*member) return CANON_OK;
  int32_t code = source_new(job, name, member);
  if (code) return code;
  canon_source *m = source->members[i] = *member;
  size_t root = strlen(source->path), n = strlen(name);
  m->path = mem_alloc(root + n + 2);
  if (!m->path) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  memcpy(m->path, source->path, root);
  m->path[root] = '/';
  memcpy(m->path + root + 1, name, n);
  if (stat(m->path, &m->about))
    return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot open %s: %s", name, strerror(errno));
  m->size = (uint64_t)m->about.st_size;
  return CANON_OK;
}

uint64_t source_size(const canon_source *source) {
  struct stat about;
  if (source->growing) return fstat(source->descriptor, &about) ? 0 : (uint64_t)about.st_size;
  return source->size;
}

const char *source_name(const canon_source *source) { return source->name; }

static int same_file(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
         a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int32_t changed(canon_job *job, const canon_source *source) {
  return canon_fail(job, CANON_E_IO, CANON_NONE, "%s changed while it was read; try again when nobody writes to it",
                    source && source->path ? source->name : "the file");
}

static int32_t too_short(canon_job *job, const canon_source *source, uint64_t offset, uint64_t bytes) {
  return canon_fail(job, CANON_E_MALFORMED, offset,
                    "%" PRIu64 " bytes are needed here, the file has %" PRIu64
                    " in all; it is cut short or damaged: get it again",
                    bytes, source_size(source));
}

static int32_t read_descriptor(canon_job *job, const canon_source *source, int descriptor, uint64_t offset, void *dst,
                               uint64_t bytes) {
  char *at = dst;
  while (bytes) {
    ssize_t n = pread(descriptor, at, bytes < (1u << 30) ? bytes : (1u << 30), (off_t)offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return canon_fail(job, CANON_E_IO, offset, "cannot read: %s", strerror(errno));
    if (n == 0) return source->growing ? too_short(job, source, offset, bytes) : changed(job, NULL);
    at += n;
    offset += (uint64_t)n;
    bytes -= (uint64_t)n;
  }
  return CANON_OK;
}

static int32_t read_member(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes) {
  int descriptor = open(source->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* it may be a pipe by now */
  if (descriptor < 0)
    return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot open %s: %s", source->name, strerror(errno));
  struct stat now;
  int32_t code = fstat(descriptor, &now) || !same_file(&now, &source->about) ? changed(job, source) : CANON_OK;
  if (!code) code = read_descriptor(job, source, descriptor, offset, dst, bytes);
  close(descriptor);
  return code;
}

int32_t source_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes) {
  if (source->members) return canon_fail(job, CANON_E_IO, CANON_NONE, "is a folder; name a file in it");
  if (!source->growing && (offset > source->size || bytes > source->size - offset))
    return too_short(job, source, offset, bytes);
  if (source->memory && bytes) memcpy(dst, source->memory + offset, bytes);
  if (source->memory || !bytes) return CANON_OK;
  if (source->path) return read_member(job, source, offset, dst, bytes);
  return read_descriptor(job, source, source->descriptor, offset, dst, bytes);
}

int32_t source_unchanged(canon_job *job, const canon_source *source) {
  struct stat now;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && source->members && i < source->folder.n; i++)
    if (source->members[i]) code = source_unchanged(job, source->members[i]);
  if (code || source->members || (!source->owned && !source->path)) return code;
  if (source->path ? stat(source->path, &now) : fstat(source->descriptor, &now))
    return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot stat: %s", strerror(errno));
  return same_file(&now, &source->about) ? CANON_OK : changed(job, source);
}
