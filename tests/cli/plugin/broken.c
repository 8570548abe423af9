/* SPDX-License-Identifier: MIT
 * broken.c: a plugin of another ABI. canon plugins must say so; nothing else may stumble over it. */
#include <canon/plugin.h>

static const canon_plugin plugin = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR + 1,
    .id = "org.example.broken",
    .version = "9",
    .license = "MIT",
    .summary = "From another time",
};

CANON_PLUGIN_ENTRY(&plugin)
