/* SPDX-License-Identifier: MIT
 * test_hostile.c: indexes with files that are missing, of another index, damaged or without measure: refused with what
 * does not agree. What is read of a whole one: test_reader.c. */
#include "tests/formats/colbert/index_folder.h"

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

static void a_chunk_more_than_the_metadata_tells_of_is_refused(void **state) {
  (void)state;
  copy_index("small");
  shell(
      "cd %s/index && for f in codes.pt residuals.pt metadata.json; do cp 2.$f 3.$f; done; cp doclens.2.json "
      "doclens.3.json",
      folder);
  expect_refused("a chunk more", ": metadata.json has 3 chunks (num_chunks), the folder has 4 chunks; one of them");
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
      CASE(every_file_but_the_plan_is_needed),
      CASE(files_of_no_whole_chunk_and_of_no_known_name_are_refused),
      CASE(a_chunk_more_than_the_metadata_tells_of_is_refused),
      CASE(members_that_do_not_fit_are_refused_with_both_numbers),
      CASE(chunks_must_follow_each_other),
      CASE(metadata_must_fit_the_tensors),
      CASE(json_that_python_would_read_otherwise_is_refused),
      CASE(json_is_bounded_in_bytes_and_depth),
      CASE(doclens_are_a_list_of_small_integers),
      CASE(files_cut_short_are_refused),
      CASE(damaged_tensors_are_noticed_when_they_are_read),
      CASE(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
