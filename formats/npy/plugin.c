/* SPDX-License-Identifier: MIT
 * plugin.c: the table of the npy plugin, and how it tells its files from others.
 * It reads NumPy's .npy 1.0, 2.0 and 3.0, and writes 1.0 as numpy.save does. */
#include <string.h>

#include "formats/npy/npy.h"

static int32_t npy_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  uint8_t head[NPY_MAGIC_BYTES + 2];
  *bits = 0;
  if (job->host->source_size(job, source) < sizeof head) return CANON_OK;
  int32_t code = job->host->source_read(job, source, 0, head, sizeof head);
  if (code) return code;
  if (memcmp(head, NPY_MAGIC, NPY_MAGIC_BYTES) != 0) return CANON_OK;
  *bits = 8 * NPY_MAGIC_BYTES;
  if (head[6] >= 1 && head[6] <= 3 && head[7] == 0) *bits += 16;
  return CANON_OK;
}

static const canon_option OPTIONS[] = {
    {"ml-dtype", "DTYPE", "npy: " NPY_ML_DTYPE_HELP, CANON_OPTION_TEXT, 0},
};

static const canon_format FORMAT = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM | CANON_FORMAT_SINGLE,
    .name = "npy",
    .suffixes = "npy",
    .summary = "one array of NumPy",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof OPTIONS[0],
    .option_size = sizeof(canon_option),
    .probe = npy_probe,
    .open = npy_open,
    .manifest = npy_manifest,
    .read = npy_read,
    .close = npy_close,
    .can_write = npy_can_write,
    .begin = npy_begin,
    .place = npy_place,
    .end = npy_end,
    .release = npy_release,
};

static const canon_facet FACETS[] = {{CANON_FORMAT_FACET, &FORMAT}};

static const canon_plugin PLUGIN = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .id = "canon.npy",
    .version = "1.0.0",
    .license = "MIT",
    .summary = "reads and writes NumPy's .npy",
    .facets = FACETS,
    .n_facets = sizeof FACETS / sizeof FACETS[0],
    .facet_size = sizeof(canon_facet),
};

CANON_PLUGIN_ENTRY(&PLUGIN)
