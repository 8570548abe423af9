/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the msgpack plugin. */
#include "formats/msgpack/msgpack.h"

static const canon_option OPTIONS[] = {
    {"dialect", "NAME", "msgpack: whose arrays are written: numpy (msgpack-numpy's, the default) or flax",
     CANON_OPTION_TEXT, CANON_OPTION_WRITE},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM,
    .name = "msgpack",
    .suffixes = "msgpack",
    .summary = "trees of msgpack, with the arrays of msgpack-numpy and flax",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = msgpack_probe,
    .open = msgpack_open,
    .manifest = msgpack_manifest,
    .read = msgpack_read,
    .close = msgpack_close,
    .can_write = msgpack_can_write,
    .begin = msgpack_begin,
    .place = msgpack_place,
    .write = msgpack_write,
    .end = msgpack_end,
    .release = msgpack_release,
};

CANON_PLUGIN("canon.msgpack", "1.0.0", "MIT", "reads and writes msgpack, as msgpack-numpy and flax use it",
             {CANON_FORMAT_FACET, &FORMAT})
