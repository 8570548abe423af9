/* SPDX-License-Identifier: MIT
 * normalize.c: the transform `normalize`: rows along one axis to unit L2 norm. The arithmetic is the host's
 * (canon.numerics/1); this says which axis, which dtypes, and what the report counts. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <canon/numerics.h>
#include <canon/plugin.h>
#include <canon/transform.h>

struct normalize {
  const canon_numerics *numerics;
  int64_t axis;
};

static int32_t normalize_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct normalize *normalize = self;
  int64_t rank = (int64_t)in->rank, axis = normalize->axis < 0 ? normalize->axis + rank : normalize->axis;
  if (normalize->numerics->normalize(in->dtype, NULL, NULL, 0, 0, 0, NULL) != CANON_OK) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "normalize has no rule for %s; leave it out, or cast it to a float type before",
                      canon_dtype_name(in->dtype));
  }
  if (rank == 0) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "normalize needs an axis, and a tensor of rank 0 has none; leave it out");
  }
  if (axis < 0 || axis >= rank) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "--axis %" PRId64 ": this tensor has rank %" PRId64 "; take one from %" PRId64 " to %" PRId64,
                      normalize->axis, rank, -rank, rank - 1);
  }
  if (!canon_elements(in->shape + axis + 1, (uint32_t)(rank - axis - 1), &plan->inner)) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than 2^64 elements; no machine holds them");
  }
  plan->axis = in->shape[axis];
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

static int32_t normalize_map(canon_job *job, void *self, const canon_block *block) {
  const struct normalize *normalize = self;
  canon_normalize_report report = {.struct_size = sizeof report};
  int32_t status = normalize->numerics->normalize(block->in_dtype, block->in, block->out, block->outer, block->axis,
                                                  block->inner, &report);
  if (status) return canon_fail(job, status, CANON_NONE, "normalize was given a block that it did not plan");
  if (report.nan_rows) job->host->count(job, "rows that hold NaN", report.nan_rows);
  if (report.infinite_rows) job->host->count(job, "rows that hold an infinity", report.infinite_rows);
  if (report.small_rows) job->host->count(job, "rows with a norm below 1e-12", report.small_rows);
  return CANON_OK;
}

static int32_t normalize_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  const canon_value *axis = job->host->param(job, instance, "axis");
  struct normalize *normalize;
  if (strcmp(variant, "ref") != 0) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "normalize has no variant '%s'; it has ref", variant);
  }
  if (axis && !axis->is_integer) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--axis '%s' is no integer; -1 is the last axis", axis->text);
  }
  normalize = canon_alloc(job, sizeof *normalize);
  if (!normalize) return canon_failed(job);
  *self = normalize;
  normalize->axis = axis ? axis->integer : -1;
  normalize->numerics = canon_numerics_query(job);
  if (!normalize->numerics) {
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "normalize needs a host with " CANON_NUMERICS_SERVICE);
  }
  return CANON_OK;
}

static void normalize_close(canon_job *job, void *self) { canon_free(job, self); }

static const canon_variant variants[] = {
    {"ref", "the correctly rounded norm, the correctly rounded quotient", CANON_EXACT, 0},
};

static const canon_option options[] = {
    {"axis", "N", "the axis whose rows get norm 1, from the end if negative (default -1)", CANON_OPTION_INTEGER, 0},
};

static const canon_transform transform = {
    .struct_size = sizeof(canon_transform),
    .flags = CANON_TRANSFORM_IN_PLACE,
    .name = "normalize",
    .argument = "VARIANT",
    .summary = "divide rows by their L2 norm, or by 1e-12 if that is larger",
    .variants = variants,
    .n_variants = sizeof variants / sizeof variants[0],
    .variant_size = sizeof variants[0],
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .option_size = sizeof options[0],
    .shorthand_size = sizeof(canon_shorthand),
    .open = normalize_open,
    .plan = normalize_plan,
    .map = normalize_map,
    .close = normalize_close,
};

static const canon_facet facets[] = {{CANON_TRANSFORM_FACET, &transform}};

static const canon_plugin plugin = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .id = "canon.normalize",
    .version = "0.1.0",
    .license = "MIT",
    .summary = "rows to unit L2 norm, correctly rounded",
    .facets = facets,
    .n_facets = sizeof facets / sizeof facets[0],
    .facet_size = sizeof facets[0],
};

CANON_PLUGIN_ENTRY(&plugin)
