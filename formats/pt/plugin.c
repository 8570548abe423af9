/* SPDX-License-Identifier: MIT
 * plugin.c: the pt format: PyTorch files in the zip container that torch.save writes since 1.6. */
#include "formats/pt/pt.h"

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_CRC32,
    .name = "pt",
    .suffixes = "pt pth bin ckpt",
    .summary = "PyTorch files (torch.save, zip container)",
    .probe = pt_probe,
    .open = pt_open,
    .manifest = pt_manifest,
    .read = pt_read,
    .close = pt_close,
    .can_write = pt_can_write,
    .begin = pt_begin,
    .place = pt_place,
    .end = pt_end,
    .release = pt_release,
};

static const canon_facet FACETS[] = {{CANON_FORMAT_FACET, &FORMAT}};

static const canon_plugin PLUGIN = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .id = "canon.pt",
    .version = "0.1.0",
    .license = "MIT",
    .summary = "Reads and writes PyTorch files without Python",
    .facets = FACETS,
    .n_facets = 1,
    .facet_size = sizeof(canon_facet),
};

CANON_PLUGIN_ENTRY(&PLUGIN)
