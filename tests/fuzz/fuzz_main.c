/* SPDX-License-Identifier: MIT
 * fuzz_main.c: runs a fuzz target over files, without libFuzzer. usage: fuzz-FORMAT FILE|FOLDER ... */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

static unsigned long files;

static int run_file(const char *path, const struct stat *about, int type, struct FTW *place) {
  (void)about;
  (void)place;
  if (type == FTW_DNR || type == FTW_NS) {
    fprintf(stderr, "cannot read %s\n", path);
    return 1;
  }
  if (type != FTW_F) return 0;
  size_t size;
  uint8_t *bytes = support_slurp(path, &size);
  LLVMFuzzerTestOneInput(bytes, size);
  free(bytes);
  files++;
  return 0;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    if (nftw(argv[i], run_file, 16, FTW_PHYS)) {
      fprintf(stderr, "stopped at %s\n", argv[i]);
      return 1;
    }
  printf("%lu files\n", files);
  return files ? 0 : 2;
}
