/* SPDX-License-Identifier: MIT
 * test_writer.c: the canonical layout, byte by byte where it is promised; what is written is read by libzip and by the
 * reader. */
#include <zip.h>

#include "tests/formats/pt/pt_file.h"

static canon_manifest manifest_of(const canon_node *nodes, uint64_t n) {
  return (canon_manifest){
      .struct_size = sizeof(canon_manifest), .node_size = sizeof *nodes, .nodes = nodes, .n_nodes = n};
}

static const uint64_t TWO_BY_TWO[] = {2, 2}, THREE[] = {3}, NONE[] = {0};
static const float FLOATS[] = {1.5f, -2, 3, 0};
static const uint16_t SHORTS[] = {1, 2, 0xFFFF};
#define CHILD(word, what) .kind = what, .parent = 0, .key_kind = CANON_KEY_STR, .key = word, .key_size = sizeof word - 1

static const canon_node NODES[] = {
    {.kind = CANON_NODE_DICT, .parent = CANON_NONE},
    {CHILD("a", CANON_NODE_TENSOR), .dtype = CANON_F32, .rank = 2, .shape = TWO_BY_TWO},
    {CHILD("b", CANON_NODE_TENSOR), .dtype = CANON_U16, .rank = 1, .shape = THREE},
    {CHILD("c", CANON_NODE_TENSOR), .dtype = CANON_I64, .rank = 1, .shape = NONE},
    {CHILD("d", CANON_NODE_STR), .data = "text", .data_size = 4},
};
enum { N_NODES = 5 };
static const struct {
  const void *bytes;
  uint64_t size;
} DATA[N_NODES] = {[1] = {FLOATS, sizeof FLOATS}, [2] = {SHORTS, sizeof SHORTS}};

/* Writes NODES; offsets: where each tensor was placed. */
static int32_t write_nodes(canon_job *job, canon_sink *sink, uint64_t offsets[N_NODES]) {
  const canon_format *pt = support_format("pt");
  canon_manifest manifest = manifest_of(NODES, N_NODES);
  canon_written written[N_NODES];
  uint64_t n = 0;
  void *writer = NULL;
  int32_t code = pt->can_write(job, NULL, &manifest);
  if (!code) code = pt->begin(job, NULL, &manifest, sink, &writer);
  for (uint64_t i = 0; i < N_NODES && !code; i++) {
    if (NODES[i].kind != CANON_NODE_TENSOR) continue;
    canon_extent extent = {.struct_size = sizeof extent};
    code = pt->place(job, writer, i, &extent);
    if (!code && DATA[i].size) code = job->host->sink_write(job, sink, extent.offset, DATA[i].bytes, DATA[i].size);
    offsets[i] = extent.offset;
    written[n++] = (canon_written){.node = i, .bytes = DATA[i].size, .crc32 = checksum(0, DATA[i].bytes, DATA[i].size)};
  }
  if (!code) code = pt->end(job, writer, written, n, sizeof *written);
  if (writer) pt->release(job, writer);
  return code;
}

static const uint8_t *written_file(canon_job *job, uint64_t offsets[N_NODES], size_t *size) {
  canon_sink *sink = support_sink(job);
  if (write_nodes(job, sink, offsets)) fail_msg("%s", support_error(job));
  assert_int_equal(support_leaked(job), 0);
  return support_bytes(sink, size);
}

static uint32_t number_at(const uint8_t *at, int bytes) {
  uint32_t value = 0;
  while (bytes--) value = value << 8 | at[bytes];
  return value;
}

static void records_lie_where_the_layout_says(void **state) {
  (void)state;
  static const char *const NAMES[] = {"archive/data.pkl", "archive/data/0", "archive/data/1", "archive/data/2",
                                      "archive/version"};
  uint64_t offsets[N_NODES] = {0};
  size_t size, at = 0, end_of_pickle = 0;
  canon_job *job = support_job();
  const uint8_t *bytes = written_file(job, offsets, &size);
  for (int i = 0; i < 5; i++) {
    uint32_t name = number_at(bytes + at + 26, 2), extra = number_at(bytes + at + 28, 2);
    size_t data = at + 30 + name + extra;
    assert_int_equal(number_at(bytes + at, 4), 0x04034B50);
    assert_int_equal(number_at(bytes + at + 6, 2), 0);           /* flags: no descriptor */
    assert_int_equal(number_at(bytes + at + 8, 2), 0);           /* stored */
    assert_int_equal(number_at(bytes + at + 10, 4), 0x00210000); /* 1980-01-01 00:00 */
    assert_int_equal(name, strlen(NAMES[i]));
    assert_memory_equal(bytes + at + 30, NAMES[i], name);
    assert_int_equal(data % 64, 0);
    if (i == 0) end_of_pickle = data + number_at(bytes + 18, 4);
    if (i >= 1 && i <= 3) assert_int_equal(offsets[i], data);
    if (i == 4) assert_memory_equal(bytes + data, "3\n", 2);
    at = data + number_at(bytes + at + 18, 4);
  }
  assert_int_equal(number_at(bytes + at, 4), 0x02014B50);
  /* the first storage: at the first multiple of 64 that is 320 or more and leaves room for its header */
  size_t header = end_of_pickle + 30 + strlen("archive/data/0"), first = header < 320 ? 320 : (header + 63) / 64 * 64;
  if (first != header && first - header < 4) first += 64;
  assert_int_equal(offsets[1], first);
  support_job_free(job);
}

static void a_small_files_first_storage_lies_at_320(void **state) {
  (void)state;
  const canon_format *pt = support_format("pt");
  canon_node node = {.kind = CANON_NODE_TENSOR, .parent = CANON_NONE, .dtype = CANON_F32, .rank = 1, .shape = THREE};
  canon_manifest manifest = manifest_of(&node, 1);
  canon_job *job = support_job();
  canon_extent extent = {.struct_size = sizeof extent};
  void *writer = NULL;
  assert_int_equal(pt->begin(job, NULL, &manifest, support_sink(job), &writer), CANON_OK);
  assert_int_equal(pt->place(job, writer, 0, &extent), CANON_OK);
  assert_int_equal(extent.offset, 320);
  pt->release(job, writer);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void writing_twice_gives_the_same_bytes(void **state) {
  (void)state;
  uint64_t offsets[N_NODES] = {0};
  size_t a_size, b_size;
  canon_job *job = support_job();
  const uint8_t *a = written_file(job, offsets, &a_size), *b = written_file(job, offsets, &b_size);
  assert_int_equal(a_size, b_size);
  assert_memory_equal(a, b, a_size);
  support_job_free(job);
}

static void what_is_written_is_read_back(void **state) {
  (void)state;
  uint64_t offsets[N_NODES] = {0};
  size_t size;
  canon_job *job = support_job();
  const uint8_t *bytes = written_file(job, offsets, &size);
  outcome got = outcome_of(bytes, size);
  if (got.code) fail_msg("%s", got.error);
  assert_int_equal(got.n_nodes, N_NODES);
  assert_int_equal(got.n_bytes, sizeof FLOATS + sizeof SHORTS);
  assert_memory_equal(got.bytes, FLOATS, sizeof FLOATS);
  assert_memory_equal(got.bytes + sizeof FLOATS, SHORTS, sizeof SHORTS);
  support_job_free(job);
}

static zip_t *open_memory(const void *bytes, size_t size) {
  zip_error_t error;
  zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
  assert_non_null(source);
  zip_t *zip = zip_open_from_source(source, ZIP_CHECKCONS | ZIP_RDONLY, &error);
  if (!zip) fail_msg("libzip: %s", zip_error_strerror(&error));
  return zip;
}

static void expect_member(zip_t *zip, const char *name, const void *bytes, uint64_t size) {
  uint8_t content[64];
  zip_file_t *file = zip_fopen(zip, name, 0);
  assert_non_null(file);
  assert_int_equal(zip_fread(file, content, sizeof content), size);
  if (size) assert_memory_equal(content, bytes, size);
  zip_fclose(file);
}

static void libzip_reads_what_is_written(void **state) {
  (void)state;
  uint64_t offsets[N_NODES] = {0};
  size_t size;
  canon_job *job = support_job();
  const uint8_t *bytes = written_file(job, offsets, &size);
  zip_t *zip = open_memory(bytes, size);
  assert_int_equal(zip_get_num_entries(zip, 0), 5);
  expect_member(zip, "archive/data/0", FLOATS, sizeof FLOATS);
  expect_member(zip, "archive/data/1", SHORTS, sizeof SHORTS);
  expect_member(zip, "archive/data/2", NULL, 0);
  expect_member(zip, "archive/version", "3\n", 2);
  zip_discard(zip);
  support_job_free(job);
}

/* Every record of a file, deflated by libzip: the same tensors. */
static void deflated_records_of_libzip_are_read(void **state) {
  (void)state;
  make_small_file();
  outcome stored = outcome_of(pt_archive.bytes, pt_archive.size);
  zip_error_t error;
  zip_t *from = open_memory(pt_archive.bytes, pt_archive.size);
  zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
  assert_non_null(target);
  zip_source_keep(target);
  zip_t *to = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
  assert_non_null(to);
  for (uint64_t i = 0; i < (uint64_t)zip_get_num_entries(from, 0); i++) {
    zip_source_t *member = zip_source_zip(to, from, i, 0, 0, -1);
    assert_non_null(member);
    zip_int64_t place = zip_file_add(to, zip_get_name(from, i, 0), member, 0);
    assert_true(place >= 0);
    assert_int_equal(zip_set_file_compression(to, (zip_uint64_t)place, ZIP_CM_DEFLATE, 9), 0);
  }
  assert_int_equal(zip_close(to), 0);
  zip_stat_t stat;
  assert_int_equal(zip_source_stat(target, &stat), 0);
  uint8_t *bytes = malloc(stat.size);
  assert_non_null(bytes);
  assert_int_equal(zip_source_open(target), 0);
  assert_int_equal(zip_source_read(target, bytes, stat.size), stat.size);
  zip_source_close(target);
  zip_source_free(target);
  zip_discard(from);
  outcome deflated = outcome_of(bytes, stat.size), parts = outcome_in_blocks(bytes, stat.size, 1);
  if (deflated.code) fail_msg("%s", deflated.error);
  assert_int_equal(deflated.checksum, stored.checksum);
  assert_int_equal(parts.checksum, stored.checksum);
  free(bytes);
}

static void what_torch_has_not_is_refused_before_a_byte_is_written(void **state) {
  (void)state;
  static const struct {
    canon_node child;
    const char *because;
  } TREES[] = {
      {{CHILD("x", CANON_NODE_OPAQUE), .type = "m.C"}, "/x is a m.C, which canon does not interpret"},
      {{CHILD("x", CANON_NODE_REF)}, "/x is a ref"},
      {{.kind = CANON_NODE_NONE, .parent = 0, .key_kind = CANON_KEY_TUPLE, .key = "(1,)", .key_size = 4},
       "has a tuple for a key"},
  };
  for (size_t i = 0; i < sizeof TREES / sizeof *TREES; i++) {
    canon_node nodes[] = {NODES[0], TREES[i].child};
    canon_manifest manifest = manifest_of(nodes, 2);
    canon_job *job = support_job();
    assert_int_not_equal(support_format("pt")->can_write(job, NULL, &manifest), CANON_OK);
    if (!strstr(support_error(job), TREES[i].because)) fail_msg("%s", support_error(job));
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state) {
  (void)state;
  int reached = 1;
  for (uint64_t n = 1; reached; n++) {
    assert_in_range(n, 1, 10000);
    uint64_t offsets[N_NODES];
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    support_fail_allocation(n);
    int32_t code = write_nodes(job, sink, offsets);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_lie_where_the_layout_says),
      cmocka_unit_test(a_small_files_first_storage_lies_at_320),
      cmocka_unit_test(writing_twice_gives_the_same_bytes),
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(libzip_reads_what_is_written),
      cmocka_unit_test(deflated_records_of_libzip_are_read),
      cmocka_unit_test(what_torch_has_not_is_refused_before_a_byte_is_written),
      cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
