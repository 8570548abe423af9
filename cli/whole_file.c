/* SPDX-License-Identifier: MIT
 * whole_file.c: see whole_file.h. */
#include "cli/whole_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

int whole_file_check(const char *path, int force) {
  struct stat status;
  if (lstat(path, &status) != 0) return 0;
  if (!force) report_error("%s: exists already; use --force to replace it", path);
  else if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode))
    report_error("%s: only a file is replaced; take another name", path);
  else return 0;
  return 2;
}

/* Under the name only when it is complete. */
static int name_it(const char *path, const char *temporary, int force) {
  return force ? rename(temporary, path) : link(temporary, path);
}

static int write_all(int descriptor, const char *text, size_t size) {
  for (size_t done = 0; done < size;) {
    ssize_t n = write(descriptor, text + done, size - done);
    if (n > 0) done += (size_t)n;
    else if (errno != EINTR) return -1;
  }
  return 0;
}

/* NULL, or what could not be done. */
static const char *write_and_name(const char *path, char *temporary, const char *text, size_t size, int force) {
  const char *what = NULL;
  int descriptor = mkstemp(temporary);
  if (descriptor < 0) return "create it";
  mode_t mask = umask(0);
  umask(mask);
  if (write_all(descriptor, text, size) || fchmod(descriptor, 0666 & ~mask) || fsync(descriptor)) what = "write it";
  int error = errno;
  if (close(descriptor) && !what) what = "write it", error = errno;
  if (!what && name_it(path, temporary, force)) what = "name it", error = errno;
  unlink(temporary); /* gone already where it was renamed */
  errno = error;
  return what;
}

int whole_file_write(const char *path, const char *text, size_t size, int force, const char *meanwhile) {
  static const char suffix[] = ".XXXXXX";
  char *temporary = report_resize(NULL, strlen(path) + sizeof suffix, 1);
  strcpy(temporary, path);
  strcat(temporary, suffix);
  const char *what = write_and_name(path, temporary, text, size, force);
  if (what) report_error("%s: cannot %s: %s%s", path, what, strerror(errno), meanwhile);
  free(temporary);
  return what ? 2 : 0;
}
