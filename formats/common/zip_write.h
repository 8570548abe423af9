/* SPDX-License-Identifier: MIT
 * zip_write.h: lays out a zip archive of stored members before any byte is known, so that data can be written from all
 * threads at once, and writes the headers around them when all CRC-32 are. One layout, one set of bytes: no clock, no
 * host, no umask in it. Used by pt. */
#ifndef CANON_FORMATS_ZIP_WRITE_H
#define CANON_FORMATS_ZIP_WRITE_H

#include <canon/plugin.h>

typedef struct zip_entry {
  const char *name; /* terminated */
  uint64_t size;
  uint64_t header; /* byte of the sink at which the local header starts */
  uint64_t data;   /* and the data */
  uint32_t crc32;  /* set by whoever wrote the data, before zip_layout_write */
  uint32_t reserved;
} zip_entry;

typedef struct zip_layout {
  zip_entry *entries;
  uint64_t n_entries, capacity;
  uint64_t end; /* of the last member's data */
} zip_layout;

/* Adds a member behind the last one. Its data starts at the first multiple of alignment (a power of two, or 1: right
 * behind the header) that is not_before or later; an extra field fills the gap. name is borrowed until the end. */
int32_t zip_layout_add(canon_job *job, zip_layout *layout, const char *name, uint64_t size, uint64_t alignment,
                       uint64_t not_before);
/* Writes everything but the data, and sets the sink's size. */
int32_t zip_layout_write(canon_job *job, const zip_layout *layout, canon_sink *sink);
void zip_layout_free(canon_job *job, zip_layout *layout);

#endif
