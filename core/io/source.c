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
#include "core/io/scratch.h"

struct canon_source {
  char *name;
  const uint8_t *memory; /* NULL: a descriptor */
  int descriptor;
  int owned;  /* close it */
  int growing; /* scratch: its size is what has been written so far */
  uint64_t size;
  struct timespec changed;
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
  if (source->owned) close(source->descriptor);
  mem_free(source->name);
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
  if (S_ISDIR(about->st_mode)) return canon_fail(job, CANON_E_IO, CANON_NONE, "is a folder; name a file in it");
  if (S_ISCHR(about->st_mode) && isatty(descriptor))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "is a terminal; pipe or redirect a file into canon");
  if (!S_ISREG(about->st_mode) && !S_ISFIFO(about->st_mode) && !S_ISSOCK(about->st_mode) && !S_ISCHR(about->st_mode))
    return canon_fail(job, CANON_E_IO, CANON_NONE, "is a device; copy it to a file first");
  return CANON_OK;
}

int32_t source_open(canon_job *job, const char *path, canon_source **source) {
  int standard = strcmp(path, "-") == 0;
  int descriptor = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot open: %s", strerror(errno));
  struct stat about;
  int32_t code = describe(job, descriptor, &about);
  if (!code && !S_ISREG(about.st_mode)) {
    int spooled = -1;
    code = spool(job, descriptor, &spooled);
    close(descriptor);
    descriptor = spooled;
    if (!code && fstat(descriptor, &about)) code = canon_fail(job, CANON_E_IO, CANON_NONE, "cannot stat: %s", strerror(errno));
    if (code && spooled < 0) return code;
  }
  if (!code) code = source_new(job, path, source);
  if (code) {
    close(descriptor);
    return code;
  }
  (*source)->descriptor = descriptor;
  (*source)->owned = 1;
  (*source)->size = (uint64_t)about.st_size;
  (*source)->changed = about.st_mtim;
  return CANON_OK;
}

uint64_t source_size(const canon_source *source) {
  struct stat about;
  if (source->growing) return fstat(source->descriptor, &about) ? 0 : (uint64_t)about.st_size;
  return source->size;
}

const char *source_name(const canon_source *source) { return source->name; }

int32_t source_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes) {
  uint64_t size = source_size(source);
  if (offset > size || bytes > size - offset)
    return canon_fail(job, CANON_E_MALFORMED, offset, "%" PRIu64 " bytes are needed here, the file has %" PRIu64 " in all; it is cut short or damaged: get it again",
                      bytes, size);
  if (source->memory) {
    if (bytes) memcpy(dst, source->memory + offset, bytes);
    return CANON_OK;
  }
  char *at = dst;
  while (bytes) {
    ssize_t n = pread(source->descriptor, at, bytes < (1u << 30) ? bytes : (1u << 30), (off_t)offset);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return canon_fail(job, CANON_E_IO, offset, "cannot read: %s", strerror(errno));
    if (n == 0) return canon_fail(job, CANON_E_IO, offset, "the file became shorter while it was read; try again when nobody writes to it");
    at += n;
    offset += (uint64_t)n;
    bytes -= (uint64_t)n;
  }
  return CANON_OK;
}

int32_t source_unchanged(canon_job *job, const canon_source *source) {
  struct stat about;
  if (!source->owned) return CANON_OK;
  if (fstat(source->descriptor, &about)) return canon_fail(job, CANON_E_IO, CANON_NONE, "cannot stat: %s", strerror(errno));
  if ((uint64_t)about.st_size != source->size || about.st_mtim.tv_sec != source->changed.tv_sec ||
      about.st_mtim.tv_nsec != source->changed.tv_nsec)
    return canon_fail(job, CANON_E_IO, CANON_NONE, "the file changed while it was read; try again when nobody writes to it");
  return CANON_OK;
}
