/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the safetensors plugin. */
#include "formats/common/flat.h"
#include "formats/safetensors/safetensors.h"

static const canon_option OPTIONS[] = {
    {"flatten", "[SEPARATOR]", "safetensors: " FLAT_OPTION_HELP, CANON_OPTION_TEXT, CANON_OPTION_WRITE},
    {"name", "NAME", "safetensors: what a tensor that is alone is called", CANON_OPTION_TEXT, CANON_OPTION_WRITE},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM,
    .name = "safetensors",
    .suffixes = "safetensors",
    .summary = "named tensors behind a header of JSON",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = safetensors_probe,
    .open = safetensors_open,
    .manifest = safetensors_manifest,
    .read = safetensors_read,
    .close = safetensors_close,
    .can_write = safetensors_can_write,
    .begin = safetensors_begin,
    .place = safetensors_place,
    .end = safetensors_end,
    .release = safetensors_release,
};

CANON_PLUGIN("canon.safetensors", "1.0.0", "MIT", "reads and writes safetensors", {CANON_FORMAT_FACET, &FORMAT})
