/* SPDX-License-Identifier: MIT
 * old.c: a plugin of the past: compiled against the headers that were kept in snapshot/, with tables that end where the
 * first of their kind might have: a format that only reads, a transform that only maps. */
#include "tests/conform/broken/map.h"
#include "tests/conform/broken/one.h"

#include <stddef.h>

static const canon_option options[] = {{"of-old", NULL, "an option of old", CANON_OPTION_FLAG, 0}};
static const canon_variant variants[] = {{"bits", "0 to 1 and 1 to 0", CANON_EXACT, 0}};

static const canon_format format = {
    .struct_size = offsetof(canon_format, can_write),
    .flags = CANON_FORMAT_RANDOM,
    .name = "one",
    .suffixes = "one",
    .summary = "bytes behind a header",
    .options = options,
    .n_options = 1,
    .option_size = offsetof(canon_option, flags),
    .probe = one_probe,
    .open = one_open,
    .manifest = one_manifest,
    .read = one_read,
    .close = canon_free,
    /* behind its end, where this host must not look: */
    .can_write = one_can_write,
    .begin = one_begin,
};

static const canon_transform transform = {
    .struct_size = offsetof(canon_transform, begin),
    .name = "flip",
    .argument = "WHAT",
    .summary = "flip each bit",
    .variants = variants,
    .n_variants = 1,
    .variant_size = sizeof(canon_variant),
    .open = map_open,
    .plan = map_plan,
    .map = map_map,
    .close = canon_free,
};

CANON_PLUGIN("org.example.old", "0.1.0", "MIT", "of the past", {CANON_FORMAT_FACET, &format},
             {CANON_TRANSFORM_FACET, &transform})
