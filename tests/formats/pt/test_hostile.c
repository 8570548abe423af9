/* SPDX-License-Identifier: MIT
 * test_hostile.c: files that lie or are damaged: each is refused with its reason; none crashes, leaks, or is read as
 * something that it is not. */
#include "tests/formats/pt/pt_file.h"

static const float FOUR[] = {1, 2, 3, 4};

/* A file of one pickle and the storage "0" of four floats. */
static void expect_pickle_refused(const script *pickle, int32_t code, const char *because) {
  make_file(pickle, (const record[]){{"archive/data/0", FOUR, sizeof FOUR}}, 1);
  expect_refused(pt_archive.bytes, pt_archive.size, code, because);
}

static void names_that_run_something_are_refused_as_unsafe_with_their_byte(void **state) {
  (void)state;
  static const struct {
    const char *opcodes, *because;
    uint64_t at; /* in the pickle */
  } PICKLES[] = {
      {"\x80\x02"
       "cos\nsystem\nX\2",
       "it asks for os.system", 2},
      {"\x80\x02N0cos\nsystem\n.", "it asks for os.system", 4},
      {"\x80\x04\x8c\2os\x8c\6system\x93.", "it asks for os.system", 14},
      {"\x80\x02(S'true'\nios\nsystem\n.", "it asks for os.system", 11},
      {"\x80\x02"
       "cbuiltins\neval\n.",
       "it asks for builtins.eval", 2},
      {"\x80\x02\x82\1.", "EXT1 1", 2},
  };
  for (size_t i = 0; i < sizeof PICKLES / sizeof *PICKLES; i++) {
    script pickle = {.size = 0};
    char place[64];
    put(&pickle, PICKLES[i].opcodes);
    expect_pickle_refused(&pickle, CANON_E_UNSAFE, PICKLES[i].because);
    snprintf(place, sizeof place, "(byte %d)", (int)(30 + strlen("archive/data.pkl") + PICKLES[i].at));
    expect_pickle_refused(&pickle, CANON_E_UNSAFE, place);
  }
}

static void a_call_with_arguments_by_name_loses_none_of_them(void **state) {
  (void)state;
  script pickle = {.size = 0};
  put(&pickle,
      "\x80\x04"
      "ccollections\nOrderedDict\n)}(");
  put_text(&pickle, "x");
  put(&pickle, "K\1u\x92.");
  expect_pickle_refused(&pickle, CANON_E_UNSUPPORTED, "NEWOBJ_EX of collections.OrderedDict with arguments by name");
}

static void geometry_that_leaves_its_storage_is_refused(void **state) {
  (void)state;
  static const struct {
    dense tensor;
    int32_t code;
    const char *because;
  } TENSORS[] = {
      {{"FloatStorage", "0", 4, 1, 1, {4}, {1}}, CANON_E_MALFORMED, "reaches element 4 of a storage that holds 4"},
      {{"FloatStorage", "0", 4, 4, 1, {1}, {1}}, CANON_E_MALFORMED, "reaches element 4 of a storage that holds 4"},
      {{"FloatStorage", "0", 4, 0, 1, {2}, {4}}, CANON_E_MALFORMED, "reaches element 4 of a storage that holds 4"},
      {{"FloatStorage", "0", 4, INT64_MAX, 1, {1}, {1}}, CANON_E_MALFORMED, "reaches element 9223372036854775807"},
      {{"FloatStorage", "0", 4, -1, 1, {1}, {1}}, CANON_E_MALFORMED, "does not start at an element"},
      {{"FloatStorage", "0", 4, 0, 1, {-1}, {1}}, CANON_E_MALFORMED, "a tensor's size holds a negative number"},
      {{"FloatStorage", "0", 4, 0, 1, {2}, {-1}}, CANON_E_MALFORMED, "a tensor's stride holds a negative number"},
      {{"FloatStorage", "0", 4, 0, 2, {INT64_MAX, INT64_MAX}, {0, 0}}, CANON_E_MALFORMED, "than 64 bits count"},
      {{"FloatStorage", "0", 4, 0, 2, {INT64_C(1) << 32, INT64_C(1) << 32}, {0, 0}},
       CANON_E_MALFORMED,
       "than 64 bits count"},
      {{"FloatStorage", "0", 4, 0, 1, {INT64_MAX}, {0}}, CANON_E_MALFORMED, "than 64 bits count"},
      {{"FloatStorage", "0", 4, 0, 2, {3, 3}, {INT64_MAX, INT64_MAX}}, CANON_E_MALFORMED, "lead beyond 64 bits"},
      {{"FloatStorage", "0", 5, 0, 1, {4}, {1}}, CANON_E_MALFORMED, "has 16 bytes, its tensors need 20"},
      {{"FloatStorage", "0", 3, 0, 1, {3}, {1}}, CANON_E_MALFORMED, "has 16 bytes, its tensors need 12"},
      {{"FloatStorage", "0", INT64_MAX, 0, 1, {1}, {1}}, CANON_E_MALFORMED, "more than 64 bits of bytes"},
      {{"FloatStorage", "0", -4, 0, 1, {1}, {1}}, CANON_E_MALFORMED, "a storage whose key, location and size"},
      {{"FloatStorage", "9", 4, 0, 1, {4}, {1}}, CANON_E_MALFORMED, "record archive/data/9 is missing"},
      {{"FloatStorage", "../0", 4, 0, 1, {4}, {1}}, CANON_E_MALFORMED, "record archive/data/../0 is missing"},
      {{"MoonStorage", "0", 4, 0, 1, {4}, {1}}, CANON_E_UNSUPPORTED, "torch.MoonStorage is no storage class"},
  };
  for (size_t i = 0; i < sizeof TENSORS / sizeof *TENSORS; i++) {
    script pickle = {.size = 0};
    put(&pickle, "\x80\x02");
    put_tensor(&pickle, &TENSORS[i].tensor);
    put(&pickle, ".");
    expect_pickle_refused(&pickle, TENSORS[i].code, TENSORS[i].because);
  }
}

static void one_storage_of_two_types_is_refused(void **state) {
  (void)state;
  script pickle = {.size = 0};
  put(&pickle, "\x80\x02");
  put_tensor(&pickle, &(dense){"FloatStorage", "0", 4, 0, 1, {4}, {1}});
  put_tensor(&pickle, &(dense){"IntStorage", "0", 4, 0, 1, {4}, {1}});
  put(&pickle, "\x86.");
  expect_pickle_refused(&pickle, CANON_E_MALFORMED, "record archive/data/0 is a IntStorage");
}

/* Each level holds the one before it many times: the tree stays as small as the pickle. */
static void a_memo_bomb_is_a_small_tree_of_refs(void **state) {
  (void)state;
  script pickle = {.size = 0};
  put(&pickle, "\x80\x02](NNNNNNNNeq\1");
  for (int level = 0; level < 60; level++) put(&pickle, "](h\1h\1h\1h\1h\1h\1h\1h\1eq\1");
  for (int level = 0; level < 60; level++) put(&pickle, "\x86");
  put(&pickle, ".");
  make_file(&pickle, NULL, 0);
  outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
  if (got.code) fail_msg("%s", got.error);
  assert_in_range(got.n_nodes, 60, 700);
}

static void a_list_in_itself_does_not_hang(void **state) {
  (void)state;
  script pickle = {.size = 0};
  put(&pickle, "\x80\x02]q\1h\1a.");
  make_file(&pickle, NULL, 0);
  outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
  assert_in_range(got.n_nodes, 0, 2);
}

static void nesting_beyond_the_limit_is_refused(void **state) {
  (void)state;
  for (int depth = CANON_MAX_DEPTH - 1; depth <= CANON_MAX_DEPTH + 1; depth++) {
    script pickle = {.size = 0};
    put(&pickle, "\x80\x02N");
    for (int i = 0; i < depth; i++) put(&pickle, "\x85");
    put(&pickle, ".");
    if (depth > CANON_MAX_DEPTH) {
      expect_pickle_refused(&pickle, CANON_E_LIMIT, "containers within each other");
      continue;
    }
    make_file(&pickle, NULL, 0);
    outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
    if (got.code) fail_msg("depth %d: %s", depth, got.error);
    assert_int_equal(got.n_nodes, depth + 1);
  }
}

/* Two members, the second one's headers bent. */
static void headers_that_lie_about_sizes_and_places_are_refused(void **state) {
  (void)state;
  enum { LOCAL = 1, CENTRAL = 2, BOTH = 3 };
  static const struct {
    uint32_t packed, size, crc32, header; /* 0: the truth; header: of the directory */
    int where;
    const char *because;
  } LIES[] = {
      {0xFFFFFFF0, 0xFFFFFFF0, 0, 0, BOTH, "where something else starts"},
      {0xFFFFFFFF, 0xFFFFFFFF, 0, 0, BOTH, "where something else starts"},
      {0, 0, 1, 0, LOCAL, "CRC-32"},
      {15, 15, 0, 0, CENTRAL, "not the sizes of the directory"},
      {0, 0, 1, 0, BOTH, "the archive says 00000001"},
      {0, 0, 0, 0xFFFFFFF0, CENTRAL, "behind the directory"},
  };
  for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++) {
    script pickle = {.size = 0};
    put(&pickle, "\x80\x02");
    put_tensor(&pickle, &(dense){"FloatStorage", "0", 4, 0, 1, {4}, {1}});
    put(&pickle, ".");
    craft_member members[] = {craft_stored("archive/data.pkl", pickle.bytes, pickle.size),
                              craft_stored("archive/data/0", FOUR, sizeof FOUR),
                              craft_stored("archive/version", "3\n", 2)};
    craft_archive(&pt_archive, members, 3);
    uint32_t numbers[] = {LIES[i].crc32, LIES[i].packed, LIES[i].size};
    size_t directory = members[2].header + 30 + strlen("archive/version") + 2;
    size_t central = directory + 46 + strlen("archive/data.pkl");
    for (int n = 0; n < 3; n++)
      for (int k = 0; k < 4 && numbers[n]; k++) {
        uint8_t byte = (uint8_t)(numbers[n] >> 8 * k);
        if (LIES[i].where & LOCAL) pt_archive.bytes[members[1].header + 14 + 4 * n + k] = byte;
        if (LIES[i].where & CENTRAL) pt_archive.bytes[central + 16 + 4 * n + k] = byte;
      }
    for (int k = 0; k < 4 && LIES[i].header; k++)
      pt_archive.bytes[central + 42 + k] = (uint8_t)(LIES[i].header >> 8 * k);
    expect_refused(pt_archive.bytes, pt_archive.size, CANON_E_MALFORMED, LIES[i].because);
  }
}

static void records_that_are_there_twice_or_lie_elsewhere_are_refused(void **state) {
  (void)state;
  static const struct {
    const char *names[3];
    int32_t code;
    const char *because;
  } ARCHIVES[] = {
      {{"a/data.pkl", "a/version", "a/version"}, CANON_E_MALFORMED, "two records are called a/version"},
      {{"a/data.pkl", "a/version", "b/data.pkl"}, CANON_E_MALFORMED, "outside of the folder a"},
      {{"a/data.pkl", "a/version", "a/../x"}, CANON_E_UNSAFE, "leads out of its folder"},
      {{"a/data.pkl", "a/version", "/x"}, CANON_E_UNSAFE, "is an absolute path"},
      {{"data.pkl", "version", "x"}, CANON_E_MALFORMED, "data.pkl does not lie in a folder"},
      {{"a/pkl", "a/version", "a/x"}, CANON_E_MALFORMED, "record a/data.pkl is missing"},
      {{"a/data.pkl", "a/revision", "a/x"}, CANON_E_MALFORMED, "record a/version is missing"},
  };
  for (size_t i = 0; i < sizeof ARCHIVES / sizeof *ARCHIVES; i++) {
    craft_member members[3];
    for (int k = 0; k < 3; k++) {
      int is_pickle = strstr(ARCHIVES[i].names[k], "pkl") != NULL;
      members[k] = craft_stored(ARCHIVES[i].names[k], is_pickle ? "\x80\x02N." : "3\n", is_pickle ? 4 : 2);
    }
    craft_archive(&pt_archive, members, 3);
    expect_refused(pt_archive.bytes, pt_archive.size, ARCHIVES[i].code, ARCHIVES[i].because);
  }
}

static void two_records_over_the_same_bytes_are_refused(void **state) {
  (void)state;
  craft_member members[] = {craft_stored("a/data.pkl", "\x80\x02N.", 4), craft_stored("a/version", "3\n", 2),
                            craft_stored("a/data/0", "", 0)};
  craft_archive(&pt_archive, members, 3);
  size_t last = members[2].header + 30 + strlen("a/data/0") + 46 * 2 + strlen("a/data.pkl") + strlen("a/version");
  for (int k = 0; k < 4; k++) pt_archive.bytes[last + 42 + k] = (uint8_t)(members[1].header >> 8 * k);
  expect_refused(pt_archive.bytes, pt_archive.size, CANON_E_MALFORMED, "share one local header");
}

static void a_file_cut_anywhere_is_refused(void **state) {
  (void)state;
  make_small_file();
  assert_int_equal(outcome_of(pt_archive.bytes, pt_archive.size).code, CANON_OK);
  for (size_t size = 0; size < pt_archive.size; size++) {
    uint8_t *cut = malloc(size + 1); /* a copy, so that a byte too many is seen */
    assert_non_null(cut);
    memcpy(cut, pt_archive.bytes, size);
    outcome got = outcome_of(cut, size);
    if (!got.code) fail_msg("cut at byte %d it is read", (int)size);
    free(cut);
  }
}

/* Where a flip is not seen, it changed nothing: a time, an attribute, a version that was needed. */
static void a_flipped_bit_is_refused_or_changes_nothing(void **state) {
  (void)state;
  make_small_file();
  outcome whole = outcome_of(pt_archive.bytes, pt_archive.size);
  assert_int_equal(whole.code, CANON_OK);
  size_t unseen = 0;
  for (size_t bit = 0; bit < pt_archive.size * 8; bit++) {
    pt_archive.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
    if (!got.code && (got.checksum != whole.checksum || got.n_nodes != whole.n_nodes))
      fail_msg("bit %d of byte %d: read as something else", (int)(bit % 8), (int)(bit / 8));
    unseen += !got.code;
    pt_archive.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  /* four records: 8 bytes of a local header and 20 of the directory may say anything */
  assert_in_range(unseen, 1, 4 * 28 * 8);
}

/* The same in the pickle alone, with its CRC-32 set right: refused or read, but in order. */
static void a_pickle_with_a_flipped_bit_is_read_or_refused_in_order(void **state) {
  (void)state;
  make_small_file();
  static craft original;
  original = pt_archive;
  uint32_t size = original.bytes[18] | (uint32_t)original.bytes[19] << 8;
  size_t start = 30 + strlen("archive/data.pkl");
  for (size_t bit = 0; bit < size * 8; bit++) {
    static uint8_t pickle[4096];
    assert_in_range(size, 1, sizeof pickle);
    memcpy(pickle, original.bytes + start, size);
    pickle[bit / 8] ^= (uint8_t)(1u << bit % 8);
    static const float FLOATS[] = {1.5f, -2, 3, 0};
    static const int64_t INTEGERS[] = {7, -8, 9};
    craft_member members[] = {
        craft_stored("archive/data.pkl", pickle, size), craft_stored("archive/data/0", FLOATS, sizeof FLOATS),
        craft_stored("archive/data/1", INTEGERS, sizeof INTEGERS), craft_stored("archive/version", "3\n", 2)};
    craft_archive(&pt_archive, members, 4);
    outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
    if (got.code > CANON_E_MALFORMED || got.code < CANON_E_LIMIT)
      if (got.code) fail_msg("bit %d of byte %d: %d, %s", (int)(bit % 8), (int)(bit / 8), got.code, got.error);
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state) {
  (void)state;
  make_small_file();
  int reached = 1;
  for (uint64_t n = 1; reached; n++) {
    assert_in_range(n, 1, 10000);
    outcome got = outcome_failing(pt_archive.bytes, pt_archive.size, UINT64_MAX, n, &reached);
    assert_int_equal(got.code, reached ? CANON_E_MEMORY : CANON_OK);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_that_run_something_are_refused_as_unsafe_with_their_byte),
      cmocka_unit_test(a_call_with_arguments_by_name_loses_none_of_them),
      cmocka_unit_test(geometry_that_leaves_its_storage_is_refused),
      cmocka_unit_test(one_storage_of_two_types_is_refused),
      cmocka_unit_test(a_memo_bomb_is_a_small_tree_of_refs),
      cmocka_unit_test(a_list_in_itself_does_not_hang),
      cmocka_unit_test(nesting_beyond_the_limit_is_refused),
      cmocka_unit_test(headers_that_lie_about_sizes_and_places_are_refused),
      cmocka_unit_test(records_that_are_there_twice_or_lie_elsewhere_are_refused),
      cmocka_unit_test(two_records_over_the_same_bytes_are_refused),
      cmocka_unit_test(a_file_cut_anywhere_is_refused),
      cmocka_unit_test(a_flipped_bit_is_refused_or_changes_nothing),
      cmocka_unit_test(a_pickle_with_a_flipped_bit_is_read_or_refused_in_order),
      cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
