/* SPDX-License-Identifier: MIT
 * test_reader.c: indexes as they are read, and folders that are none, or no whole ones. */
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

static void every_file_but_the_plan_is_needed(void **state) {
  (void)state;
  static const char *const NAMES[] = {"metadata.json",   "centroids.pt",   "buckets.pt",
                                      "avg_residual.pt", "ivf.pid.pt",     "0.codes.pt",
                                      "1.residuals.pt",  "doclens.2.json", "1.metadata.json"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    char words[80];
    copy_index("small");
    shell("rm %s/index/%s", folder, NAMES[i]);
    snprintf(words, sizeof words, ": %s is missing", NAMES[i]);
    expect_refused(NAMES[i], words);
  }
  copy_index("small");
  shell("rm %s/index/plan.json", folder);
  expect_read("without plan.json");
  shell("rm %s/index/[012].* %s/index/doclens.*", folder, folder);
  expect_refused("without chunks", ": 0.codes.pt is missing");
}

static void files_of_no_whole_chunk_and_of_no_known_name_are_refused(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"a\xff", ": a file beside those of the index has a name that is not UTF-8; move it"},
      {"ivf.pt", "ivf.pt lists embeddings"},
      {"3.codes.pt", ": 3.residuals.pt is missing"},
      {"5.metadata.json", ": 3.codes.pt is missing"},
      {"4000000.codes.pt", ": 4000000.codes.pt is of a chunk 4000000, but the folder has 19 files in all"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    copy_index("small");
    put_text(CASES[i][0], "");
    expect_refused(CASES[i][0], CASES[i][1]);
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

static void a_chunk_more_than_the_metadata_tells_of_is_refused(void **state) {
  (void)state;
  copy_index("small");
  shell(
      "cd %s/index && for f in codes.pt residuals.pt metadata.json; do cp 2.$f 3.$f; done; cp doclens.2.json "
      "doclens.3.json",
      folder);
  expect_refused("a chunk more", ": metadata.json has 3 chunks (num_chunks), the folder has 4 chunks; one of them");
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

static void members_that_do_not_fit_are_refused_with_both_numbers(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"ivf-padding-not-zero", "ivf.pid.pt", "ivf.pid.pt: pid 7 behind the 13 that its lengths tell of"},
      {"ivf-padding-too-short", "ivf.pid.pt", "ivf.pid.pt has 14 pids, its list of lengths has 13 in sum"},
      {"ivf-pids-too-few", "ivf.pid.pt", "ivf.pid.pt has 12 pids, its list of lengths has 13 in sum"},
      {"ivf-negative-length", "ivf.pid.pt", "ivf.pid.pt: length 0 is -1"},
      {"ivf-too-few-lengths", "ivf.pid.pt", "ivf.pid.pt has 3 lengths, centroids.pt has 4 rows"},
      {"ivf-three", "ivf.pid.pt", "ivf.pid.pt holds 4 nodes, not two tensors"},
      {"ivf-pids-i64", "ivf.pid.pt", "/ivf/pids is a tensor of i64; an index holds i32 there"},
      {"codes-i64", "0.codes.pt", "/chunks/0/codes is a tensor of i64; an index holds i32 there; the file is damaged"},
      {"codes-two-axes", "0.codes.pt", "/chunks/0/codes has 2 dimensions, that of an index has 1"},
      {"codes-five", "0.codes.pt", "0.residuals.pt has 6 rows, 0.codes.pt has 5 codes"},
      {"codes-five", "1.codes.pt", "1.residuals.pt has 4 rows, 1.codes.pt has 5 codes"},
      {"residuals-wide", "0.residuals.pt",
       "0.residuals.pt has 8 bytes a row, metadata.json has 4 (config/dim / 8 * config/nbits)"},
      {"residuals-five", "0.residuals.pt", "0.residuals.pt has 5 rows, 0.codes.pt has 6 codes"},
      {"centroids-wide", "centroids.pt", "centroids.pt has 32 dimensions, metadata.json has 16 (config/dim)"},
      {"centroids-five", "centroids.pt", "centroids.pt has 5 rows, metadata.json has 4 partitions"},
      {"centroids-expanded", "centroids.pt", "centroids.pt: a tensor of 2199023255552 bytes, of which"},
      {"buckets-one", "buckets.pt", "buckets.pt holds 1 nodes, not two tensors"},
      {"buckets-eight", "buckets.pt", "buckets.pt has 8 weights, metadata.json has 4"},
      {"dict", "centroids.pt", "centroids.pt holds 2 nodes, not one tensor"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    copy_index("small");
    shell("cp corpus/colbert/members/%s.pt %s/index/%s", CASES[i][0], folder, CASES[i][1]);
    expect_refused(CASES[i][0], CASES[i][2]);
  }
  copy_index("small");
  shell("cp corpus/colbert/members/scalar.pt %s/index/avg_residual.pt", folder);
  expect_read("avg_residual of one element, as some versions write it");
}

static void chunks_must_follow_each_other(void **state) {
  (void)state;
  static const char *const CASES[][3] = {
      {"0.metadata.json", "{\"passage_offset\":0,\"num_passages\":3,\"num_embeddings\":7,\"embedding_offset\":0}",
       "0.metadata.json has 7 embeddings, 0.codes.pt has 6 codes"},
      {"0.metadata.json", "{\"passage_offset\":0,\"num_passages\":4,\"num_embeddings\":6,\"embedding_offset\":0}",
       "doclens.0.json has 3 passages, 0.metadata.json has 4 passages"},
      {"1.metadata.json", "{\"passage_offset\":3,\"num_passages\":2,\"num_embeddings\":4,\"embedding_offset\":5}",
       "1.metadata.json has 5 for its embedding_offset, what comes before it has 6 embeddings"},
      {"1.metadata.json", "{\"passage_offset\":2,\"num_passages\":2,\"num_embeddings\":4,\"embedding_offset\":6}",
       "1.metadata.json has 2 for its passage_offset, what comes before it has 3 passages"},
      {"1.metadata.json", "{\"passage_offset\":3,\"num_passages\":2,\"num_embeddings\":4}",
       "/chunks/1/metadata/embedding_offset is missing"},
      {"1.metadata.json", "{\"passage_offset\":3,\"num_passages\":2,\"num_embeddings\":-4,\"embedding_offset\":6}",
       "/chunks/1/metadata/num_embeddings is no count"},
      {"1.metadata.json", "{\"passage_offset\":3.0,\"num_passages\":2,\"num_embeddings\":4,\"embedding_offset\":6}",
       "/chunks/1/metadata/passage_offset is no count"},
      {"1.metadata.json",
       "{\"passage_offset\":3,\"num_passages\":2,\"num_embeddings\":4,\"embedding_offset\":6,\"x\":1}",
       "/chunks/1/metadata/x has no place in a ColBERT index"},
      {"doclens.1.json", "[4]", "doclens.1.json has 1 passages, 1.metadata.json has 2 passages"},
      {"doclens.1.json", "[4,1]", "doclens.1.json has 5 embeddings in all its passages, 1.codes.pt has 4 codes"},
      {"doclens.1.json", "[2147483647,2147483647]", "doclens.1.json has 4294967294 embeddings"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    copy_index("small");
    put_text(CASES[i][0], CASES[i][1]);
    expect_refused(CASES[i][1], CASES[i][2]);
  }
}

static void metadata_must_fit_the_tensors(void **state) {
  (void)state;
#define METADATA(dim, nbits, chunks, partitions, embeddings)                                                   \
  "{\"config\":{\"dim\":" dim ",\"nbits\":" nbits "},\"num_chunks\":" chunks ",\"num_partitions\":" partitions \
  ",\"num_embeddings\":" embeddings "}"
  static const char *const CASES[][3] = {
      {"metadata.json", METADATA("16", "2", "3", "4", "20"),
       "metadata.json has 20 embeddings, all chunks together has 19 embeddings"},
      {"metadata.json", METADATA("16", "2", "3", "8", "19"), "centroids.pt has 4 rows, metadata.json has 8 partitions"},
      {"metadata.json", METADATA("16", "2", "2", "4", "19"),
       "metadata.json has 2 chunks (num_chunks), the folder has 3 chunks"},
      {"metadata.json", METADATA("32", "2", "3", "4", "19"), "centroids.pt has 16 dimensions, metadata.json has 32"},
      {"metadata.json", METADATA("16", "1", "3", "4", "19"), "buckets.pt has 4 weights, metadata.json has 2"},
      {"metadata.json", METADATA("16", "3", "3", "4", "19"), "metadata.json tells of dim 16 and nbits 3"},
      {"metadata.json", METADATA("16", "0", "3", "4", "19"), "metadata.json tells of dim 16 and nbits 0"},
      {"metadata.json", METADATA("16", "16", "3", "4", "19"), "metadata.json tells of dim 16 and nbits 16"},
      {"metadata.json", METADATA("16", "9223372036854775807", "3", "4", "19"), "nbits 9223372036854775807"},
      {"metadata.json", METADATA("16", "\"2\"", "3", "4", "19"), "/metadata/config/nbits is no count"},
      {"metadata.json", "{\"config\":{\"dim\":16,\"nbits\":2},\"num_chunks\":3,\"num_partitions\":4}",
       "/metadata/num_embeddings is missing"},
      {"metadata.json", "{\"config\":[],\"num_chunks\":3,\"num_partitions\":4,\"num_embeddings\":19}",
       "/metadata/config is no dict"},
      {"plan.json", "{\"num_chunks\":2}", "plan.json has 2 chunks (num_chunks), metadata.json has 3 chunks"},
      {"plan.json", "{\"num_partitions\":2}", "plan.json has 2 partitions, metadata.json has 4 partitions"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    copy_index("small");
    put_text(CASES[i][0], CASES[i][1]);
    expect_refused(CASES[i][1], CASES[i][2]);
  }
}

static void json_that_python_would_read_otherwise_is_refused(void **state) {
  (void)state;
  static const char *const CASES[][2] = {
      {"", "plan.json: no JSON that can be read"},
      {"[1]", "plan.json: a list, where an object must be"},
      {"{\"a\":1,\"a\":2}", "plan.json: no JSON that can be read: duplicate object key"},
      {"{\"a\":18446744073709551616}", "too big integer near '18446744073709551616' (byte "},
      {"{\"a\":1e999}", "real number overflow"},
      {"{\"a\":NaN}", "plan.json: no JSON"},
      {"{\"a\":\"\xff\"}", "unable to decode byte 0xff near"},
      {"{\"a\":\"\\ud800\"}", "plan.json: no JSON"},
      {"{\"a\":1} x", "end of file expected"},
      {"{\"a\":", "plan.json: no JSON"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    copy_index("small");
    put_text("plan.json", CASES[i][0]);
    expect_refused(CASES[i][0], CASES[i][1]);
  }
}

static void json_is_bounded_in_bytes_and_depth(void **state) {
  (void)state;
  static char text[(1 << 20) + 2];
  copy_index("small");
  memset(text, ' ', sizeof text);
  memcpy(text, "{}", 2);
  put("plan.json", text, 1 << 20);
  expect_read("1 MiB");
  put("plan.json", text, (1 << 20) + 1);
  expect_refused("a byte more", "plan.json: 1048577 bytes of JSON, more than the 1048576 that are read (byte 0)");
  for (size_t depth = 30; depth < 3000; depth = depth < 34 ? depth + 1 : depth * 2) {
    char *at = text + sprintf(text, "{\"a\":");
    memset(at, '[', depth);
    memset(at + depth, ']', depth);
    at[2 * depth] = '}';
    put("plan.json", text, (size_t)(at - text) + 2 * depth + 1);
    if (depth <= 31) expect_read("within the limit");
    else
      expect_refused("deep", depth < 2000 ? "more than 32 lists and objects within each other"
                                          : "plan.json: no JSON that can be read: maximum parsing depth");
  }
}

static void doclens_are_a_list_of_small_integers(void **state) {
  (void)state;
  static const char *const GOOD[] = {"[4,0]", " [ 4 , 0 ] \n", "[\n4,\r\n\t0\n]\n"};
  static const char *const BAD[][2] = {
      {"", "doclens.1.json: ends within the list of passages' lengths (byte 0); it is cut short"},
      {"[4,0", "doclens.1.json: ends within the list"},
      {"{}", "byte 0x7b where '[' must be, in a list of passages' lengths (byte 0)"},
      {"[4,0]]", "byte 0x5d where nothing must be, in a list of passages' lengths (byte 5)"},
      {"[4,,0]", "where a number must be"},
      {"[4,0,]", "where a number must be"},
      {"[,4]", "where a number or ']' must be"},
      {"[4 0]", "where ',' or ']' must be"},
      {"[4,00]", "where a digit, ',' or ']' must be"},
      {"[04,0]", "where a digit, ',' or ']' must be"},
      {"[4,-0]", "a negative length of a passage (byte 3)"},
      {"[4.0,0]", "a length of a passage that is no integer (byte 2)"},
      {"[4e0,0]", "a length of a passage that is no integer"},
      {"[4,\"0\"]", "byte 0x22"},
      {"[[4],0]", "byte 0x5b"},
      {"[4,2147483648]", "a passage of 2147483648 embeddings or more"},
      {"[4,99999999999999999999999999]", "embeddings or more"},
      {"[4,null]", "byte 0x6e"},
  };
  copy_index("small");
  for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
    put_text("doclens.1.json", GOOD[i]);
    expect_read(GOOD[i]);
  }
  for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
    put_text("doclens.1.json", BAD[i][0]);
    expect_refused(BAD[i][0], BAD[i][1]);
  }
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

static void files_cut_short_are_refused(void **state) {
  (void)state;
  static const char *const NAMES[] = {"ivf.pid.pt", "buckets.pt", "metadata.json", "doclens.2.json", "2.metadata.json"};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    char path[200], text[1200];
    size_t size;
    snprintf(path, sizeof path, "corpus/colbert/small/%s", NAMES[i]);
    uint8_t *bytes = support_slurp(path, &size);
    copy_index("small");
    /* behind the last byte of JSON there is a newline */
    for (size_t n = 0; n + 1 < size; n += size > 400 ? 7 : 1) {
      put(NAMES[i], bytes, n);
      if (outcome(text) != 3) fail_msg("%s cut to %zu: %s", NAMES[i], n, text);
      if (!strstr(text, NAMES[i])) fail_msg("%s cut to %zu: %s", NAMES[i], n, text);
    }
    free(bytes);
  }
}

static void damaged_tensors_are_noticed_when_they_are_read(void **state) {
  (void)state;
  static const struct {
    const char *name;
    size_t byte;
  } CASES[] = {
      {"0.codes.pt", 320}, {"2.residuals.pt", 330}, {"ivf.pid.pt", 384 + 12 * 4}, {"ivf.pid.pt", 384 + 14 * 4}};
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
    char path[200];
    size_t size;
    snprintf(path, sizeof path, "corpus/colbert/small/%s", CASES[i].name);
    uint8_t *bytes = support_slurp(path, &size);
    copy_index("small");
    bytes[CASES[i].byte] ^= 1;
    put(CASES[i].name, bytes, size);
    free(bytes);
    expect_refused(CASES[i].name, "CRC");
  }
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  copy_index("small");
  uint64_t n = 1;
  for (int reached = 1; reached; n++) {
    canon_context *context = new_context();
    support_fail_allocation(n);
    canon_artifact *artifact = open_index(context);
    reached = support_fail_allocation(0);
    if (reached && artifact) fail_msg("allocation %d failed without a word", (int)n);
    if (reached) assert_int_equal(canon_context_error(context)->code, CANON_E_MEMORY);
    else assert_non_null(artifact);
    canon_artifact_close(artifact);
    canon_context_free(context);
  }
  assert_true(n > 100);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
  const struct CMUnitTest tests[] = {
      CASE(an_index_has_its_parts_under_their_names),
      CASE(values_that_tell_of_the_run_are_marked_with_what_is_in_them),
      CASE(doclens_are_the_numbers_of_the_file_in_any_range),
      CASE(numbers_of_buckets_are_the_same_in_any_range),
      CASE(details_tell_where_it_was_built_and_whether_it_can_be_mapped),
      CASE(every_file_but_the_plan_is_needed),
      CASE(files_of_no_whole_chunk_and_of_no_known_name_are_refused),
      CASE(files_of_other_names_are_tensors_of_their_bytes),
      CASE(a_chunk_more_than_the_metadata_tells_of_is_refused),
      CASE(folders_below_are_no_part_of_it),
      CASE(members_that_do_not_fit_are_refused_with_both_numbers),
      CASE(chunks_must_follow_each_other),
      CASE(metadata_must_fit_the_tensors),
      CASE(json_that_python_would_read_otherwise_is_refused),
      CASE(json_is_bounded_in_bytes_and_depth),
      CASE(doclens_are_a_list_of_small_integers),
      CASE(doclens_longer_than_a_piece_are_read_whole),
      CASE(files_cut_short_are_refused),
      CASE(damaged_tensors_are_noticed_when_they_are_read),
      CASE(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
