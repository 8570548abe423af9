/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the colbert plugin. */
#include "formats/colbert/colbert.h"

static const canon_option OPTIONS[] = {
    {"buckets", NULL, "colbert: read residuals as numbers of buckets, one a dimension", CANON_OPTION_FLAG,
     CANON_OPTION_READ},
    {"coalesce", NULL, "colbert: write all chunks as one", CANON_OPTION_FLAG, CANON_OPTION_WRITE},
    {"drop-run", NULL, "colbert: leave out what config tells of the run (root, name, rank, ...)", CANON_OPTION_FLAG, 0},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_FOLDER | CANON_FORMAT_CRC32,
    .name = "colbert",
    .summary = "ColBERT indexes (folders)",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = colbert_probe,
    .open = colbert_open,
    .manifest = colbert_manifest,
    .read = colbert_read,
    .close = colbert_close,
    .can_write = colbert_can_write,
    .begin = colbert_begin,
    .place = colbert_place,
    .write = colbert_write,
    .end = colbert_end,
    .release = colbert_release,
};

CANON_PLUGIN("canon.colbert", "1.0.0", "MIT", "Reads and writes ColBERT indexes", {CANON_FORMAT_FACET, &FORMAT})
