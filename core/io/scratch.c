/* SPDX-License-Identifier: MIT
 * scratch.c: see scratch.h. */
#include "core/io/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <canon/plugin.h>

int scratch_nameless(const char *folder, int mode) {
  int descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
  if (descriptor < 0) return -1;
  /* Without /proc there is no way to give it a name later. */
  char self[64];
  snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
  if (access(self, F_OK) == 0) return descriptor;
  close(descriptor);
  return -1;
}

int32_t scratch_open(canon_job *job, int *descriptor) {
  const char *folder = getenv("TMPDIR");
  if (!folder || !*folder) folder = "/tmp";
  *descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (*descriptor >= 0) return CANON_OK;
  char name[4096];
  int n = snprintf(name, sizeof name, "%s/canon-XXXXXX", folder);
  if (n > 0 && (size_t)n < sizeof name) *descriptor = mkostemp(name, O_CLOEXEC);
  if (*descriptor < 0)
    return canon_fail(job, CANON_E_IO, CANON_NONE,
                      "cannot make a temporary file in %s: %s; set TMPDIR to a folder with room", folder,
                      strerror(errno));
  unlink(name);
  return CANON_OK;
}

int32_t scratch_write(canon_job *job, int descriptor, uint64_t offset, const void *bytes, uint64_t n) {
  const char *at = bytes;
  while (n) {
    ssize_t written = pwrite(descriptor, at, n < (1u << 30) ? n : (1u << 30), (off_t)offset);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return canon_fail(job, CANON_E_IO, offset, "cannot write: %s", strerror(written < 0 ? errno : ENOSPC));
    at += written;
    offset += (uint64_t)written;
    n -= (uint64_t)written;
  }
  return CANON_OK;
}
