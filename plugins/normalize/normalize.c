/* SPDX-License-Identifier: MIT
 * normalize.c: the transform `normalize`: rows along one axis to unit L2 norm, exactly (ref) or as one of PyTorch's
 * versions does it (docs/torch-variants.md). The arithmetic is the host's (canon.numerics/1); this says which axis,
 * which dtypes, and what the report counts. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <canon/numerics.h>
#include <canon/plugin.h>
#include <canon/transform.h>

#include "plugins/common/axis.h"

struct normalize {
  const canon_numerics *numerics;
  int64_t axis;
  canon_torch torch; /* struct_size 0: ref */
};

/* What torch was asked, for a tensor or a block of one. */
static canon_torch_call call_of(const struct normalize *normalize, const canon_cut *whole) {
  return (canon_torch_call){.struct_size = sizeof(canon_torch_call),
                            .dtype = whole->in_dtype,
                            .torch = &normalize->torch,
                            .outer = whole->outer,
                            .axis = whole->axis,
                            .inner = whole->inner};
}

static int32_t check_dtype(canon_job *job, const struct normalize *normalize, uint32_t dtype) {
  const canon_cut nothing = {.struct_size = sizeof nothing, .in_dtype = dtype, .axis = 1, .inner = 1};
  const canon_torch_call call = call_of(normalize, &nothing);
  if (normalize->numerics->normalize(dtype, NULL, NULL, 0, 0, 0, NULL) != CANON_OK) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "normalize has no rule for %s; leave it out, or cast it to a float type before",
                      canon_dtype_name(dtype));
  }
  if (!normalize->torch.struct_size) return CANON_OK;
  if (normalize->numerics->torch_normalize(&call, NULL, NULL, 0, 0, NULL) == CANON_OK) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "torch %u.%u does not normalize %s; cast it to f32 before",
                    normalize->torch.version >> 16, normalize->torch.version >> 8 & 255, canon_dtype_name(dtype));
}

static int32_t normalize_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct normalize *normalize = self;
  uint32_t axis;
  int32_t status = check_dtype(job, normalize, in->dtype);
  if (!status) status = axis_plan(job, "normalize", "leave it out", normalize->axis, in, plan, &axis);
  if (status) return status;
  plan->guarantee = normalize->torch.struct_size ? CANON_FIXED : CANON_EXACT;
  return CANON_OK;
}

static int32_t map_block(const struct normalize *normalize, const canon_block *block, canon_normalize_report *report) {
  if (normalize->torch.struct_size) {
    const canon_torch_call call = call_of(normalize, block->whole);
    return normalize->numerics->torch_normalize(&call, block->in, block->out, block->outer, block->inner, report);
  }
  return normalize->numerics->normalize(block->whole->in_dtype, block->in, block->out, block->outer, block->axis,
                                        block->inner, report);
}

static int32_t normalize_map(canon_job *job, void *self, const canon_block *block) {
  canon_normalize_report report = {.struct_size = sizeof report};
  int32_t status = map_block(self, block, &report);
  if (status) return canon_fail(job, status, CANON_NONE, "normalize was given a block that it did not plan");
  if (report.nan_rows) job->host->count(job, "rows that hold NaN", report.nan_rows);
  if (report.infinite_rows) job->host->count(job, "rows that hold an infinity", report.infinite_rows);
  if (report.small_rows) job->host->count(job, "rows with a norm below 1e-12", report.small_rows);
  return CANON_OK;
}

/* ref, or a name that torch_parse() takes. */
static int32_t open_variant(canon_job *job, const char *variant, struct normalize *normalize) {
  const char *why;
  if (strcmp(variant, "ref") == 0) return CANON_OK;
  if (strncmp(variant, "torch", 5) != 0) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "normalize has no variant '%s'; it has ref and torch-VERSION",
                      variant);
  }
  normalize->torch.struct_size = sizeof normalize->torch;
  why = normalize->numerics->torch_parse(variant, &normalize->torch);
  return why ? canon_fail(job, CANON_E_USAGE, CANON_NONE, "normalize has no variant '%s'; %s", variant, why) : CANON_OK;
}

static int32_t normalize_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  const canon_value *axis = job->host->param(job, instance, "axis");
  struct normalize *normalize = canon_alloc(job, sizeof *normalize);
  if (!normalize) return canon_failed(job);
  *self = normalize;
  normalize->numerics = canon_numerics_query(job);
  if (!normalize->numerics) {
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "normalize needs a host with " CANON_NUMERICS_SERVICE);
  }
  if (axis && !axis->is_integer) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--axis '%s' is no integer; -1 is the last axis", axis->text);
  }
  normalize->axis = axis ? axis->integer : -1;
  return open_variant(job, variant, normalize);
}

static void normalize_close(canon_job *job, void *self) { canon_free(job, self); }

/* Of the variants of one torch, each stands for all versions and names that give its bits. */
static const canon_variant variants[] = {
    {"ref", "the correctly rounded norm, the correctly rounded quotient", CANON_EXACT, 0},
    {"torch-1.13", "as PyTorch 1.13 does it on the CPU", CANON_FIXED, 0},
    {"torch-2.0", "as PyTorch 2.0 does it on the CPU", CANON_FIXED, 0},
    {"torch-2.1", "as PyTorch 2.1 to 2.3 do it on the CPU", CANON_FIXED, 0},
    {"torch-2.4", "as PyTorch 2.4 to 2.6 do it on the CPU", CANON_FIXED, 0},
    {"torch-2.7", "as PyTorch 2.7 does it on the CPU", CANON_FIXED, 0},
    {"torch-2.8", "as PyTorch 2.8 to 2.15 do it on the CPU", CANON_FIXED, 0},
    {"torch-1.13/default", "as PyTorch 1.13 does it on a CPU without AVX2", CANON_FIXED, 0},
    {"torch-2.0/default", "as PyTorch 2.0 does it on a CPU without AVX2", CANON_FIXED, 0},
    {"torch-2.1/default", "as PyTorch 2.1 to 2.3 do it on a CPU without AVX2", CANON_FIXED, 0},
    {"torch-2.4/default", "as PyTorch 2.4 to 2.15 do it on a CPU without AVX2", CANON_FIXED, 0},
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
    .summary = "rows to unit L2 norm, correctly rounded or as PyTorch does it",
    .facets = facets,
    .n_facets = sizeof facets / sizeof facets[0],
    .facet_size = sizeof facets[0],
};

CANON_PLUGIN_ENTRY(&plugin)
