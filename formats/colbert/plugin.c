/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the colbert plugin. */
#include "formats/colbert/colbert.h"

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_FOLDER,
    .name = "colbert",
    .summary = "ColBERT indexes (folders)",
    .probe = colbert_probe,
    .open = colbert_open,
    .manifest = colbert_manifest,
    .read = colbert_read,
    .close = colbert_close,
};

CANON_PLUGIN("canon.colbert", "1.0.0", "MIT", "Reads ColBERT indexes", {CANON_FORMAT_FACET, &FORMAT})
