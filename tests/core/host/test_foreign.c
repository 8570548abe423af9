/* SPDX-License-Identifier: MIT
 * test_foreign.c: what people hand over by mistake is called by its name. */
#include <string.h>

#include "core/host/foreign.h"
#include "tests/support/support.h"

static void assert_named(const char *head, size_t size, const char *word) {
  const char *name = foreign_name((const uint8_t *)head, size);
  if (!word) {
    assert_null(name);
    return;
  }
  assert_non_null(name);
  assert_non_null(strstr(name, word));
}

static void common_mistakes_have_names(void **state) {
  (void)state;
  static const char zeros[128];
  assert_named("", 0, "empty");
  assert_named("version https://git-lfs.github.com/spec/v1\n", 43, "git lfs pull");
  assert_named("<!DOCTYPE html><html>", 21, "HTML");
  assert_named("\n  <HTML>", 9, "HTML");
  assert_named("\x1f\x8b\x08", 3, "gunzip");
  assert_named("\x89HDF\r\n\x1a\n", 8, "HDF5");
  assert_named(zeros, sizeof zeros, "zeros");
}

static void other_bytes_have_none_however_short(void **state) {
  (void)state;
  static const char *const heads[] = {"P", "PK\x03\x04", "<", "<h", "version", "\x1f", "hello, world"};
  static const char zeros[63];
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) assert_named(heads[i], strlen(heads[i]), NULL);
  assert_named(zeros, sizeof zeros, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(common_mistakes_have_names),
      cmocka_unit_test(other_bytes_have_none_however_short),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
