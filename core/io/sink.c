/* SPDX-License-Identifier: MIT
 * sink.c: see sink.h. A file that has no name yet is left by no crash; where the file system cannot make one, a hidden
 * file beside the output stands in, and is removed on every way out but a kill. */
#include "core/io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <canon/plugin.h>

#include "core/base/mem.h"
#include "core/io/folder.h"
#include "core/io/scratch.h"

struct canon_sink {
  int descriptor; /* -1: in memory, or a folder or its member */
  int stream;     /* where the bytes go at commit, when the output is a pipe or device; -1 */
  int force;
  char *path;      /* the output, symbolic links followed; NULL: none */
  char *temporary; /* the name it has for now; NULL: none */
  uint8_t *memory;
  size_t capacity, size;
  pthread_mutex_t lock; /* of memory */
  char *folder;         /* the hidden folder; NULL: this is none */
  char *member;         /* path of a file of a folder, opened for each write; NULL: this is none */
  canon_sink **members;
  size_t n_members, member_capacity;
};

static int32_t failed(canon_job *job, const char *what) {
  return canon_fail(job, CANON_E_IO, CANON_NONE, "%s: %s", what, strerror(errno));
}

static int32_t out_of_memory(canon_job *job) { return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory"); }

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return copy_text(".");
  if (slash == path) return copy_text("/");
  char *folder = copy_text(path);
  if (folder) folder[slash - path] = 0;
  return folder;
}

int32_t sink_check(canon_job *job, const char *path, int force) {
  if (strcmp(path, "-") == 0) return CANON_OK;
  if (!*path) return canon_fail(job, CANON_E_USAGE, CANON_NONE, "the output has no name");
  struct stat about;
  if (stat(path, &about) == 0) {
    if (S_ISDIR(about.st_mode)) return canon_fail(job, CANON_E_IO, CANON_NONE, "is a folder; name a file in it");
    if (S_ISREG(about.st_mode) && !force)
      return canon_fail(job, CANON_E_IO, CANON_NONE, "exists already; use --force to replace it");
  } else if (errno != ENOENT) {
    return failed(job, "cannot write here");
  } else if (lstat(path, &about) == 0) {
    return canon_fail(job, CANON_E_IO, CANON_NONE,
                      "is a symbolic link to nothing; remove it or name what it should lead to");
  }
  char *folder = folder_of(path);
  if (!folder) return out_of_memory(job);
  int32_t code = CANON_OK;
  if (stat(folder, &about))
    code = canon_fail(job, CANON_E_IO, CANON_NONE, "cannot write to folder %s: %s", folder, strerror(errno));
  else if (!S_ISDIR(about.st_mode)) code = canon_fail(job, CANON_E_IO, CANON_NONE, "%s is not a folder", folder);
  mem_free(folder);
  return code;
}

static int32_t sink_new(canon_job *job, canon_sink **sink) {
  canon_sink *s = mem_alloc(sizeof *s);
  if (!s) return out_of_memory(job);
  s->descriptor = s->stream = -1;
  pthread_mutex_init(&s->lock, NULL);
  *sink = s;
  return CANON_OK;
}

int32_t sink_in_memory(canon_job *job, canon_sink **sink) { return sink_new(job, sink); }

int32_t sink_scratch(canon_job *job, canon_sink **sink) {
  int32_t code = sink_new(job, sink);
  if (!code) code = scratch_open(job, &(*sink)->descriptor);
  if (code && *sink) {
    sink_close(*sink);
    *sink = NULL;
  }
  return code;
}

/* FOLDER/.NAME.canon-XXXXXXXX: a name nobody has. */
static char *temporary_name(const char *path) {
  const char *slash = strrchr(path, '/');
  size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
  uint32_t random = 0;
  if (getrandom(&random, sizeof random, 0) != sizeof random) random = (uint32_t)getpid();
  size_t room = strlen(path) + 32;
  char *name = mem_alloc(room);
  if (name) snprintf(name, room, "%.*s.%.200s.canon-%08x", (int)folder, path, path + folder, (unsigned)random);
  return name;
}

static int32_t create_named(canon_job *job, canon_sink *sink) {
  for (int tries = 0; tries < 100; tries++) {
    char *name = temporary_name(sink->path);
    if (!name) return out_of_memory(job);
    sink->descriptor = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (sink->descriptor >= 0) {
      sink->temporary = name;
      return CANON_OK;
    }
    mem_free(name);
    if (errno != EEXIST) break;
  }
  return failed(job, "cannot write here");
}

/* A nameless file gets its name through /proc: without that it has one from the start. */
static int32_t create_beside(canon_job *job, canon_sink *sink) {
  char *folder = folder_of(sink->path);
  if (!folder) return out_of_memory(job);
  if (access("/proc/self/fd", X_OK) == 0) sink->descriptor = scratch_nameless(folder, 0666);
  mem_free(folder);
  struct stat old;
  int32_t code = sink->descriptor >= 0 ? CANON_OK : create_named(job, sink);
  if (!code && stat(sink->path, &old) == 0 && fchmod(sink->descriptor, old.st_mode & 07777))
    code = failed(job, "cannot keep the old file's mode");
  return code;
}

int32_t sink_create(canon_job *job, const char *path, int force, canon_sink **sink) {
  int32_t code = sink_check(job, path, force);
  if (code) return code;
  struct stat about;
  int standard = strcmp(path, "-") == 0;
  int device = !standard && stat(path, &about) == 0 && !S_ISREG(about.st_mode);
  if (standard || device) {
    code = sink_scratch(job, sink);
    if (code) return code;
    (*sink)->stream = standard ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if ((*sink)->stream < 0) code = failed(job, "cannot write here");
  } else {
    code = sink_new(job, sink);
    if (code) return code;
    (*sink)->force = force;
    char *real = realpath(path, NULL); /* a link is written through, not replaced */
    (*sink)->path = copy_text(real ? real : path);
    free(real);
    code = (*sink)->path ? create_beside(job, *sink) : out_of_memory(job);
  }
  if (code) {
    sink_close(*sink);
    *sink = NULL;
  }
  return code;
}

static int32_t write_member(canon_job *job, const canon_sink *sink, uint64_t offset, const void *bytes, uint64_t n) {
  int descriptor = open(sink->member, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return failed(job, "cannot write");
  int32_t code = scratch_write(job, descriptor, offset, bytes, n);
  if (close(descriptor) && !code) code = failed(job, "cannot write");
  return code;
}

int32_t sink_write(canon_job *job, canon_sink *sink, uint64_t offset, const void *bytes, uint64_t n) {
  if (offset > INT64_MAX || n > INT64_MAX - offset)
    return canon_fail(job, CANON_E_IO, CANON_NONE, "the output would be larger than a file can be");
  if (sink->descriptor >= 0) return scratch_write(job, sink->descriptor, offset, bytes, n);
  if (sink->member) return write_member(job, sink, offset, bytes, n);
  int32_t code = CANON_OK;
  pthread_mutex_lock(&sink->lock);
  void *memory = sink->memory;
  if (!mem_reserve(&memory, 1, &sink->capacity, offset + n)) code = out_of_memory(job);
  sink->memory = memory;
  if (!code && n) memcpy(sink->memory + offset, bytes, n);
  if (!code && offset + n > sink->size) sink->size = offset + n;
  pthread_mutex_unlock(&sink->lock);
  return code;
}

int32_t sink_truncate(canon_job *job, canon_sink *sink, uint64_t bytes) {
  if (sink->descriptor >= 0) {
    if (bytes > INT64_MAX || ftruncate(sink->descriptor, (off_t)bytes)) return failed(job, "cannot set the size");
    return CANON_OK;
  }
  if (sink->member) {
    if (bytes > INT64_MAX || truncate(sink->member, (off_t)bytes)) return failed(job, "cannot set the size");
    return CANON_OK;
  }
  int32_t code = CANON_OK;
  pthread_mutex_lock(&sink->lock);
  void *memory = sink->memory;
  if (!mem_reserve(&memory, 1, &sink->capacity, bytes)) code = out_of_memory(job);
  sink->memory = memory;
  if (!code && bytes < sink->size) memset(sink->memory + bytes, 0, sink->size - bytes);
  if (!code) sink->size = bytes;
  pthread_mutex_unlock(&sink->lock);
  return code;
}

uint64_t sink_length(const canon_sink *sink) {
  struct stat about;
  uint64_t sum = 0;
  for (size_t i = 0; i < sink->n_members; i++) sum += sink_length(sink->members[i]);
  if (sink->folder) return sum;
  if (sink->member) return stat(sink->member, &about) ? 0 : (uint64_t)about.st_size;
  if (sink->descriptor < 0) return sink->size;
  return fstat(sink->descriptor, &about) ? 0 : (uint64_t)about.st_size;
}

int sink_descriptor(const canon_sink *sink) { return sink->descriptor; }
const uint8_t *sink_memory(const canon_sink *sink) { return sink->memory; }

static int32_t read_descriptor(canon_job *job, int descriptor, uint64_t offset, void *bytes, uint64_t n) {
  char *at = bytes;
  while (n) {
    ssize_t got = pread(descriptor, at, n, (off_t)offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(job, "cannot read back what was written");
    if (got == 0) memset(at, 0, n); /* a gap at the end */
    if (got == 0) break;
    at += got;
    offset += (uint64_t)got;
    n -= (uint64_t)got;
  }
  return CANON_OK;
}

int32_t sink_read(canon_job *job, canon_sink *sink, uint64_t offset, void *bytes, uint64_t n) {
  if (sink->descriptor >= 0) return read_descriptor(job, sink->descriptor, offset, bytes, n);
  if (!sink->member) {
    if (n) memcpy(bytes, sink->memory + offset, n);
    return CANON_OK;
  }
  int descriptor = open(sink->member, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return failed(job, "cannot read back what was written");
  int32_t code = read_descriptor(job, descriptor, offset, bytes, n);
  close(descriptor);
  return code;
}

static int32_t copy_to_stream(canon_job *job, canon_sink *sink) {
  enum { CHUNK = 1 << 18 };
  char *chunk = mem_alloc(CHUNK);
  int32_t code = chunk ? CANON_OK : out_of_memory(job);
  uint64_t total = sink_length(sink);
  for (uint64_t offset = 0; !code && offset < total;) {
    uint64_t n = total - offset < CHUNK ? total - offset : CHUNK;
    code = sink_read(job, sink, offset, chunk, n);
    for (uint64_t done = 0; !code && done < n;) {
      ssize_t written = write(sink->stream, chunk + done, n - done);
      if (written < 0 && errno != EINTR) code = failed(job, "cannot write");
      if (written > 0) done += (uint64_t)written;
    }
    offset += n;
  }
  mem_free(chunk);
  return code;
}

static int link_descriptor(int descriptor, const char *path) {
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
  return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

static int32_t existing(canon_job *job) {
  return canon_fail(job, CANON_E_IO, CANON_NONE, "was made by somebody else meanwhile; use --force to replace it");
}

/* Gives the finished file its name. Without force a file that turned up meanwhile is left alone. */
static int32_t name_file(canon_job *job, canon_sink *sink) {
  if (!sink->temporary && !sink->force) {
    if (link_descriptor(sink->descriptor, sink->path) == 0) return CANON_OK;
    return errno == EEXIST ? existing(job) : failed(job, "cannot name the output");
  }
  if (!sink->temporary) {
    char *name = temporary_name(sink->path);
    if (!name) return out_of_memory(job);
    if (link_descriptor(sink->descriptor, name)) {
      mem_free(name);
      return failed(job, "cannot name the output");
    }
    sink->temporary = name;
  }
  if (!sink->force) {
    if (renameat2(AT_FDCWD, sink->temporary, AT_FDCWD, sink->path, RENAME_NOREPLACE)) {
      if (errno == EEXIST) return existing(job);
      if (errno != EINVAL && errno != ENOSYS) return failed(job, "cannot name the output");
      if (link(sink->temporary, sink->path))
        return errno == EEXIST ? existing(job) : failed(job, "cannot name the output");
      unlink(sink->temporary);
    }
  } else if (rename(sink->temporary, sink->path)) {
    return failed(job, "cannot replace the old output");
  }
  mem_free(sink->temporary);
  sink->temporary = NULL;
  return CANON_OK;
}

static void sync_folder(const char *path) {
  char *folder = folder_of(path);
  int descriptor = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (descriptor >= 0) {
    fsync(descriptor); /* the name is there already; its durability is the best that can be had */
    close(descriptor);
  }
  mem_free(folder);
}

/* Folders */

static char *without_slashes(const char *path) {
  char *copy = copy_text(path);
  for (size_t n = copy ? strlen(copy) : 0; n > 1 && copy[n - 1] == '/'; n--) copy[n - 1] = 0;
  return copy;
}

static int32_t check_folder(canon_job *job, const char *path, int force) {
  struct stat about;
  if (lstat(path, &about) || !S_ISDIR(about.st_mode)) return sink_check(job, path, 0);
  return force ? CANON_OK : canon_fail(job, CANON_E_IO, CANON_NONE, "exists already; use --force to replace it");
}

int32_t sink_check_folder(canon_job *job, const char *path, int force) {
  if (strcmp(path, "-") == 0)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "a folder cannot be written to standard output");
  char *name = without_slashes(path);
  int32_t code = name ? check_folder(job, name, force) : out_of_memory(job);
  mem_free(name);
  return code;
}

int32_t sink_create_folder(canon_job *job, const char *path, int force, canon_sink **sink) {
  int32_t code = sink_check_folder(job, path, force);
  if (!code) code = sink_new(job, sink);
  if (code) return code;
  canon_sink *s = *sink;
  s->force = force;
  s->path = without_slashes(path);
  s->folder = s->path ? temporary_name(s->path) : NULL;
  if (!s->folder) code = out_of_memory(job);
  else if (mkdir(s->folder, 0777)) {
    code = failed(job, "cannot write here");
    mem_free(s->folder);
    s->folder = NULL;
  }
  if (code) {
    sink_close(s);
    *sink = NULL;
  }
  return code;
}

/* A name from a file must not lead out of the folder. */
static int safe_name(const char *name) {
  for (const char *at = name;;) {
    size_t n = strcspn(at, "/");
    if (n == 0 || n > 255 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.')) return 0;
    if (!at[n]) return 1;
    at += n + 1;
  }
}

int32_t sink_member(canon_job *job, canon_sink *folder, const char *name, canon_sink **member) {
  if (!folder->folder)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "a file %s was asked for in what is no folder", name);
  if (!safe_name(name))
    return canon_fail(job, CANON_E_UNSAFE, CANON_NONE, "'%s' is no name for a file of a folder", name);
  void *members = folder->members;
  int room = mem_reserve(&members, sizeof *folder->members, &folder->member_capacity, folder->n_members + 1);
  folder->members = members;
  if (!room) return out_of_memory(job);
  int32_t code = folder_make_parents(job, folder->folder, name);
  if (!code) code = sink_new(job, member);
  if (code) return code;
  size_t space = strlen(folder->folder) + strlen(name) + 2;
  canon_sink *m = folder->members[folder->n_members++] = *member;
  m->member = mem_alloc(space);
  if (!m->member) return out_of_memory(job);
  snprintf(m->member, space, "%s/%s", folder->folder, name);
  int descriptor = open(m->member, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) return failed(job, "cannot write a file of the folder");
  close(descriptor);
  return CANON_OK;
}

static int32_t sync_members(canon_job *job, const canon_sink *sink) {
  int32_t code = CANON_OK;
  for (size_t i = 0; !code && i < sink->n_members; i++) {
    int descriptor = open(sink->members[i]->member, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 || fsync(descriptor)) code = failed(job, "cannot write to the disk");
    if (descriptor >= 0) close(descriptor);
  }
  return code ? code : folder_sync(job, sink->folder);
}

/* Replacing a folder takes its files away: none may go that the new one does not have. */
static int32_t check_replaced(canon_job *job, const canon_sink *sink) {
  struct folder_list old = {0};
  size_t root = strlen(sink->folder) + 1, n = sink->n_members,
         m = 0; /* both are nearly in one order: on from the last hit */
  int32_t code = folder_list(job, sink->path, &old);
  for (uint64_t i = 0; !code && i < old.n; i++) {
    size_t tries = 0;
    for (; tries < n && strcmp(sink->members[m]->member + root, old.names[i]) != 0; tries++) m = m + 1 < n ? m + 1 : 0;
    if (tries == n)
      code = canon_fail(job, CANON_E_IO, CANON_NONE,
                        "holds %s, which the new folder would not; remove it, or choose another name", old.names[i]);
  }
  folder_list_free(&old);
  return code;
}

static int32_t commit_folder(canon_job *job, canon_sink *sink) {
  int32_t code = sync_members(job, sink);
  if (code) return code;
  if (renameat2(AT_FDCWD, sink->folder, AT_FDCWD, sink->path, RENAME_NOREPLACE)) {
    if (errno != EEXIST) return failed(job, "cannot name the output");
    if (!sink->force) return existing(job);
    code = check_replaced(job, sink);
    if (code) return code;
    if (renameat2(AT_FDCWD, sink->folder, AT_FDCWD, sink->path, RENAME_EXCHANGE))
      return failed(job, "cannot replace the old folder");
    folder_remove(sink->folder); /* the old one, under the hidden name now */
  }
  mem_free(sink->folder);
  sink->folder = NULL;
  sync_folder(sink->path);
  return CANON_OK;
}

int32_t sink_commit(canon_job *job, canon_sink *sink) {
  if (sink->folder) return commit_folder(job, sink);
  if (sink->stream >= 0) return copy_to_stream(job, sink);
  if (!sink->path) return CANON_OK;
  if (fsync(sink->descriptor)) return failed(job, "cannot write to the disk");
  int32_t code = name_file(job, sink);
  if (!code) sync_folder(sink->path);
  return code;
}

void sink_close(canon_sink *sink) {
  if (!sink) return;
  for (size_t i = 0; i < sink->n_members; i++) sink_close(sink->members[i]);
  if (sink->folder) folder_remove(sink->folder);
  if (sink->temporary) unlink(sink->temporary);
  if (sink->descriptor >= 0) close(sink->descriptor);
  if (sink->stream >= 0) close(sink->stream);
  pthread_mutex_destroy(&sink->lock);
  mem_free(sink->members);
  mem_free(sink->member);
  mem_free(sink->folder);
  mem_free(sink->temporary);
  mem_free(sink->path);
  mem_free(sink->memory);
  mem_free(sink);
}
