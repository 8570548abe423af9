/* SPDX-License-Identifier: MIT
 * shelf.h: a temporary folder with files in it, for the tests of this folder. */
#ifndef CANON_TESTS_FORMATS_FOLDER_SHELF_H
#define CANON_TESTS_FORMATS_FOLDER_SHELF_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/io/folder.h"
#include "core/io/source.h"
#include "tests/support/support.h"

static char shelf[64];

static int shelf_make(void **state) {
  (void)state;
  strcpy(shelf, "/tmp/canon-folder-XXXXXX");
  return mkdtemp(shelf) ? 0 : -1;
}

static int shelf_remove(void **state) {
  (void)state;
  folder_remove(shelf);
  return 0;
}

static const char *shelf_path(const char *name) {
  static char path[4400];
  snprintf(path, sizeof path, "%s/%s", shelf, name);
  return path;
}

#endif
