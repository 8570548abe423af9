/* SPDX-License-Identifier: MIT
 * test_zip_write.c: what the stored-only writer lays out is what libzip and our own index read, aligned as asked, with
 * one set of bytes, and in 64 bits exactly where 32 do not do. */
#include "formats/common/zip_write.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>
#include <zlib.h>

#include "formats/common/zip.h"
#include "tests/support/support.h"

/* Members whose content is their number, over and over. */
static void fill(uint8_t *bytes, uint64_t size, uint64_t i) {
  for (uint64_t k = 0; k < size; k++) bytes[k] = (uint8_t)(i + k);
}

static void write_data(canon_job *job, zip_layout *layout, canon_sink *sink) {
  for (uint64_t i = 0; i < layout->n_entries; i++) {
    zip_entry *entry = &layout->entries[i];
    uint8_t *bytes = malloc(entry->size + 1);
    assert_non_null(bytes);
    fill(bytes, entry->size, i);
    entry->crc32 = (uint32_t)crc32(0, bytes, (uInt)entry->size);
    assert_int_equal(job->host->sink_write(job, sink, entry->data, bytes, entry->size), CANON_OK);
    free(bytes);
  }
}

static void expect_libzip_reads(const uint8_t *bytes, size_t size, const zip_layout *layout) {
  zip_error_t error;
  zip_error_init(&error);
  zip_t *read =
      zip_open_from_source(zip_source_buffer_create(bytes, size, 0, &error), ZIP_CHECKCONS | ZIP_RDONLY, &error);
  if (!read) fail_msg("libzip: %s", zip_error_strerror(&error));
  assert_int_equal(zip_get_num_entries(read, 0), layout->n_entries);
  for (uint64_t i = 0; i < layout->n_entries; i++) {
    const zip_entry *entry = &layout->entries[i];
    uint8_t *content = malloc(entry->size + 1), *expected = malloc(entry->size + 1);
    zip_stat_t stat;
    assert_int_equal(zip_stat_index(read, i, 0, &stat), 0);
    assert_string_equal(stat.name, entry->name);
    assert_int_equal(stat.size, entry->size);
    assert_int_equal(stat.comp_method, ZIP_CM_STORE);
    zip_file_t *file = zip_fopen_index(read, i, 0);
    assert_non_null(file);
    assert_int_equal(zip_fread(file, content, entry->size), entry->size);
    assert_int_equal(zip_fclose(file), 0);
    fill(expected, entry->size, i);
    assert_memory_equal(content, expected, entry->size);
    free(content);
    free(expected);
  }
  zip_discard(read);
}

static void members_lie_where_they_were_asked_to_and_libzip_reads_them(void **state) {
  (void)state;
  static const uint64_t ALIGNMENTS[] = {1, 2, 4, 64, 512, 4096, 32768};
  for (size_t a = 0; a < sizeof ALIGNMENTS / sizeof *ALIGNMENTS; a++) {
    for (uint64_t not_before = 0; not_before < 700; not_before += 69) {
      canon_job *job = support_job();
      canon_sink *sink = support_sink(job);
      zip_layout layout = {0};
      static const char *const NAMES[] = {"a", "folder/with a longer name.npy", "\xC3\xBC.bin", "d", "empty"};
      static const uint64_t SIZES[] = {1, 100, 64, 4095, 0};
      for (int i = 0; i < 5; i++) {
        uint64_t end = layout.end;
        assert_int_equal(zip_layout_add(job, &layout, NAMES[i], SIZES[i], ALIGNMENTS[a], i == 1 ? not_before : 0),
                         CANON_OK);
        const zip_entry *entry = &layout.entries[i];
        uint64_t header = end + 30 + strlen(NAMES[i]), wanted = i == 1 && not_before > header ? not_before : header;
        assert_int_equal(entry->header, end);
        assert_int_equal(entry->data % ALIGNMENTS[a], 0);
        assert_true(entry->data >= wanted && entry->data < wanted + ALIGNMENTS[a] + 4);
        assert_true(entry->data == header || entry->data >= header + 4); /* room for the field that fills the gap */
      }
      write_data(job, &layout, sink);
      assert_int_equal(zip_layout_write(job, &layout, sink), CANON_OK);
      size_t size;
      const uint8_t *bytes = support_bytes(sink, &size);
      expect_libzip_reads(bytes, size, &layout);
      zip_layout_free(job, &layout);
      assert_int_equal(support_leaked(job), 0);
      support_job_free(job);
    }
  }
}

static void every_byte_of_an_archive_is_fixed(void **state) {
  (void)state;
  static const uint8_t EXPECTED[] =
      "PK\3\4\x0A\0\0\0\0\0\0\0\x21\0\xD3\xFF\x6B\x9E\1\0\0\0\1\0\0\0\1\0\x21\0x" /* local header, 1980-01-01 */
      "FB\x1D\0ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ"                                     /* up to 64 */
      "!"
      "PK\1\2\x0A\0\x0A\0\0\0\0\0\0\0\x21\0\xD3\xFF\x6B\x9E\1\0\0\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0x"
      "PK\5\6\0\0\0\0\1\0\1\0\x2F\0\0\0\x41\0\0\0\0";
  canon_job *job = support_job();
  canon_sink *sink = support_sink(job);
  zip_layout layout = {0};
  size_t size;
  assert_int_equal(zip_layout_add(job, &layout, "x", 1, 64, 0), CANON_OK);
  layout.entries[0].crc32 = (uint32_t)crc32(0, (const Bytef *)"!", 1);
  assert_int_equal(job->host->sink_write(job, sink, layout.entries[0].data, "!", 1), CANON_OK);
  assert_int_equal(zip_layout_write(job, &layout, sink), CANON_OK);
  const uint8_t *bytes = support_bytes(sink, &size);
  assert_int_equal(size, sizeof EXPECTED);
  assert_memory_equal(bytes, EXPECTED, size);
  zip_layout_free(job, &layout);
  support_job_free(job);
}

/* A file too large for memory: what was written to it, and zeros. */
typedef struct piece {
  uint64_t offset, size;
  uint8_t bytes[600];
} piece;
static struct {
  piece pieces[16];
  int n;
  uint64_t size;
} disk;

static int32_t disk_write(canon_job *job, canon_sink *sink, uint64_t offset, const void *src, uint64_t bytes) {
  (void)job, (void)sink;
  piece *p = &disk.pieces[disk.n++];
  assert_true(bytes <= sizeof p->bytes && disk.n <= 16);
  p->offset = offset;
  p->size = bytes;
  memcpy(p->bytes, src, bytes);
  return CANON_OK;
}

static int32_t disk_resize(canon_job *job, canon_sink *sink, uint64_t bytes) {
  (void)job, (void)sink;
  disk.size = bytes;
  return CANON_OK;
}

static uint64_t disk_size(canon_job *job, const canon_source *source) {
  (void)job, (void)source;
  return disk.size;
}

static int32_t disk_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes) {
  (void)job, (void)source;
  assert_true(offset <= disk.size && bytes <= disk.size - offset);
  memset(dst, 0, bytes);
  for (int i = 0; i < disk.n; i++)
    for (uint64_t k = 0; k < disk.pieces[i].size; k++)
      if (disk.pieces[i].offset + k - offset < bytes)
        ((uint8_t *)dst)[disk.pieces[i].offset + k - offset] = disk.pieces[i].bytes[k];
  return CANON_OK;
}

static void sizes_and_places_beyond_4_gib_are_written_in_64_bits(void **state) {
  (void)state;
  static const uint64_t SIZES[] = {0xFFFFFFFE, 0xFFFFFFFF, 5, 0x200000000};
  canon_job *real = support_job();
  canon_host host = *real->host;
  host.sink_write = disk_write;
  host.sink_size = disk_resize;
  host.source_size = disk_size;
  host.source_read = disk_read;
  canon_job *job = real;
  const canon_host *kept = job->host;
  job->host = &host;
  disk.n = 0;
  zip_layout layout = {0};
  static const char *const NAMES[] = {"n0", "n1", "n2", "n3"};
  for (int i = 0; i < 4; i++) {
    assert_int_equal(zip_layout_add(job, &layout, NAMES[i], SIZES[i], 64, 0), CANON_OK);
    layout.entries[i].crc32 = 0x1000u + (uint32_t)i;
  }
  assert_int_equal(zip_layout_write(job, &layout, NULL), CANON_OK);
  zip_index zip = {0};
  int32_t code = zip_index_open(job, NULL, &zip);
  job->host = kept;
  if (code) fail_msg("%s", support_error(job));
  assert_int_equal(zip.n_members, 4);
  for (int i = 0; i < 4; i++) {
    assert_int_equal(zip.members[i].size, SIZES[i]);
    assert_int_equal(zip.members[i].header, layout.entries[i].header);
    assert_int_equal(zip.members[i].data, layout.entries[i].data);
    assert_int_equal(zip.members[i].data % 64, 0);
    assert_int_equal(zip.members[i].crc32, 0x1000 + i);
  }
  zip_index_close(job, &zip);
  zip_layout_free(job, &layout);
  support_job_free(real);
}

static void more_members_than_16_bits_count_are_written_in_64(void **state) {
  (void)state;
  enum { MEMBERS = 65536 };
  static char names[MEMBERS][8];
  for (int n = MEMBERS - 2; n <= MEMBERS; n++) {
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    zip_layout layout = {0};
    for (int i = 0; i < n; i++) {
      snprintf(names[i], sizeof names[i], "m%d", i);
      assert_int_equal(zip_layout_add(job, &layout, names[i], 0, 1, 0), CANON_OK);
    }
    assert_int_equal(zip_layout_write(job, &layout, sink), CANON_OK);
    size_t size;
    const uint8_t *bytes = support_bytes(sink, &size);
    zip_index zip = {0};
    if (zip_index_open(job, support_source(job, bytes, size), &zip)) fail_msg("%s", support_error(job));
    assert_int_equal(zip.n_members, n);
    assert_non_null(zip_index_find(&zip, names[n - 1], strlen(names[n - 1])));
    zip_index_close(job, &zip);
    zip_error_t error;
    zip_error_init(&error);
    zip_t *read = zip_open_from_source(zip_source_buffer_create(bytes, size, 0, &error), ZIP_RDONLY, &error);
    assert_non_null(read);
    assert_int_equal(zip_get_num_entries(read, 0), n);
    zip_discard(read);
    zip_layout_free(job, &layout);
    support_job_free(job);
  }
}

static void what_no_archive_holds_is_refused(void **state) {
  (void)state;
  canon_job *job = support_job();
  zip_layout layout = {0};
  assert_int_equal(zip_layout_add(job, &layout, "x", UINT64_MAX - 10, 64, 0), CANON_E_LIMIT);
  assert_int_equal(layout.n_entries, 0);
  zip_layout_free(job, &layout);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_lie_where_they_were_asked_to_and_libzip_reads_them),
      cmocka_unit_test(every_byte_of_an_archive_is_fixed),
      cmocka_unit_test(sizes_and_places_beyond_4_gib_are_written_in_64_bits),
      cmocka_unit_test(more_members_than_16_bits_count_are_written_in_64),
      cmocka_unit_test(what_no_archive_holds_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
