/* SPDX-License-Identifier: MIT
 * foreign.c: see foreign.h. Not formats: things that stand where a model should, and how they came there. */
#include "core/host/foreign.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
  const char *magic;
  uint32_t size;
  const char *name;
} foreign[] = {
    {"version https://git-lfs", 23, "a git-lfs pointer, not the file itself; fetch it with git lfs pull"},
    {"\x1f\x8b", 2, "gzip-compressed; gunzip it first"},
    {"BZh", 3, "bzip2-compressed; bunzip2 it first"},
    {"\xfd"
     "7zXZ",
     5, "xz-compressed; unxz it first"},
    {"\x28\xb5\x2f\xfd", 4, "zstd-compressed; unzstd it first"},
    {"\x89HDF\r\n\x1a\n", 8, "an HDF5 file, which no format here reads"},
    {"GGUF", 4, "a GGUF file, which no format here reads"},
    {"7z\xbc\xaf", 4, "a 7z archive, which no format here reads"},
    {"%PDF", 4, "a PDF document, not tensors"},
    {"\x7f"
     "ELF",
     4, "a program or shared object, not tensors"},
    {"{\"error\"", 8, "a JSON error message, not the file itself; the download failed"},
};

static int is_html(const uint8_t *head, uint64_t size) {
  static const char *const starts[] = {"<!doctype html", "<html", "<head", "<?xml"};
  uint64_t at = 0;
  while (at < size && strchr(" \t\r\n", head[at]) && head[at]) at++;
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    size_t n = strlen(starts[i]);
    if (size - at >= n && strncasecmp((const char *)head + at, starts[i], n) == 0) return 1;
  }
  return 0;
}

const char *foreign_name(const uint8_t *head, uint64_t size) {
  if (size == 0) return "the file is empty; get it again";
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
    if (size >= foreign[i].size && memcmp(head, foreign[i].magic, foreign[i].size) == 0) return foreign[i].name;
  if (is_html(head, size)) return "an HTML page, not the file itself; the download led to a web page";
  uint64_t zeros = 0;
  while (zeros < size && head[zeros] == 0) zeros++;
  return zeros == size && size >= 64 ? "it begins with nothing but zeros, as an interrupted copy leaves; get it again"
                                     : NULL;
}
