/* SPDX-License-Identifier: MIT
 * test_reader.c: indexes as they are read. What is no whole one: test_hostile.c. */
#include "tests/formats/colbert/index_folder.h"

static const char SMALL[] =
    "/avg_residual f32 []\n/bucket_cutoffs f32 [3]\n/bucket_weights f32 [4]\n/centroids f16 [4,16]\n"
    "/chunks/0/codes i32 [6]\n/chunks/0/doclens i64 [3]\n/chunks/0/residuals u8 [6,4]\n"
    "/chunks/1/codes i32 [4]\n/chunks/1/doclens i64 [2]\n/chunks/1/residuals u8 [4,4]\n"
    "/chunks/2/codes i32 [9]\n/chunks/2/doclens i64 [3]\n/chunks/2/residuals u8 [9,4]\n"
    "/ivf/pids i32 [13]\n/ivf/lengths i64 [4]\n";

static void list_tensors(canon_artifact *artifact, char *text) {
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  *text = 0;
  for (uint64_t i = 0; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->kind != CANON_NODE_TENSOR) continue;
    text += sprintf(text, "%s %s [", canon_artifact_path(artifact, i), canon_dtype_name(node->dtype));
    for (uint32_t a = 0; a < node->rank; a++) text += sprintf(text, "%s%d", a ? "," : "", (int)node->shape[a]);
    text += sprintf(text, "]\n");
  }
}

static const canon_node *node_at(canon_artifact *artifact, const char *path, uint64_t *i) {
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  for (*i = 0; *i < manifest->n_nodes; ++*i)
    if (strcmp(canon_artifact_path(artifact, *i), path) == 0) return canon_manifest_node(manifest, *i);
  fail_msg("no node %s", path);
  return NULL;
}

static void an_index_has_its_parts_under_their_names(void **state) {
  (void)state;
  char text[4000];
  copy_index("small");
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  assert_non_null(artifact);
  assert_string_equal(canon_artifact_format(artifact), "colbert");
  list_tensors(artifact, text);
  assert_string_equal(text, SMALL);
  uint64_t i;
  assert_string_equal(canon_artifact_value(artifact, (node_at(artifact, "/metadata/avg_doclen", &i), i)), "2.375");
  assert_string_equal(canon_artifact_value(artifact, (node_at(artifact, "/plan/config/collection/0", &i), i)),
                      "\"caf\xc3\xa9\"");
  assert_string_equal(canon_artifact_value(artifact, (node_at(artifact, "/chunks/2/metadata/embedding_offset", &i), i)),
                      "10");
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static void values_that_tell_of_the_run_are_marked_with_what_is_in_them(void **state) {
  (void)state;
  char text[2000] = "";
  copy_index("small");
  shell("sed -i 's/\"gpus\": 0/\"gpus\": [1, {\"a\": []}], \"similarity\": [2]/' %s/index/metadata.json", folder);
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  assert_non_null(artifact);
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  for (uint64_t i = 0; i < manifest->n_nodes; i++)
    if (canon_manifest_node(manifest, i)->flags & CANON_NODE_VOLATILE)
      sprintf(text + strlen(text), "%s ", canon_artifact_path(artifact, i) + 1);
  assert_string_equal(
      text,
      "metadata/config/root metadata/config/experiment metadata/config/index_name metadata/config/name "
      "metadata/config/rank metadata/config/gpus metadata/config/gpus/0 metadata/config/gpus/1 "
      "metadata/config/gpus/1/a plan/config/root plan/config/experiment plan/config/index_name plan/config/name "
      "plan/config/rank plan/config/gpus ");
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static void doclens_are_the_numbers_of_the_file_in_any_range(void **state) {
  (void)state;
  copy_index("small");
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  uint64_t node;
  int64_t got[3];
  node_at(artifact, "/chunks/2/doclens", &node);
  assert_int_equal(canon_artifact_read(artifact, node, 0, 3, got), CANON_OK);
  assert_int_equal(got[0], 2);
  assert_int_equal(got[2], 5);
  assert_int_equal(canon_artifact_read(artifact, node, 2, 1, got), CANON_OK);
  assert_int_equal(got[0], 5);
  assert_int_equal(canon_artifact_read(artifact, node, 2, 2, got), CANON_E_USAGE);
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static const char *detail_text(canon_artifact *artifact, const char *name) {
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  for (uint64_t i = 0; i < manifest->n_details; i++)
    if (strcmp(manifest->details[i].name, name) == 0)
      return manifest->details[i].text ? manifest->details[i].text : "number";
  return "none";
}

static void numbers_of_buckets_are_the_same_in_any_range(void **state) {
  (void)state;
  enum { NUMBERS = 6 * 16 };
  static const canon_setting SETTING = {"buckets", ""};
  const canon_open_options options = {.settings = &SETTING, .n_settings = 1};
  uint8_t packed[NUMBERS / 4], all[NUMBERS], got[NUMBERS];
  char path[80];
  uint64_t node;
  canon_artifact *artifact;
  copy_index("small");
  canon_context *context = new_context();
  artifact = open_index(context);
  node_at(artifact, "/chunks/0/residuals", &node);
  assert_int_equal(canon_artifact_read(artifact, node, 0, sizeof packed, packed), CANON_OK);
  canon_artifact_close(artifact);
  snprintf(path, sizeof path, "%s/index", folder);
  assert_int_equal(canon_artifact_open(context, path, &options, &artifact), CANON_OK);
  assert_int_equal(canon_artifact_read(artifact, node, 0, NUMBERS, all), CANON_OK);
  for (int i = 0; i < NUMBERS; i++) {
    int pair = packed[i / 4] >> (6 - i % 4 * 2) & 3;
    assert_int_equal(all[i], pair >> 1 | (pair & 1) << 1);
  }
  for (uint64_t first = 0; first < NUMBERS; first++)
    for (uint64_t n = 0; n <= NUMBERS - first; n++) {
      assert_int_equal(canon_artifact_read(artifact, node, first, n, got), CANON_OK);
      assert_memory_equal(got, all + first, n);
    }
  assert_int_equal(canon_artifact_read(artifact, node, NUMBERS - 1, 2, got), CANON_E_USAGE);
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static void details_tell_where_it_was_built_and_whether_it_can_be_mapped(void **state) {
  (void)state;
  static const char *const CASES[][4] = {
      {"small", "CPU (weights are f32)", "none", "number"},
      {"gpu", "GPU (weights are f16)", "none", "none"},
      {"torch-2.8.0", "CPU (weights are f32)",
       "misread by ColBERT: codes begin at byte 704, residuals at 704, not at 320; a converted index is right",
       "number"},
  };
  for (size_t i = 0; i < 3; i++) {
    copy_index(CASES[i][0]);
    canon_context *context = new_context();
    canon_artifact *artifact = open_index(context);
    assert_non_null(artifact);
    assert_string_equal(detail_text(artifact, "built_on"), CASES[i][1]);
    assert_string_equal(detail_text(artifact, "memory_mapped"), CASES[i][2]);
    assert_string_equal(detail_text(artifact, "ivf_padding"), CASES[i][3]);
    canon_artifact_close(artifact);
    canon_context_free(context);
  }
}

static void files_of_other_names_are_tensors_of_their_bytes(void **state) {
  (void)state;
  static const char *const NAMES[] = {"-1.codes.pt", "0.codes.pt.bak", "00.codes.pt", "18446744073709551616.codes.pt",
                                      "collection.json"};
  char path[80], got[8];
  copy_index("small");
  for (size_t i = 0; i < 5; i++) put_text(NAMES[i], i ? "[1]\n" : "");
  expect_read("with other files");
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  assert_string_equal(detail_text(artifact, "other_files"), "number");
  for (size_t i = 0; i < 5; i++) {
    uint64_t at;
    snprintf(path, sizeof path, "/files/%s", NAMES[i]);
    const canon_node *node = node_at(artifact, path, &at);
    assert_int_equal(node->dtype, CANON_U8);
    assert_int_equal(node->rank, 1);
    assert_int_equal(node->shape[0], i ? 4 : 0);
    assert_int_equal(canon_artifact_read(artifact, at, 0, i ? 4 : 0, got), CANON_OK);
    if (i) assert_memory_equal(got, "[1]\n", 4);
    if (i) assert_int_equal(canon_artifact_read(artifact, at, 2, 2, got), CANON_OK);
    if (i) assert_memory_equal(got, "]\n", 2);
  }
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static void folders_below_are_no_part_of_it(void **state) {
  (void)state;
  copy_index("small");
  shell("mkdir -p %s/index/intermediates/x && cp %s/index/0.codes.pt %s/index/intermediates/x/9.codes.pt", folder,
        folder, folder);
  expect_read("with a folder below");
  canon_context *context = new_context();
  canon_artifact *artifact = open_index(context);
  assert_string_equal(detail_text(artifact, "files_in_folders_below"), "number");
  canon_artifact_close(artifact);
  canon_context_free(context);
}

static void doclens_longer_than_a_piece_are_read_whole(void **state) {
  (void)state;
  enum { MANY = 100000 };
  static char text[2 * MANY + 3];
  copy_index("small");
  for (size_t i = 0; i < MANY; i++) memcpy(text + 1 + 2 * i, i < 4 ? "1," : "0,", 2);
  text[0] = '[';
  text[2 * MANY] = ']';
  put("doclens.1.json", text, 2 * MANY + 1);
  expect_refused("many", "doclens.1.json has 100000 passages, 1.metadata.json has 2 passages");
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      CASE(an_index_has_its_parts_under_their_names),
      CASE(values_that_tell_of_the_run_are_marked_with_what_is_in_them),
      CASE(doclens_are_the_numbers_of_the_file_in_any_range),
      CASE(numbers_of_buckets_are_the_same_in_any_range),
      CASE(details_tell_where_it_was_built_and_whether_it_can_be_mapped),
      CASE(files_of_other_names_are_tensors_of_their_bytes),
      CASE(folders_below_are_no_part_of_it),
      CASE(doclens_longer_than_a_piece_are_read_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
