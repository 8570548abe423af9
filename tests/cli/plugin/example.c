/* SPDX-License-Identifier: MIT
 * example.c: a plugin of someone else: a transform and a format with options of their own, which the command line must
 * take and show as if they were built in. */
#include <canon/format.h>
#include <canon/transform.h>
#include <inttypes.h>
#include <string.h>

/* ---- shift: adds a number to every byte ---- */

static const canon_variant variants[] = {
    {"up", "towards 255, then on from 0", CANON_EXACT, 0},
    {"down", "towards 0, then on from 255", CANON_EXACT, 0},
};
static const canon_shorthand shorthands[] = {{"lift", "up"}};
static const canon_option shift_options[] = {
    {"by", "N", "how far (default: 1)", CANON_OPTION_INTEGER, 0},
    {"twice", NULL, "twice as far", CANON_OPTION_FLAG, 0},
};

struct shift {
  uint8_t distance;
};

static int32_t shift_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  int down = strcmp(variant, "down") == 0;
  if (!down && strcmp(variant, "up") != 0)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--shift has no variant '%s'", variant);
  const canon_value *by = job->host->param(job, instance, "by");
  struct shift *shift = canon_alloc(job, sizeof *shift);
  if (!shift) return canon_failed(job);
  int64_t distance = by ? by->integer : 1;
  if (job->host->param(job, instance, "twice")) distance *= 2;
  shift->distance = (uint8_t)(down ? -distance : distance);
  *self = shift;
  return CANON_OK;
}

static int32_t shift_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  (void)self;
  if (in->dtype != CANON_U8)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "it is no u8; --shift takes nothing else");
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

static int32_t shift_map(canon_job *job, void *self, const canon_block *block) {
  (void)job;
  const struct shift *shift = self;
  const uint8_t *in = block->in;
  uint8_t *out = block->out;
  for (uint64_t i = 0; i < block->outer * block->axis * block->inner; i++) out[i] = (uint8_t)(in[i] + shift->distance);
  return CANON_OK;
}

static void shift_close(canon_job *job, void *self) { canon_free(job, self); }

static const canon_transform shift = {
    .struct_size = sizeof(canon_transform),
    .flags = CANON_TRANSFORM_IN_PLACE,
    .name = "shift",
    .argument = "WAY",
    .summary = "add a number to every byte",
    .variants = variants,
    .n_variants = sizeof variants / sizeof *variants,
    .options = shift_options,
    .n_options = sizeof shift_options / sizeof *shift_options,
    .shorthands = shorthands,
    .n_shorthands = sizeof shorthands / sizeof *shorthands,
    .variant_size = sizeof *variants,
    .option_size = sizeof *shift_options,
    .shorthand_size = sizeof *shorthands,
    .open = shift_open,
    .plan = shift_plan,
    .map = shift_map,
    .close = shift_close,
};

/* ---- bytes: any file as a tensor of its bytes ---- */

static const canon_option bytes_options[] = {{"width", "N", "rows of N bytes", CANON_OPTION_INTEGER, 0}};

struct reader {
  const canon_source *source;
  canon_node root;
  uint64_t shape[2];
};

static int32_t bytes_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  (void)job, (void)source;
  *bits = 0;
  return CANON_OK;
}

static int32_t bytes_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  struct reader *r = canon_alloc(job, sizeof *r);
  if (!r) return canon_failed(job);
  *reader = r;
  r->source = source;
  uint64_t size = job->host->source_size(job, source);
  const canon_value *width = job->host->param(job, instance, "width");
  r->shape[0] = size;
  if (width) {
    if (width->integer < 1 || size % (uint64_t)width->integer)
      return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--width %" PRId64 " does not divide its %" PRIu64 " bytes",
                        width->integer, size);
    r->shape[0] = size / (uint64_t)width->integer;
    r->shape[1] = (uint64_t)width->integer;
  }
  r->root = (canon_node){.kind = CANON_NODE_TENSOR,
                         .parent = CANON_NONE,
                         .dtype = CANON_U8,
                         .rank = width ? 2 : 1,
                         .shape = r->shape,
                         .storage = CANON_NONE,
                         .storage_bytes = size};
  return CANON_OK;
}

static int32_t bytes_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  (void)job;
  struct reader *r = reader;
  manifest->nodes = &r->root;
  manifest->n_nodes = 1;
  return CANON_OK;
}

static int32_t bytes_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  (void)node;
  const struct reader *r = reader;
  return job->host->source_read(job, r->source, first, dst, count);
}

static void bytes_close(canon_job *job, void *reader) { canon_free(job, reader); }

static const canon_format bytes = {
    .struct_size = sizeof(canon_format),
    .flags = CANON_FORMAT_RANDOM,
    .name = "bytes",
    .suffixes = "raw",
    .summary = "any file as a tensor of bytes",
    .options = bytes_options,
    .n_options = sizeof bytes_options / sizeof *bytes_options,
    .option_size = sizeof *bytes_options,
    .probe = bytes_probe,
    .open = bytes_open,
    .manifest = bytes_manifest,
    .read = bytes_read,
    .close = bytes_close,
};

static const canon_facet facets[] = {{CANON_TRANSFORM_FACET, &shift}, {CANON_FORMAT_FACET, &bytes}};

static const canon_plugin plugin = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .id = "org.example.bytes",
    .version = "1.2.0",
    .license = "CC0-1.0",
    .summary = "Bytes, and what can be done to them",
    .facets = facets,
    .n_facets = sizeof facets / sizeof *facets,
    .facet_size = sizeof *facets,
};

CANON_PLUGIN_ENTRY(&plugin)
