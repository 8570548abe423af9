/* SPDX-License-Identifier: MIT
 * test_zip_index.c: sound archives of all kinds are read as libzip reads them; each lie that a header can tell is
 * refused with its name and its byte. */
#include "formats/common/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "tests/formats/common/craft.h"
#include "tests/support/support.h"

static craft archive; /* 64 KiB: too large for some stacks */

/* What opening the archive and reading all of it gives. */
static int32_t read_all(canon_job *job, const void *bytes, size_t size, uint64_t *n_members) {
  zip_index zip = {0};
  int32_t code = zip_index_open(job, support_source(job, bytes, size), &zip);
  *n_members = code ? 0 : zip.n_members;
  for (uint64_t i = 0; i < zip.n_members && !code; i++) {
    uint8_t *content = malloc(zip.members[i].size + 1);
    assert_non_null(content);
    code = zip_member_load(job, &zip, &zip.members[i], content);
    free(content);
  }
  zip_index_close(job, &zip);
  assert_int_equal(support_leaked(job), 0);
  return code;
}

static void expect_refused(const void *bytes, size_t size, int32_t code, const char *text) {
  canon_job *job = support_job();
  uint64_t n;
  int32_t got = read_all(job, bytes, size, &n);
  if (got != code || !strstr(support_error(job), text))
    fail_msg("%d '%s', expected %d '%s'", got, support_error(job), code, text);
  support_job_free(job);
}

static void expect_read(const void *bytes, size_t size, uint64_t n_members) {
  canon_job *job = support_job();
  uint64_t n;
  if (read_all(job, bytes, size, &n)) fail_msg("%s", support_error(job));
  assert_int_equal(n, n_members);
  support_job_free(job);
}

/* Two members: a at 0, b at 36, directory at 70 (a) and 117 (b), end at 164. */
enum { LOCAL_A = 0, DATA_A = 31, LOCAL_B = 36, CENTRAL_A = 70, CENTRAL_B = 117, END = 164, SIZE = 186 };

static void craft_two(void) {
  craft_member members[] = {craft_stored("a", "hello", 5), craft_stored("b", "abc", 3)};
  craft_archive(&archive, members, 2);
  assert_int_equal(archive.size, SIZE);
}

static void every_lie_in_a_header_is_refused_by_name(void **state) {
  (void)state;
  static const struct {
    uint32_t at;
    uint8_t bytes[4];
    uint8_t n;
    int32_t code;
    const char *text;
  } LIES[] = {
      {LOCAL_A, {0}, 1, CANON_E_MALFORMED, "record a: no local header where the directory says (byte 0)"},
      {LOCAL_B, {0}, 1, CANON_E_MALFORMED, "record b: no local header"},
      {LOCAL_A + 6, {2}, 1, CANON_E_MALFORMED, "record a: flags 0x0002, in the directory 0x0000 (byte 0)"},
      {LOCAL_A + 8, {8}, 1, CANON_E_MALFORMED, "record a: method 8, in the directory 0 (byte 0)"},
      {LOCAL_A + 14, {1}, 1, CANON_E_MALFORMED, "record a: CRC-32 "},
      {LOCAL_A + 18, {4}, 1, CANON_E_MALFORMED, "record a: not the sizes of the directory, 5 bytes"},
      {LOCAL_A + 22, {4}, 1, CANON_E_MALFORMED, "record a: not the sizes of the directory, 5 bytes"},
      {LOCAL_A + 26, {2}, 1, CANON_E_MALFORMED, "reach over byte 36"},
      {LOCAL_A + 28, {1}, 1, CANON_E_MALFORMED, "record a: 32 bytes of header and 5 of data reach over byte 36"},
      {LOCAL_A + 30, {'x'}, 1, CANON_E_MALFORMED, "record a calls itself 'x' (byte 0)"},
      {DATA_A, {'j'}, 1, CANON_E_MALFORMED, "record a: CRC-32 is "},
      {CENTRAL_A, {0}, 1, CANON_E_MALFORMED, "the directory holds something that is no record (byte 70)"},
      {CENTRAL_A + 8, {1}, 1, CANON_E_UNSUPPORTED, "record a is encrypted (byte 70); decrypt"},
      {CENTRAL_A + 8, {0x40}, 1, CANON_E_UNSUPPORTED, "record a is encrypted"},
      {CENTRAL_A + 8, {0, 0x20}, 2, CANON_E_UNSUPPORTED, "record a is encrypted"},
      {CENTRAL_A + 8,
       {0x20},
       1,
       CANON_E_UNSUPPORTED,
       "record a: flags 0x0020, of which 0x0020 mean nothing here (patched"},
      {CENTRAL_A + 8, {0, 0x80}, 2, CANON_E_UNSUPPORTED, "flags 0x8000"},
      {CENTRAL_A + 8, {8}, 1, CANON_E_MALFORMED, "record a: flags 0x0000, in the directory 0x0008"},
      {CENTRAL_A + 10, {12}, 1, CANON_E_UNSUPPORTED, "record a: compression method 12 (byte 70); re-zip"},
      {CENTRAL_A + 10, {99}, 1, CANON_E_UNSUPPORTED, "record a: compression method 99"},
      {CENTRAL_A + 16, {0}, 1, CANON_E_MALFORMED, "record a: CRC-32 "},
      {CENTRAL_A + 20, {6}, 1, CANON_E_MALFORMED, "record a is stored, 5 bytes from 6 (byte 70)"},
      {CENTRAL_A + 24, {6}, 1, CANON_E_MALFORMED, "record a is stored, 6 bytes from 5 (byte 70)"},
      {CENTRAL_A + 28, {0}, 1, CANON_E_MALFORMED, "a record has no name (byte 70)"},
      {CENTRAL_A + 28, {0xFF, 0xFF}, 2, CANON_E_MALFORMED, "a directory record of 65581 bytes, 94 are left (byte 70)"},
      {CENTRAL_A + 30, {1}, 1, CANON_E_MALFORMED, "an extra field is cut short"},
      {CENTRAL_A + 32, {1}, 1, CANON_E_MALFORMED, "something that is no record (byte 118)"},
      {CENTRAL_A + 34, {1}, 1, CANON_E_UNSUPPORTED, "record a lies on another disk"},
      {CENTRAL_A + 42, {1}, 1, CANON_E_MALFORMED, "1 bytes lie before the first record"},
      {CENTRAL_B + 42, {0}, 1, CANON_E_MALFORMED, "records a and b share one local header (byte 0)"},
      {CENTRAL_B + 42, {35}, 1, CANON_E_MALFORMED, "record a: 31 bytes of header and 5 of data reach over byte 35"},
      {CENTRAL_B + 42, {60}, 1, CANON_E_MALFORMED, "record b: 10 bytes until byte 70, too few for its header"},
      {CENTRAL_B + 42, {71}, 1, CANON_E_MALFORMED, "record b starts behind the directory (byte 71)"},
      {CENTRAL_B + 42, {0xFF, 0xFF, 0xFF, 0xFF}, 4, CANON_E_MALFORMED, "record b starts behind the directory"},
      {CENTRAL_A + 46, {0}, 1, CANON_E_MALFORMED, "its name holds a NUL (byte 70)"},
      {CENTRAL_B + 46, {'a'}, 1, CANON_E_MALFORMED, "two records are called a, the other at byte 0"},
      {END, {0}, 1, CANON_E_MALFORMED, "the end of the zip archive is missing (byte 186)"},
      {END + 4, {1}, 1, CANON_E_MALFORMED, "split over several disks (byte 164)"},
      {END + 6, {1}, 1, CANON_E_MALFORMED, "split over several disks (byte 164)"},
      {END + 8, {1}, 1, CANON_E_MALFORMED, "split over several disks (byte 164)"},
      {END + 8, {1, 0, 1, 0}, 4, CANON_E_MALFORMED, "the directory's 1 records take 47 bytes, the end record says 94"},
      {END + 8, {3, 0, 3, 0}, 4, CANON_E_MALFORMED, "3 records cannot lie in a directory of 94 bytes (byte 164)"},
      {END + 12, {93}, 1, CANON_E_MALFORMED, "the directory, 93 bytes at byte 70, does not end at byte 164"},
      {END + 12, {95}, 1, CANON_E_MALFORMED, "the directory, 95 bytes at byte 70, does not end at byte 164"},
      {END + 16, {71}, 1, CANON_E_MALFORMED, "the directory, 94 bytes at byte 71, does not end at byte 164"},
      {END + 16, {0xFF, 0xFF, 0xFF, 0xFF}, 4, CANON_E_MALFORMED, "the directory, 94 bytes at byte 4294967295"},
      {END + 20,
       {1},
       1,
       CANON_E_MALFORMED,
       "the archive's comment has 1 bytes, 0 are there (byte 164); the file is cut"},
  };
  for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++) {
    craft_two();
    memcpy(archive.bytes + LIES[i].at, LIES[i].bytes, LIES[i].n);
    expect_refused(archive.bytes, archive.size, LIES[i].code, LIES[i].text);
  }
  craft_two();
  expect_read(archive.bytes, archive.size, 2);
}

static void an_archive_cut_anywhere_is_refused(void **state) {
  (void)state;
  craft_two();
  for (size_t size = 0; size < SIZE; size++) expect_refused(archive.bytes, size, CANON_E_MALFORMED, "");
}

static void bytes_before_the_archive_are_refused_and_bytes_behind_it_counted(void **state) {
  (void)state;
  canon_job *job = support_job();
  zip_index zip = {0};
  craft_two();
  memmove(archive.bytes + 3, archive.bytes, SIZE);
  expect_refused(archive.bytes, SIZE + 3, CANON_E_MALFORMED, "3 bytes lie before the archive (byte 0); remove them");
  craft_two();
  memset(archive.bytes + SIZE, 'x', 40);
  assert_int_equal(zip_index_open(job, support_source(job, archive.bytes, SIZE + 40), &zip), CANON_OK);
  assert_int_equal(zip.trailing, 40);
  zip_index_close(job, &zip);
  support_job_free(job);
}

static void two_end_records_are_not_chosen_between(void **state) {
  (void)state;
  craft_member member = craft_stored("a", "hello", 5);
  static char comment[512];
  /* a second, complete end of a shorter directory inside the comment of the first */
  craft_archive(&archive, &member, 1);
  size_t end = archive.size - 22;
  memcpy(comment, archive.bytes + end, 22);
  archive.bytes[end + 20] = 22;
  craft_bytes(&archive, comment, 22);
  expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "two end records, the other at byte");
  /* two archives, one behind the other */
  craft_two();
  memcpy(archive.bytes + SIZE, archive.bytes, SIZE);
  expect_refused(archive.bytes, 2 * SIZE, CANON_E_MALFORMED, "two end records");
}

static void a_comment_and_an_archive_within_an_archive_are_fine(void **state) {
  (void)state;
  static uint8_t inner[SIZE];
  craft_two();
  memcpy(inner, archive.bytes, SIZE);
  craft_member members[] = {craft_stored("first", "x", 1), craft_stored("inner.zip", inner, SIZE)};
  craft_archive(&archive, members, 2);
  expect_read(archive.bytes, archive.size, 2);
  archive.bytes[archive.size - 2] = 7;
  craft_bytes(&archive, "comment", 7);
  expect_read(archive.bytes, archive.size, 2);
}

static void the_four_forms_of_a_descriptor_are_read_and_their_lies_refused(void **state) {
  (void)state;
  for (int form = 0; form < 4; form++) {
    int wide = form & 1, marked = form & 2;
    for (int lie = 0; lie < 5; lie++) {
      craft_member member = craft_stored("s", "stream", 6);
      member.flags = 8;
      archive.size = 0;
      craft_local(&archive, &member);
      if (marked) craft_number(&archive, 0x08074B50, 4);
      craft_number(&archive, member.crc32 + (lie == 1), 4);
      craft_number(&archive, member.packed + (lie == 2), wide ? 8 : 4);
      craft_number(&archive, member.size + (lie == 3), wide ? 8 : 4);
      if (lie == 4) archive.size -= 2;
      size_t directory = archive.size;
      craft_central(&archive, &member);
      craft_end(&archive, 1, directory, "");
      if (lie) expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record s: no data descriptor says");
      else expect_read(archive.bytes, archive.size, 1);
    }
  }
}

static void sizes_in_zip64_fields_must_be_those_of_the_directory(void **state) {
  (void)state;
  static const struct {
    uint32_t size, packed; /* beside the field */
    uint64_t wide[3];
    uint8_t n, flags;
    const char *text; /* NULL: read */
  } FIELDS[] = {
      {0xFFFFFFFF, 0xFFFFFFFF, {5, 5}, 2, 0, NULL},
      {5, 5, {5, 5}, 2, 0, NULL},
      {0xFFFFFFFF, 5, {5, 5}, 2, 0, NULL},
      {0xFFFFFFFF, 0xFFFFFFFF, {0, 0}, 2, 8, NULL}, /* streamed: the descriptor has them */
      {0, 0, {5, 0}, 2, 8, NULL},                   /* torch, for 4 GiB and more */
      {0, 0, {0}, 1, 8, NULL},                      /* torch, for a header that lies beyond 4 GiB */
      {0xFFFFFFFF, 0xFFFFFFFF, {6, 5}, 2, 0, "not the sizes"},
      {0xFFFFFFFF, 0xFFFFFFFF, {5, 6}, 2, 0, "not the sizes"},
      {0xFFFFFFFF, 0xFFFFFFFF, {5}, 1, 0, "not the sizes"},
      {0xFFFFFFFF, 0xFFFFFFFF, {0}, 0, 0, "not the sizes"},
      {5, 5, {7, 5}, 2, 0, "not the sizes"},
      {0, 0, {7, 0}, 2, 8, "not the sizes"},
  };
  for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
    craft extra = {.size = 0};
    craft_number(&extra, 1, 2);
    craft_number(&extra, FIELDS[i].n * 8u, 2);
    for (int k = 0; k < FIELDS[i].n; k++) craft_number(&extra, FIELDS[i].wide[k], 8);
    craft_member member = craft_stored("z", "12345", 5);
    member.extra = extra.bytes;
    member.extra_size = (uint16_t)extra.size;
    member.flags = FIELDS[i].flags;
    archive.size = 0;
    craft_local(&archive, &member);
    uint8_t sizes[8] = {0};
    for (int k = 0; k < 4; k++) {
      sizes[k] = (uint8_t)(FIELDS[i].packed >> 8 * k);
      sizes[4 + k] = (uint8_t)(FIELDS[i].size >> 8 * k);
    }
    memcpy(archive.bytes + 18, sizes, 8);
    if (member.flags)
      craft_number(&archive, member.crc32, 4), craft_number(&archive, 5, 4), craft_number(&archive, 5, 4);
    size_t directory = archive.size;
    craft_central(&archive, &member);
    craft_end(&archive, 1, directory, "");
    if (FIELDS[i].text) expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, FIELDS[i].text);
    else expect_read(archive.bytes, archive.size, 1);
  }
}

/* The archive's end in 64 bits; lies: what is added to which field. */
static void craft_zip64_end(uint32_t n, size_t directory, const int64_t lies[7]) {
  size_t record = archive.size;
  uint64_t size = record - directory;
  craft_number(&archive, 0x06064B50, 4);
  craft_number(&archive, 44 + (uint64_t)lies[0], 8);
  craft_number(&archive, 45, 2);
  craft_number(&archive, 45, 2);
  craft_number(&archive, (uint64_t)lies[1], 8);
  craft_number(&archive, n + (uint64_t)lies[2], 8);
  craft_number(&archive, n + (uint64_t)lies[2], 8);
  craft_number(&archive, size + (uint64_t)lies[3], 8);
  craft_number(&archive, directory + (uint64_t)lies[4], 8);
  craft_number(&archive, 0x07064B50, 4);
  craft_number(&archive, (uint64_t)lies[5], 4);
  craft_number(&archive, record + (uint64_t)lies[6], 8);
  craft_number(&archive, 1, 4);
  craft_number(&archive, 0x06054B50, 4);
  craft_number(&archive, UINT64_MAX, 8);
  craft_number(&archive, UINT64_MAX, 8);
  craft_number(&archive, 0, 2);
}

static void an_end_in_64_bits_is_read_and_its_lies_refused(void **state) {
  (void)state;
  static const char *const TEXTS[] = {"the ZIP64 end record says that it has",
                                      "split over several disks",
                                      "2 records cannot lie in a directory",
                                      "does not end at byte",
                                      "does not end at byte",
                                      "speaks of several disks",
                                      "where no ZIP64 end record lies"};
  for (int lie = -1; lie < 7; lie++) {
    int64_t lies[7] = {0};
    if (lie >= 0) lies[lie] = lie == 6 ? -4 : 1;
    craft_member member = craft_stored("a", "hello", 5);
    archive.size = 0;
    craft_local(&archive, &member);
    size_t directory = archive.size;
    craft_central(&archive, &member);
    craft_zip64_end(1, directory, lies);
    if (lie < 0) expect_read(archive.bytes, archive.size, 1);
    else expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, TEXTS[lie]);
  }
}

static void a_name_that_an_extra_field_contradicts_is_refused(void **state) {
  (void)state;
  for (int lie = 0; lie < 2; lie++) {
    craft extra = {.size = 0};
    craft_number(&extra, 0x7075, 2);
    craft_number(&extra, 6, 2);
    craft_number(&extra, 1, 1);
    craft_number(&extra, crc32(0, (const Bytef *)"n", 1), 4);
    craft_bytes(&extra, lie ? "m" : "n", 1);
    craft_member member = craft_stored("n", "hello", 5);
    member.extra = extra.bytes;
    member.extra_size = (uint16_t)extra.size;
    craft_archive(&archive, &member, 1);
    if (lie) expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record n has a second, different name");
    else expect_read(archive.bytes, archive.size, 1);
  }
}

/* A deflated member of `size` zeros that claims `claimed`; the stream is changed by `damage`. */
static void craft_deflated(size_t size, uint32_t claimed, int cut, const char *behind) {
  static uint8_t packed[4096], content[300000];
  z_stream stream = {.next_in = content, .avail_in = (uInt)size, .next_out = packed, .avail_out = sizeof packed};
  memset(content, 'q', size);
  assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  deflateEnd(&stream);
  size_t n = stream.total_out - (size_t)cut;
  memcpy(packed + n, behind, strlen(behind));
  craft_member member = craft_stored("d", content, size);
  member.data = packed;
  member.method = 8;
  member.packed = (uint32_t)(n + strlen(behind));
  member.size = claimed;
  craft_archive(&archive, &member, 1);
}

static void a_deflated_member_is_as_long_as_it_says_and_no_byte_more(void **state) {
  (void)state;
  static const size_t SIZES[] = {0, 1, 1000, ZIP_PIECE - 1, ZIP_PIECE, ZIP_PIECE + 1, 300000};
  for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
    craft_deflated(SIZES[i], (uint32_t)SIZES[i], 0, "");
    expect_read(archive.bytes, archive.size, 1);
    craft_deflated(SIZES[i], (uint32_t)SIZES[i] + 1, 0, "");
    expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record d: it inflates to fewer bytes");
    if (SIZES[i]) {
      craft_deflated(SIZES[i], (uint32_t)SIZES[i] - 1, 0, "");
      expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record d: it inflates to more bytes");
    }
    craft_deflated(SIZES[i], (uint32_t)SIZES[i], 1, "");
    expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record d: its deflate stream is cut short");
    craft_deflated(SIZES[i], (uint32_t)SIZES[i], 0, "more");
    expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "record d: bytes follow its deflate stream");
  }
  craft_deflated(1000, 100000000, 0, "");
  expect_refused(archive.bytes, archive.size, CANON_E_MALFORMED, "deflated bytes become 100000000");
}

static int32_t compare_piece(canon_job *job, void *context, uint64_t offset, const uint8_t *bytes, uint64_t size) {
  (void)job;
  uint64_t *seen = context;
  assert_int_equal(offset, *seen);
  assert_true(size > 0 && size <= ZIP_PIECE);
  for (uint64_t i = 0; i < size; i++) assert_int_equal(bytes[i], 'q');
  *seen += size;
  return CANON_OK;
}

static void a_member_comes_in_pieces_in_order(void **state) {
  (void)state;
  canon_job *job = support_job();
  zip_index zip = {0};
  uint64_t seen = 0;
  craft_deflated(300000, 300000, 0, "");
  assert_int_equal(zip_index_open(job, support_source(job, archive.bytes, archive.size), &zip), CANON_OK);
  assert_int_equal(zip_member_stream(job, &zip, &zip.members[0], compare_piece, &seen), CANON_OK);
  assert_int_equal(seen, 300000);
  zip_index_close(job, &zip);
  support_job_free(job);
}

/* What libzip makes is read; names are found by exactly their bytes. */
static void archives_of_libzip_are_read_as_libzip_reads_them(void **state) {
  (void)state;
  enum { MEMBERS = 300 };
  static char contents[MEMBERS][700];
  canon_job *job = support_job();
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t *buffer = zip_source_buffer_create(NULL, 0, 0, &error);
  zip_t *made = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
  assert_non_null(made);
  zip_source_keep(buffer);
  for (int i = 0; i < MEMBERS; i++) {
    char name[32];
    size_t size = (size_t)i * 7 % sizeof contents[i];
    for (size_t k = 0; k < size; k++) contents[i][k] = (char)(k % (size_t)(i + 1));
    snprintf(name, sizeof name, "%s/%d%s", i % 3 ? "folder" : "\xC3\xA9", i, i % 5 ? "" : ".npy");
    zip_int64_t at = zip_file_add(made, name, zip_source_buffer(made, contents[i], size, 0), ZIP_FL_ENC_UTF_8);
    assert_true(at >= 0);
    assert_int_equal(zip_set_file_compression(made, (zip_uint64_t)at, i % 2 ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0), 0);
  }
  assert_int_equal(zip_close(made), 0);
  zip_stat_t stat;
  assert_int_equal(zip_source_stat(buffer, &stat), 0);
  uint8_t *bytes = malloc(stat.size);
  assert_non_null(bytes);
  assert_int_equal(zip_source_open(buffer), 0);
  assert_int_equal(zip_source_read(buffer, bytes, stat.size), stat.size);
  zip_source_close(buffer);
  zip_source_free(buffer);

  zip_index zip = {0};
  assert_int_equal(zip_index_open(job, support_source(job, bytes, stat.size), &zip), CANON_OK);
  assert_int_equal(zip.n_members, MEMBERS);
  for (int i = 0; i < MEMBERS; i++) {
    char name[32];
    snprintf(name, sizeof name, "%s/%d%s", i % 3 ? "folder" : "\xC3\xA9", i, i % 5 ? "" : ".npy");
    const zip_member *member = zip_index_find(&zip, name, strlen(name));
    assert_non_null(member);
    assert_null(zip_index_find(&zip, name, strlen(name) + 1)); /* with a NUL behind it */
    uint8_t content[700];
    assert_int_equal(member->size, (size_t)i * 7 % sizeof contents[i]);
    assert_int_equal(zip_member_load(job, &zip, member, content), CANON_OK);
    assert_memory_equal(content, contents[i], member->size);
  }
  assert_null(zip_index_find(&zip, "", 0));
  zip_index_close(job, &zip);
  support_job_free(job);
  free(bytes);
}

static void names_that_lead_elsewhere_are_told(void **state) {
  (void)state;
  static const struct {
    const char *name, *problem;
  } NAMES[] = {{"a/b", NULL},
               {"a..b/..c/d..", NULL},
               {"/etc/passwd", "is an absolute path"},
               {"..", "leads out"},
               {"a/../b", "leads out"},
               {"a/..", "leads out"},
               {"a\\b", "backslash"},
               {"a\nb", "control character"},
               {"\x7F", "control character"},
               {"\xC3\xA9", NULL},
               {"a/", NULL}};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
    const char *problem = zip_name_problem(NAMES[i].name, strlen(NAMES[i].name));
    if (!NAMES[i].problem) assert_null(problem);
    else assert_non_null(strstr(problem, NAMES[i].problem));
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state) {
  (void)state;
  craft_deflated(1000, 1000, 0, "");
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    const canon_source *source = support_source(job, archive.bytes, archive.size);
    zip_index zip = {0};
    uint8_t content[1000];
    support_fail_allocation(n);
    int32_t code = zip_index_open(job, source, &zip);
    if (!code) code = zip_member_load(job, &zip, &zip.members[0], content);
    zip_index_close(job, &zip);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_lie_in_a_header_is_refused_by_name),
      cmocka_unit_test(an_archive_cut_anywhere_is_refused),
      cmocka_unit_test(bytes_before_the_archive_are_refused_and_bytes_behind_it_counted),
      cmocka_unit_test(two_end_records_are_not_chosen_between),
      cmocka_unit_test(a_comment_and_an_archive_within_an_archive_are_fine),
      cmocka_unit_test(the_four_forms_of_a_descriptor_are_read_and_their_lies_refused),
      cmocka_unit_test(sizes_in_zip64_fields_must_be_those_of_the_directory),
      cmocka_unit_test(an_end_in_64_bits_is_read_and_its_lies_refused),
      cmocka_unit_test(a_name_that_an_extra_field_contradicts_is_refused),
      cmocka_unit_test(a_deflated_member_is_as_long_as_it_says_and_no_byte_more),
      cmocka_unit_test(a_member_comes_in_pieces_in_order),
      cmocka_unit_test(archives_of_libzip_are_read_as_libzip_reads_them),
      cmocka_unit_test(names_that_lead_elsewhere_are_told),
      cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
