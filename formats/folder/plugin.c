/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the folder plugin. Any folder is one, so it bids no more than is needed: a format that knows
 * a certain kind of folder bids what it has seen in it, and wins. */
#include "formats/folder/folder.h"

enum { LEAST_BITS = 16 };

static int32_t folder_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  *bits = job->host->member_count(job, source) == CANON_NONE ? 0 : LEAST_BITS;
  return CANON_OK;
}

static const canon_option OPTIONS[] = {
    {"suffix", "SUFFIX", "folder: what has no file's suffix in its name is written as NAME.SUFFIX", CANON_OPTION_TEXT,
     CANON_OPTION_WRITE},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_FOLDER | CANON_FORMAT_CRC32,
    .name = "folder",
    .suffixes = "",
    .summary = "a folder of files, each in a format of its own or as its bytes",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = folder_probe,
    .open = folder_open,
    .manifest = folder_manifest,
    .read = folder_read,
    .close = folder_close,
    .can_write = folder_can_write,
    .begin = folder_begin,
    .place = folder_place,
    .end = folder_end,
    .release = folder_release,
};

CANON_PLUGIN("canon.folder", "1.0.0", "MIT", "reads and writes folders of files", {CANON_FORMAT_FACET, &FORMAT})
