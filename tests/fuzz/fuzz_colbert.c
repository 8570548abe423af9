/* SPDX-License-Identifier: MIT
 * fuzz_colbert.c: the colbert reader: a small real folder in which the input takes the place of one file: of a .pt
 * file, of a JSON file or of doclens, whichever it begins like. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <canon/canon.h>

#include "tests/fuzz/fuzz.h"

static const char *const NAMES[] = {"centroids.pt",    "buckets.pt",     "avg_residual.pt", "ivf.pid.pt",
                                    "1.codes.pt",      "2.residuals.pt", "metadata.json",   "plan.json",
                                    "0.metadata.json", "doclens.1.json"};
enum { PT_FILES = 6, JSON_FILES = 3, DOCLENS = 9, FILES = 10 };

static char folder[] = "/tmp/canon-fuzz-colbert-XXXXXX", path[64];
static uint8_t *originals[FILES];
static size_t sizes[FILES];
static canon_context *context;

static void put(int file, const uint8_t *bytes, size_t size) {
  char name[128];
  snprintf(name, sizeof name, "%s/%s", path, NAMES[file]);
  FILE *to = fopen(name, "wb");
  if (!to || fwrite(bytes, 1, size, to) != size || fclose(to)) abort();
}

static void remove_folder(void) {
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  if (system(command)) abort();
}

/* The target is started in the checkout or in tests/. */
static void make_folder(void) {
  const char *small = access("corpus/colbert/small", R_OK) ? "tests/corpus/colbert/small" : "corpus/colbert/small";
  char command[256], name[256];
  if (!mkdtemp(folder)) abort();
  atexit(remove_folder);
  snprintf(path, sizeof path, "%s/index", folder);
  snprintf(command, sizeof command, "cp -r %s %s", small, path);
  if (system(command)) abort();
  for (int i = 0; i < FILES; i++) {
    snprintf(name, sizeof name, "%s/%s", small, NAMES[i]);
    originals[i] = support_slurp(name, &sizes[i]);
  }
  context = canon_context_new();
  if (!context || canon_context_load(context, NULL, 0)) abort();
}

static int file_for(const uint8_t *bytes, size_t size) {
  if (size && bytes[0] == '[') return DOCLENS;
  if (size && bytes[0] == '{') return PT_FILES + (int)(size % JSON_FILES);
  return (int)(size % PT_FILES);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  if (!context) make_folder();
  int file = file_for(bytes, size);
  put(file, bytes, size);
  canon_artifact *artifact = NULL;
  canon_digest digest;
  int32_t code = canon_artifact_open(context, path, NULL, &artifact);
  if (!code) code = canon_artifact_digest(artifact, &digest);
  if (canon_status_of(code) == 2 || (code && !*canon_context_error(context)->text)) {
    fprintf(stderr, "%s: broken promise: %d, %s\n", NAMES[file], (int)code, canon_context_error(context)->text);
    abort();
  }
  canon_artifact_close(artifact);
  put(file, originals[file], sizes[file]);
  return 0;
}
