/* SPDX-License-Identifier: MIT
 * zip_end.h: the end of a zip archive: which end record counts, and where the directory lies. Used by zip.c. */
#ifndef CANON_FORMATS_ZIP_END_H
#define CANON_FORMATS_ZIP_END_H

#include <canon/plugin.h>

typedef struct zip_end {
  uint64_t record;   /* byte of the end record */
  uint64_t boundary; /* byte at which the directory must end: the ZIP64 record, or else the end record */
  uint64_t entries;
  uint64_t directory;
  uint64_t directory_size;
  uint64_t trailing; /* bytes after the end record and its comment */
} zip_end;

int32_t zip_end_find(canon_job *job, const canon_source *source, zip_end *end);

#endif
