/* SPDX-License-Identifier: MIT
 * reduce.c: the transform `reduce`: one axis, or all, to one number: which options, which dtypes, which shape comes out.
 * The arithmetic is in exact.c (sums) and extreme.c (min, max). */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "plugins/reduce/reduce.h"

#define MOST_ELEMENTS (UINT64_C(1) << 48) /* of one exact sum */

static const canon_variant variants[] = {
    [REDUCE_SUM] = {"sum", "the sum", CANON_EXACT, 0},
    [REDUCE_MEAN] = {"mean", "the sum divided by the number of elements", CANON_EXACT, 0},
    [REDUCE_NORM] = {"norm", "the square root of the sum of squares", CANON_EXACT, 0},
    [REDUCE_SUMSQ] = {"sumsq", "the sum of squares", CANON_EXACT, 0},
    [REDUCE_MIN] = {"min", "the smallest element, -0 below +0; NaN if there is one", CANON_EXACT, 0},
    [REDUCE_MAX] = {"max", "the largest element, -0 below +0; NaN if there is one", CANON_EXACT, 0},
};

enum { VARIANTS = sizeof variants / sizeof variants[0] };

uint32_t reduce_result(enum operation operation, uint32_t dtype) {
  int fraction = operation == REDUCE_MEAN || operation == REDUCE_NORM;
  switch (canon_dtype_kind(dtype)) {
    case CANON_KIND_BOOL:
    case CANON_KIND_UINT: return fraction ? CANON_F64 : CANON_U64;
    case CANON_KIND_INT: return fraction ? CANON_F64 : CANON_I64;
    default: return dtype;
  }
}

void reduce_gather(void *dense, const char *row, uint64_t size, uint64_t stride, uint64_t count) {
  for (uint64_t i = 0; i < count; i++) memcpy((char *)dense + i * size, row + i * stride * size, size);
}

/* The axis goes, or stays with length 1. */
static void drop_axis(canon_tensor *out, uint32_t axis, uint32_t keep) {
  if (keep) {
    out->shape[axis] = 1;
    return;
  }
  out->rank--;
  memmove(out->shape + axis, out->shape + axis + 1, (out->rank - axis) * sizeof out->shape[0]);
}

static int32_t plan_axis(canon_job *job, const struct reduce *reduce, const canon_tensor *in, canon_plan *plan) {
  int64_t rank = (int64_t)in->rank, axis = reduce->axis < 0 ? reduce->axis + rank : reduce->axis;
  if (rank == 0) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "reduce needs an axis, and a tensor of rank 0 has none; take --axis all");
  }
  if (axis < 0 || axis >= rank) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "--axis %" PRId64 ": this tensor has rank %" PRId64 "; take one from %" PRId64 " to %" PRId64, reduce->axis,
                      rank, -rank, rank - 1);
  }
  if (!canon_elements(in->shape + axis + 1, (uint32_t)(rank - axis - 1), &plan->inner)) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than 2^64 elements; no machine holds them");
  }
  plan->axis = in->shape[axis];
  drop_axis(&plan->out, (uint32_t)axis, reduce->keepdims);
  return CANON_OK;
}

static int32_t plan_all(canon_job *job, const struct reduce *reduce, const canon_tensor *in, canon_plan *plan) {
  if (!canon_elements(in->shape, in->rank, &plan->axis)) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than 2^64 elements; no machine holds them");
  }
  for (uint32_t i = in->rank; i--;) drop_axis(&plan->out, i, reduce->keepdims);
  return CANON_OK;
}

static int32_t reduce_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct reduce *reduce = self;
  int empty_is_zero = reduce->operation == REDUCE_SUM || reduce->operation == REDUCE_SUMSQ || reduce->operation == REDUCE_NORM;
  plan->state_bytes = reduce->kernel->state_bytes(reduce, in->dtype);
  if (!plan->state_bytes) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "reduce %s has no rule for %s; leave it out, or cast it before",
                      reduce->name, canon_dtype_name(in->dtype));
  }
  int32_t code = (reduce->all ? plan_all : plan_axis)(job, reduce, in, plan);
  if (code) return code;
  if (plan->axis == 0 && !empty_is_zero) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "the %s of 0 elements is no number; take another axis", reduce->name);
  }
  if (plan->axis > MOST_ELEMENTS) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "reduce over %" PRIu64 " elements, and at most 2^48 go; take another axis",
                      plan->axis);
  }
  plan->out.dtype = reduce_result(reduce->operation, in->dtype);
  plan->guarantee = reduce->kernel->guarantee;
  plan->mergeable = reduce->kernel->merge != NULL;
  return CANON_OK;
}

static int32_t reduce_begin(canon_job *job, void *self, const canon_cut *whole, void *states, uint64_t n) {
  const struct reduce *reduce = self;
  (void)job;
  reduce->kernel->begin(reduce, whole, states, n);
  return CANON_OK;
}

static int32_t reduce_add(canon_job *job, void *self, void *states, const canon_block *block) {
  const struct reduce *reduce = self;
  (void)job;
  reduce->kernel->add(reduce, states, block);
  return CANON_OK;
}

static int32_t reduce_merge(canon_job *job, void *self, const canon_cut *whole, void *into, const void *from, uint64_t n) {
  const struct reduce *reduce = self;
  (void)job;
  reduce->kernel->merge(reduce, whole, into, from, n);
  return CANON_OK;
}

static int32_t reduce_finish(canon_job *job, void *self, const void *states, const canon_block *result) {
  const struct reduce *reduce = self;
  if (reduce->kernel->finish(reduce, states, result) == CANON_OK) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "the %s of %s does not fit %s; cast it to f64 before", reduce->name,
                    canon_dtype_name(result->in_dtype), canon_dtype_name(result->out_dtype));
}

/* --axis N, --axis all, or nothing: the last one. */
static int32_t open_axis(canon_job *job, const canon_value *axis, struct reduce *reduce) {
  reduce->axis = -1;
  if (!axis) return CANON_OK;
  if (axis->is_integer) reduce->axis = axis->integer;
  else if (strcmp(axis->text, "all") == 0) reduce->all = 1;
  else return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--axis takes a whole number or all, not '%s'", axis->text);
  return CANON_OK;
}

static int32_t reduce_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  const canon_value *order = job->host->param(job, instance, "order");
  uint32_t operation = 0;
  while (operation < VARIANTS && strcmp(variant, variants[operation].name) != 0) operation++;
  if (operation == VARIANTS) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "reduce has no '%s'; it has sum, mean, norm, sumsq, min, max", variant);
  }
  if (order && strcmp(order->text, "exact") != 0) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "reduce has no order '%s'; it has exact", order->text);
  }
  struct reduce *reduce = canon_alloc(job, sizeof *reduce);
  if (!reduce) return canon_failed(job);
  *self = reduce;
  reduce->operation = (enum operation)operation;
  reduce->name = variants[operation].name;
  reduce->kernel = operation == REDUCE_MIN || operation == REDUCE_MAX ? &reduce_extreme : &reduce_exact;
  reduce->keepdims = job->host->param(job, instance, "keepdims") != NULL;
  reduce->numerics = canon_numerics_query(job);
  if (!reduce->numerics) {
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "reduce needs a host with " CANON_NUMERICS_SERVICE);
  }
  return open_axis(job, job->host->param(job, instance, "axis"), reduce);
}

static void reduce_close(canon_job *job, void *self) { canon_free(job, self); }

static const canon_option options[] = {
    {"axis", "N", "the axis that goes, from the end if negative (default -1), or all", CANON_OPTION_TEXT, 0},
    {"order", "ORDER", "exact (default): sums are exact, and rounded once", CANON_OPTION_TEXT, 0},
    {"keepdims", NULL, "leave the axis in the shape, with length 1", CANON_OPTION_FLAG, 0},
};

static const canon_transform transform = {
    .struct_size = sizeof(canon_transform),
    .name = "reduce",
    .argument = "OP",
    .summary = "reduce an axis to its sum, mean, norm, sumsq, min or max",
    .variants = variants,
    .n_variants = VARIANTS,
    .variant_size = sizeof variants[0],
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .option_size = sizeof options[0],
    .shorthand_size = sizeof(canon_shorthand),
    .open = reduce_open,
    .plan = reduce_plan,
    .close = reduce_close,
    .begin = reduce_begin,
    .add = reduce_add,
    .merge = reduce_merge,
    .finish = reduce_finish,
};

CANON_PLUGIN("canon.reduce", "0.1.0", "MIT", "sums, means, norms and extremes along an axis, correctly rounded",
             {CANON_TRANSFORM_FACET, &transform})
