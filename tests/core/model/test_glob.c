/* SPDX-License-Identifier: MIT */
#include "core/model/glob.h"

#include <string.h>

#include "core/base/mem.h"
#include "tests/support/support.h"

static int matches(const char *pattern, const char *path) {
  struct glob *glob = glob_compile(pattern);
  assert_non_null(glob);
  uint64_t *start = mem_alloc(glob_words(glob) * sizeof *start), *end = mem_alloc(glob_words(glob) * sizeof *end);
  glob_start(glob, start);
  glob_feed(glob, start, path, strlen(path), end);
  int found = glob_accepts(glob, end);
  assert_true(!found || glob_alive(end));
  mem_free(start);
  mem_free(end);
  glob_free(glob);
  return found;
}

static const struct {
  const char *pattern, *path;
  int matches;
} table[] = {
    {"", "", 1},
    {"", "/", 0},
    {"/a", "/a", 1},
    {"/a", "/ab", 0},
    {"/a", "/", 0},
    {"/a", "", 0},
    /* ? is one character, not a slash */
    {"/?", "/a", 1},
    {"/?", "/", 0},
    {"/?", "/ab", 0},
    {"/a?b", "/a/b", 0},
    {"/?", "/\xe2\x82\xac", 1},
    {"/?", "/~1", 1},
    {"/?", "/~0", 1},
    {"/?\?", "/~1", 0},
    {"/?\?", "/~x", 1},
    {"/?", "/\xff", 1},
    /* * stays in its part */
    {"/*", "/", 1},
    {"/*", "/abc", 1},
    {"/*", "/a/b", 0},
    {"/*/b", "/a/b", 1},
    {"/a*c", "/abbbc", 1},
    {"/a*c", "/ac", 1},
    {"/a*c", "/ab/c", 0},
    {"/*a*b*", "/xxaxxbxx", 1},
    {"/*a*b*", "/xxbxxaxx", 0},
    {"*", "", 1},
    {"*", "/a", 0},
    {"/*.weight", "/layer.0.weight", 1},
    {"/*.weight", "/layer.0.bias", 0},
    {"/a*", "/a~1b", 1},
    /* ** crosses */
    {"**", "", 1},
    {"**", "/a/b/c", 1},
    {"/**", "/a/b/c", 1},
    {"/**", "/", 1},
    {"/**", "", 0},
    {"/a**z", "/a/b/z", 1},
    {"/a**z", "/az", 1},
    {"/a/**", "/a/b", 1},
    {"/a/**", "/a", 0},
    {"/a/**", "/ab", 0},
    /* a whole part that is ** is any number of parts, none included */
    {"/**/b", "/b", 1},
    {"/**/b", "/a/b", 1},
    {"/**/b", "/a/c/b", 1},
    {"/**/b", "/ab", 0},
    {"/a/**/b", "/a/b", 1},
    {"/a/**/b", "/a/x/y/b", 1},
    {"/a/**/b", "/ab", 0},
    {"/a/**/b", "/a/xb", 0},
    {"/**/**/b", "/b", 1},
    {"**/b", "/b", 1},
    {"**/b", "/a/b", 1},
    {"**/b", "b", 1},
    {"/**/*.weight", "/model/layer/0.weight", 1},
    /* classes */
    {"/[abc]", "/b", 1},
    {"/[abc]", "/d", 0},
    {"/[a-c]x", "/bx", 1},
    {"/[a-c]x", "/dx", 0},
    {"/[!a-c]", "/d", 1},
    {"/[!a-c]", "/a", 0},
    {"/[^a-c]", "/d", 1},
    {"/[!a]", "/", 0},
    {"/a[!b]c", "/a/c", 0},
    {"/a[/]c", "/a/c", 0},
    {"/a[~1]c", "/a~1c", 1},
    {"/[]]", "/]", 1},
    {"/[!]]", "/]", 0},
    {"/[a-]", "/-", 1},
    {"/[-a]", "/-", 1},
    {"/[0-9][0-9]", "/42", 1},
    {"/[\xce\xb1-\xcf\x89]", "/\xce\xb2", 1},
    {"/[*?]", "/*", 1},
    {"/[*?]", "/x", 0},
    {"/[*]", "/a", 0},
    /* a bracket that is not closed is itself */
    {"/[ab", "/[ab", 1},
    {"/[ab", "/a", 0},
    {"/[", "/[", 1},
    {"/[!", "/[!", 1},
    /* the escapes of a pointer are characters */
    {"/a~1b", "/a~1b", 1},
    {"/a~0b", "/a~0b", 1},
    {"/a~1b", "/a/b", 0},
};

static void means_what_the_table_says(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (matches(table[i].pattern, table[i].path) != table[i].matches)
      fail_msg("%s %s %s", table[i].pattern, table[i].matches ? "does not match" : "matches", table[i].path);
}

/* A path may come in pieces, cut at the slashes. */
static void goes_on_from_the_state_of_a_container(void **state) {
  (void)state;
  struct glob *glob = glob_compile("/a/**/[x-z]");
  uint64_t states[3][16];
  assert_in_range(glob_words(glob), 1, 16);
  glob_start(glob, states[0]);
  glob_feed(glob, states[0], "/a", 2, states[1]);
  assert_false(glob_accepts(glob, states[1]));
  assert_true(glob_alive(states[1]));
  glob_feed(glob, states[1], "/y", 2, states[2]);
  assert_true(glob_accepts(glob, states[2]));
  glob_feed(glob, states[1], "/b", 2, states[2]);
  assert_false(glob_accepts(glob, states[2]));
  assert_true(glob_alive(states[2]));
  glob_feed(glob, states[0], "/b", 2, states[1]);
  assert_false(glob_alive(states[1]));
  glob_free(glob);
}

static void takes_no_more_time_than_pattern_times_path(void **state) {
  (void)state;
  char pattern[400] = "/", path[20001] = "/";
  for (int i = 0; i < 99; i++) strcat(pattern, "**a");
  strcat(pattern, "b");
  memset(path + 1, 'a', sizeof path - 2);
  assert_false(matches(pattern, path));
  pattern[strlen(pattern) - 1] = 0;
  assert_true(matches(pattern, path));
}

static void survives_failing_allocations(void **state) {
  (void)state;
  for (uint64_t n = 1;; n++) {
    mem_fail_at(n);
    struct glob *glob = glob_compile("/a[b-c]**");
    if (!mem_fail_at(0)) {
      glob_free(glob);
      break;
    }
    assert_null(glob);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(means_what_the_table_says),
      cmocka_unit_test(goes_on_from_the_state_of_a_container),
      cmocka_unit_test(takes_no_more_time_than_pattern_times_path),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
