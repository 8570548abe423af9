/* SPDX-License-Identifier: MIT
 * one_plugin.h: makes a plugin of one.h and what was defined in front of this. */
#ifndef ONE_SIZE
#define ONE_SIZE sizeof(canon_format)
#endif
#ifndef ONE_FLAGS
#define ONE_FLAGS CANON_FORMAT_RANDOM
#endif
#ifndef ONE_NAME
#define ONE_NAME "one"
#endif
#ifndef ONE_RESERVED
#define ONE_RESERVED 0
#endif
#ifndef ONE_PROBE
#define ONE_PROBE one_probe
#endif
#ifndef ONE_OPEN
#define ONE_OPEN one_open
#endif
#ifndef ONE_MANIFEST
#define ONE_MANIFEST one_manifest
#endif
#ifndef ONE_READ
#define ONE_READ one_read
#endif
#ifndef ONE_CLOSE
#define ONE_CLOSE canon_free
#endif
#ifndef ONE_CAN_WRITE
#define ONE_CAN_WRITE one_can_write
#endif
#ifndef ONE_BEGIN
#define ONE_BEGIN one_begin
#endif
#ifndef ONE_PLACE
#define ONE_PLACE one_place
#endif
#ifndef ONE_END
#define ONE_END NULL
#endif
#ifndef ONE_RELEASE
#define ONE_RELEASE canon_free
#endif

static const canon_format one_format = {
    .struct_size = ONE_SIZE,
    .flags = ONE_FLAGS,
    .name = ONE_NAME,
    .suffixes = "one",
    .summary = "bytes behind a header",
#ifdef ONE_OPTION
    .options = &ONE_OPTION,
    .n_options = 1,
    .option_size = sizeof(canon_option),
#endif
    .reserved = ONE_RESERVED,
    .probe = ONE_PROBE,
    .open = ONE_OPEN,
    .manifest = ONE_MANIFEST,
    .read = ONE_READ,
    .close = ONE_CLOSE,
#ifndef ONE_READS_ONLY
    .can_write = ONE_CAN_WRITE,
    .begin = ONE_BEGIN,
    .place = ONE_PLACE,
    .end = ONE_END,
    .release = ONE_RELEASE,
#endif
};

#ifndef ONE_ENTRY
CANON_PLUGIN("org.example.one", "1.0.0", "MIT", "one tensor of bytes", {CANON_FORMAT_FACET, &one_format})
#endif
