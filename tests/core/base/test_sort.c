/* SPDX-License-Identifier: MIT */
#include "core/base/sort.h"

#include <string.h>

#include "tests/support/support.h"

enum { MOST = 5000 };

struct counted {
  uint64_t keys[MOST];
  uint64_t comparisons;
};

static int by_key(const void *context, uint64_t a, uint64_t b) {
  struct counted *counted = (struct counted *)(uintptr_t)context;
  counted->comparisons++;
  return (counted->keys[a] > counted->keys[b]) - (counted->keys[a] < counted->keys[b]);
}

static struct counted counted;
static uint64_t items[MOST], scratch[MOST];

/* Sorted, every index once, equal keys in the order they came in. */
static void sorts_stably(size_t n) {
  for (size_t i = 0; i < n; i++) items[i] = i;
  counted.comparisons = 0;
  sort_indexes(items, scratch, n, by_key, &counted);
  uint8_t seen[MOST] = {0};
  for (size_t i = 0; i < n; i++) {
    assert_false(seen[items[i]]++);
    if (i == 0) continue;
    uint64_t before = counted.keys[items[i - 1]], now = counted.keys[items[i]];
    assert_true(before < now || (before == now && items[i - 1] < items[i]));
  }
}

static void sorts_every_small_size(void **state) {
  (void)state;
  uint32_t x = 7;
  for (size_t n = 0; n < 300; n++) {
    for (size_t i = 0; i < n; i++) counted.keys[i] = (x = x * 1664525u + 1013904223u) >> 24;
    sorts_stably(n);
  }
}

static void takes_n_log_n_comparisons_at_most(void **state) {
  (void)state;
  uint32_t x = 7;
  for (int shape = 0; shape < 4; shape++) {
    for (size_t i = 0; i < MOST; i++)
      counted.keys[i] = shape == 0   ? MOST - i
                        : shape == 1 ? i % 2
                        : shape == 2 ? i % 71 * 100 + i % 3
                                     : (x = x * 1664525u + 1013904223u);
    sorts_stably(MOST);
    assert_in_range(counted.comparisons, 0, MOST * 14);
  }
}

static void looks_once_at_what_is_sorted_already(void **state) {
  (void)state;
  for (size_t i = 0; i < MOST; i++) counted.keys[i] = i / 3;
  sorts_stably(MOST);
  assert_in_range(counted.comparisons, 0, MOST);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sorts_every_small_size),
      cmocka_unit_test(takes_n_log_n_comparisons_at_most),
      cmocka_unit_test(looks_once_at_what_is_sorted_already),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
