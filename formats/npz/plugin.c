/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the npz plugin. It reads what numpy.savez and savez_compressed write, and writes as savez
 * does: stored, but sorted, all of one date, and without extra fields. */
#include "formats/npz/npz.h"

#include "formats/common/flat.h"

static const canon_option OPTIONS[] = {
    {"flatten", "[SEPARATOR]", "npz: " FLAT_OPTION_HELP, CANON_OPTION_TEXT, CANON_OPTION_WRITE},
    {"ml-dtype", "DTYPE", "npz: " NPY_ML_DTYPE_HELP, CANON_OPTION_TEXT, 0},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_CRC32,
    .name = "npz",
    .suffixes = "npz",
    .summary = "named arrays of NumPy, in a zip archive",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = npz_probe,
    .open = npz_open,
    .manifest = npz_manifest,
    .read = npz_read,
    .close = npz_close,
    .can_write = npz_can_write,
    .begin = npz_begin,
    .place = npz_place,
    .end = npz_end,
    .release = npz_release,
};

CANON_PLUGIN("canon.npz", "1.0.0", "MIT", "reads and writes NumPy's .npz", {CANON_FORMAT_FACET, &FORMAT})
