/* SPDX-License-Identifier: MIT */
#include "core/base/sha256.h"

#include <string.h>

#include "tests/support/support.h"

static void digest_is(const uint8_t digest[SHA256_BYTES], const char *expected) {
  char hex[SHA256_HEX];
  sha256_hex(digest, hex);
  assert_string_equal(hex, expected);
}

/* FIPS 180-4's examples. */
static const char *const of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
static const char *const of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char *const of_a_million_a = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void knows_the_published_values(void **state) {
  (void)state;
  uint8_t digest[SHA256_BYTES];
  assert_true(sha256_of("", 0, digest));
  digest_is(digest, of_nothing);
  assert_true(sha256_of("abc", 3, digest));
  digest_is(digest, of_abc);
}

static void one_context_serves_many_messages(void **state) {
  (void)state;
  struct sha256 sha = {0};
  uint8_t digest[SHA256_BYTES];
  for (int i = 0; i < 3; i++) {
    assert_true(sha256_start(&sha));
    for (int j = 0; j < 1000000 / 1000; j++) {
      char a[1000];
      memset(a, 'a', sizeof a);
      sha256_add(&sha, a, sizeof a);
    }
    assert_true(sha256_end(&sha, digest));
    digest_is(digest, of_a_million_a);
  }
  assert_true(sha256_start(&sha));
  sha256_add(&sha, "thrown away", 11);
  assert_true(sha256_start(&sha));
  assert_true(sha256_end(&sha, digest));
  digest_is(digest, of_nothing);
  sha256_free(&sha);
}

static void without_a_start_there_is_no_digest(void **state) {
  (void)state;
  struct sha256 sha = {0};
  uint8_t digest[SHA256_BYTES];
  sha256_add(&sha, "abc", 3);
  assert_false(sha256_end(&sha, digest));
  sha256_free(&sha);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_the_published_values),
      cmocka_unit_test(one_context_serves_many_messages),
      cmocka_unit_test(without_a_start_there_is_no_digest),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
