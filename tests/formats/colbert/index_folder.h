/* SPDX-License-Identifier: MIT
 * index_folder.h: copies of the corpus' small indexes to spoil, and what canon says of them. */
#ifndef CANON_TESTS_INDEX_FOLDER_H
#define CANON_TESTS_INDEX_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <canon/canon.h>

#include "tests/support/support.h"

static char folder[64]; /* of the running test */

static inline void shell(const char *format, ...) {
  char command[1000];
  va_list args;
  va_start(args, format);
  vsnprintf(command, sizeof command, format, args);
  va_end(args);
  if (system(command)) fail_msg("failed: %s", command);
}

/* A fresh copy of corpus/colbert/NAME. */
static inline void copy_index(const char *name) {
  shell("rm -rf %s/index && cp -r corpus/colbert/%s %s/index", folder, name, folder);
}

static inline void put(const char *name, const void *bytes, size_t size) {
  char path[200];
  snprintf(path, sizeof path, "%s/index/%s", folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  fclose(file);
}

static inline void put_text(const char *name, const char *text) { put(name, text, strlen(text)); }

static inline canon_context *new_context(void) {
  canon_context *context = canon_context_new();
  assert_non_null(context);
  assert_int_equal(canon_context_load(context, NULL, 0), CANON_OK);
  return context;
}

static inline canon_artifact *open_index(canon_context *context) {
  char path[80];
  canon_artifact *artifact = NULL;
  snprintf(path, sizeof path, "%s/index", folder);
  canon_artifact_open(context, path, NULL, &artifact);
  return artifact;
}

/* Reads all of it. The status, and the message without the folder's name. */
static inline int32_t outcome(char text[1200]) {
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  canon_digest digest;
  int32_t code = artifact ? canon_artifact_digest(artifact, &digest) : canon_context_error(context)->code;
  const char *said = code ? canon_context_error(context)->text : "";
  size_t n = strlen(folder) + strlen("/index");
  snprintf(text, 1200, "%s", strncmp(said, folder, strlen(folder)) == 0 ? said + n : said);
  int32_t status = canon_status_of(code);
  canon_artifact_close(artifact);
  canon_context_free(context);
  return status;
}

static inline void expect_refused(const char *what, const char *words) {
  char text[1200];
  int32_t status = outcome(text);
  if (status != 3 || !strstr(text, words))
    fail_msg("%s: status %d, \"%s\" lacks \"%s\"", what, (int)status, text, words);
}

static inline void expect_read(const char *what) {
  char text[1200];
  if (outcome(text)) fail_msg("%s: %s", what, text);
}

static inline int make_folder(void **state) {
  (void)state;
  strcpy(folder, "/tmp/canon-colbert-XXXXXX");
  return mkdtemp(folder) == NULL;
}

static inline int remove_folder(void **state) {
  (void)state;
  shell("rm -rf %s", folder);
  return 0;
}

#endif
