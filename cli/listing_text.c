/* SPDX-License-Identifier: MIT
 * listing_text.c: a listing as tables for people. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/listing.h"
#include "cli/report.h"
#include "cli/words.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { NOTE_SIZE = 4096, HEX_SIZE = 65, SHORT_DIGEST = 8, VALUE_WIDTH = 60 };

static const char *path_for_people(const char *path) { return *path ? path : "(root)"; }

static const char *hex(char text[HEX_SIZE], const uint8_t *bytes, size_t n) {
  for (size_t i = 0; i < n; i++) sprintf(text + 2 * i, "%02x", bytes[i]);
  return text;
}

/* "[128, 96]" */
static const char *numbers(char text[NOTE_SIZE], const void *array, uint32_t n, int is_signed) {
  size_t at = (size_t)sprintf(text, "[");
  for (uint32_t i = 0; i < n; i++) {
    const char *comma = i ? ", " : "";
    if (is_signed) at += (size_t)sprintf(text + at, "%s%" PRId64, comma, ((const int64_t *)array)[i]);
    else at += (size_t)sprintf(text + at, "%s%" PRIu64, comma, ((const uint64_t *)array)[i]);
  }
  strcpy(text + at, "]");
  return text;
}

REPORT_PRINTF(2, 3) static void note(char text[NOTE_SIZE], const char *format, ...) {
  size_t at = strlen(text);
  if (at + 3 > NOTE_SIZE) return;
  if (at) at += (size_t)sprintf(text + at, ", ");
  va_list args;
  va_start(args, format);
  vsnprintf(text + at, NOTE_SIZE - at, format, args);
  va_end(args);
}

static const char *notes(char text[NOTE_SIZE], const struct listing_row *row) {
  const canon_node *node = row->node;
  char detail[NOTE_SIZE], size[WORDS_SIZE];
  text[0] = 0;
  if (row->first) note(text, "shares %s", path_for_people(row->first->path));
  else if (node->storage != CANON_NONE && node->storage_bytes > row->bytes)
    note(text, "part of %s", words_size(size, node->storage_bytes));
  if (listing_expanded(node)) note(text, "expanded");
  if (listing_strided(node)) note(text, "stride %s", numbers(detail, node->stride, node->rank, 1));
  for (size_t i = 0; i < listing_flag_count; i++)
    if (node->flags & listing_flags[i].flag) note(text, "%s", listing_flags[i].name);
  if (row->key_kind) note(text, "key %s", row->key_kind);
  return text;
}

/* "224 bytes", "394559 bytes (385.3 KiB)" */
static const char *exact_size(char text[NOTE_SIZE], uint64_t bytes) {
  char size[WORDS_SIZE];
  int at = sprintf(text, "%" PRIu64 " bytes", bytes);
  if (bytes >= 1024) sprintf(text + at, " (%s)", words_size(size, bytes));
  return text;
}

static void print_summary(const canon_artifact *artifact, const struct listing *listing) {
  static const char *const headings[] = {"", ""};
  const canon_manifest *manifest = listing->manifest;
  report_table *table = report_table_new(headings, COUNT(headings));
  char size[NOTE_SIZE];
  report_table_cell(table, "  format"), report_table_cell(table, "%s", canon_artifact_format(artifact));
  if (manifest->producer) report_table_cell(table, "  producer"), report_table_cell(table, "%s", manifest->producer);
  for (uint64_t i = 0; i < manifest->n_details; i++) {
    const canon_detail *detail =
        (const canon_detail *)(const void *)((const char *)manifest->details + i * manifest->detail_size);
    report_table_cell(table, "  %s", detail->name);
    if (detail->text) report_table_cell(table, "%s", detail->text);
    else report_table_cell(table, "%" PRId64, detail->number);
  }
  report_table_cell(table, "  size"), report_table_cell(table, "%s", exact_size(size, canon_artifact_size(artifact)));
  report_table_cell(table, "  tensors");
  if (listing->n_tensors)
    report_table_cell(table, "%" PRIu64 ", %s", listing->n_tensors, exact_size(size, listing->bytes));
  else report_table_cell(table, "0");
  if (listing->n_values) report_table_cell(table, "  values"), report_table_cell(table, "%" PRIu64, listing->n_values);
  report_table_print(table);
  report_table_free(table);
}

static void print_tensors(const struct listing *listing) {
  static const char *const headings[] = {"PATH",  "DTYPE",   "SHAPE",       ">BYTES",
                                         ">SIZE", ">OFFSET", "SHA256[:16]", "NOTES"};
  if (!listing->n_tensors) return;
  report_table *table = report_table_new(headings, COUNT(headings));
  for (uint64_t i = 0; i < listing->n_tensors; i++) {
    const struct listing_row *row = &listing->tensors[i];
    char text[NOTE_SIZE], size[WORDS_SIZE], digest[HEX_SIZE] = "";
    report_table_cell(table, "%s", path_for_people(row->path));
    report_table_cell(table, "%s", canon_dtype_name(row->node->dtype));
    report_table_cell(table, "%s", numbers(text, row->node->shape, row->node->rank, 0));
    report_table_cell(table, "%" PRIu64, row->bytes);
    report_table_cell(table, "%s", row->bytes >= 1024 ? words_size(size, row->bytes) : "");
    if (row->node->offset == CANON_NONE) report_table_cell(table, "-");
    else report_table_cell(table, "%" PRIu64, row->node->offset);
    report_table_cell(table, "%s", row->sha256 ? hex(digest, row->sha256, SHORT_DIGEST) : "");
    report_table_cell(table, "%s", notes(text, row));
  }
  report_text("\n");
  report_table_print(table);
  report_table_free(table);
}

static void extreme_cell(report_table *table, const canon_stats *stats, double real, uint64_t whole) {
  if (!stats->known || isnan(real)) report_table_cell(table, "-");
  else if (stats->whole == CANON_KIND_UINT) report_table_cell(table, "%" PRIu64, whole);
  else if (stats->whole) report_table_cell(table, "%" PRId64, (int64_t)whole);
  else report_table_cell(table, "%.7g", real);
}

static void print_stats(const struct listing *listing) {
  static const char *const headings[] = {"PATH", ">MIN", ">MAX", ">MEAN", ">NORM", ">ZEROS", ">NAN", ">INF"};
  if (!listing->n_tensors) return;
  report_table *table = report_table_new(headings, COUNT(headings));
  for (uint64_t i = 0; i < listing->n_tensors; i++) {
    const canon_stats *stats = &listing->tensors[i].stats;
    const double measures[] = {stats->mean, stats->norm};
    const uint64_t counts[] = {stats->zeros, stats->nans, stats->infinities};
    report_table_cell(table, "%s", path_for_people(listing->tensors[i].path));
    extreme_cell(table, stats, stats->min, stats->whole_min);
    extreme_cell(table, stats, stats->max, stats->whole_max);
    for (size_t k = 0; k < COUNT(measures); k++) {
      if (!stats->known || isnan(measures[k])) report_table_cell(table, "-");
      else report_table_cell(table, "%.7g", measures[k]);
    }
    for (size_t k = 0; k < COUNT(counts); k++) {
      if (stats->known) report_table_cell(table, "%" PRIu64, counts[k]);
      else report_table_cell(table, "-");
    }
  }
  report_text("\n");
  report_table_print(table);
  report_table_free(table);
}

/* At most VALUE_WIDTH code points of a value. */
static void cut(char text[NOTE_SIZE], const char *value, size_t size) {
  size_t width = 0, at = 0;
  for (; at < size; at++)
    if (((unsigned char)value[at] & 0xc0) != 0x80 && ++width > VALUE_WIDTH) break;
  snprintf(text, NOTE_SIZE, "%.*s%s", (int)at, value, at < size ? "..." : "");
}

/* JSON, without the quotes around what is no string; of an opaque node its text, as its type is told beside it. */
static void value_for_people(char text[NOTE_SIZE], const struct listing_row *row) {
  size_t size = strlen(row->value);
  int quoted = size >= 2 && row->value[0] == '"' && row->node->kind != CANON_NODE_STR;
  if (row->node->kind == CANON_NODE_OPAQUE) cut(text, row->node->data ? row->node->data : "", row->node->data_size);
  else cut(text, row->value + quoted, size - 2 * (size_t)quoted);
}

static void print_values(const struct listing *listing) {
  static const char *const headings[] = {"PATH", "KIND", "VALUE", "NOTES"};
  if (!listing->n_values) return;
  report_table *table = report_table_new(headings, COUNT(headings));
  for (uint64_t i = 0; i < listing->n_values; i++) {
    const struct listing_row *row = &listing->values[i];
    char text[NOTE_SIZE] = "", value[NOTE_SIZE];
    value_for_people(value, row);
    if (row->node->type) note(text, "%s", row->node->type);
    if (row->node->flags & CANON_NODE_VOLATILE) note(text, "volatile");
    if (row->key_kind) note(text, "key %s", row->key_kind);
    report_table_cell(table, "%s", path_for_people(row->path));
    report_table_cell(table, "%s", canon_kind_name(row->node->kind));
    report_table_cell(table, "%s", value);
    report_table_cell(table, "%s", text);
  }
  report_text("\n");
  report_table_print(table);
  report_table_free(table);
}

void listing_print(const struct listing *listing, const canon_artifact *artifact, int digest, int stats) {
  report_heading(canon_artifact_name(artifact));
  print_summary(artifact, listing);
  print_tensors(listing);
  if (stats) print_stats(listing);
  print_values(listing);
  if (!digest) return;
  char tensors[HEX_SIZE], tree[HEX_SIZE];
  report_text("\ncanon1-tensors %s\n", hex(tensors, listing->digest.tensors, sizeof listing->digest.tensors));
  report_text("canon1-tree    %s\n", hex(tree, listing->digest.tree, sizeof listing->digest.tree));
}
