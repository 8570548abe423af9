/* SPDX-License-Identifier: MIT
 * reduce.c: the transform `reduce`: one axis, or all, to one number: which options, which dtypes, which shape comes
 * out. The arithmetic is in exact.c, order.c and torch.c (sums) and extreme.c (min, max). */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "plugins/common/axis.h"
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

static const char *const orders[] = {"exact", "sequential", "pairwise", "lanes8"};

/* Nothing rounds in a comparison or in a sum of whole numbers, so every order of them is the exact one. (torch's sums
 * of whole numbers may wrap around, so that nothing but floats is summed as torch does.) */
static const struct reduce_kernel *kernel_of(const struct reduce *reduce, const canon_cut *whole) {
  uint32_t kind = canon_dtype_kind(reduce_result(reduce->operation, whole->in_dtype));
  if (reduce->operation == REDUCE_MIN || reduce->operation == REDUCE_MAX) return &reduce_extreme;
  if (reduce->order == ORDER_TORCH) return whole->axis ? &reduce_torch : &reduce_exact; /* zeros, in any order */
  if (reduce->order == ORDER_EXACT || kind == CANON_KIND_INT || kind == CANON_KIND_UINT) return &reduce_exact;
  return reduce->order == ORDER_PAIRWISE ? &reduce_pairwise : &reduce_ordered;
}

uint32_t reduce_result(enum operation operation, uint32_t dtype) {
  int fraction = operation == REDUCE_MEAN || operation == REDUCE_NORM;
  switch (canon_dtype_kind(dtype)) {
    case CANON_KIND_BOOL:
    case CANON_KIND_UINT: return fraction ? CANON_F64 : CANON_U64;
    case CANON_KIND_INT: return fraction ? CANON_F64 : CANON_I64;
    default: return dtype;
  }
}

uint32_t reduce_component(uint32_t dtype) {
  switch (dtype) {
    case CANON_C32: return CANON_F16;
    case CANON_C64: return CANON_F32;
    case CANON_C128: return CANON_F64;
    case CANON_BC32: return CANON_BF16;
    default: return dtype;
  }
}

uint64_t reduce_components(uint32_t dtype) { return reduce_component(dtype) == dtype ? 1 : 2; }

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
  uint32_t axis = 0;
  int32_t code = axis_plan(job, "reduce", "take --axis all", reduce->axis, in, plan, &axis);
  if (code) return code;
  if (!plan->inner) plan->inner = 1; /* there is no result, and a plan's inner is not 0 */
  drop_axis(&plan->out, axis, reduce->keepdims);
  return CANON_OK;
}

static int32_t plan_all(canon_job *job, const struct reduce *reduce, const canon_tensor *in, canon_plan *plan) {
  if (!canon_elements(in->shape, in->rank, &plan->axis)) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than 2^64 elements; no machine holds them");
  }
  for (uint32_t i = in->rank; i--;) drop_axis(&plan->out, i, reduce->keepdims);
  return CANON_OK;
}

/* torch's orders are told no size that is 0; where there is no result, any other will do. */
static canon_cut cut_of(const canon_tensor *in, const canon_plan *plan) {
  uint64_t outer = 1, slab = plan->axis * plan->inner;
  if (slab && canon_elements(in->shape, in->rank, &outer)) outer /= slab;
  return (canon_cut){.struct_size = sizeof(canon_cut),
                     .in_dtype = in->dtype,
                     .outer = outer ? outer : 1,
                     .axis = plan->axis,
                     .inner = plan->inner};
}

static int32_t no_rule(canon_job *job, const struct reduce *reduce, uint32_t dtype) {
  if (reduce->order != ORDER_TORCH) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "reduce %s has no rule for %s; leave it out, or cast it before", reduce->name,
                      canon_dtype_name(dtype));
  }
  return canon_fail(
      job, CANON_E_UNSUPPORTED, CANON_NONE,
      "reduce %s has no rule for %s in an order of torch, which are of sum, mean and norm of f16, bf16, f32, f64; "
      "leave it out, or cast it before",
      reduce->name, canon_dtype_name(dtype));
}

static int32_t reduce_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct reduce *reduce = self;
  canon_cut whole = cut_of(in, plan);
  int empty_is_zero =
      reduce->operation == REDUCE_SUM || reduce->operation == REDUCE_SUMSQ || reduce->operation == REDUCE_NORM;
  const struct reduce_kernel *kernel = kernel_of(reduce, &whole);
  if (!kernel->state_bytes(reduce, &whole)) return no_rule(job, reduce, in->dtype);
  int32_t code = (reduce->all ? plan_all : plan_axis)(job, reduce, in, plan);
  if (code) return code;
  if (plan->axis == 0 && !empty_is_zero) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "the %s of 0 elements is no number; take another axis",
                      reduce->name);
  }
  if (plan->axis > MOST_ELEMENTS) {
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE,
                      "reduce over %" PRIu64 " elements, and at most 2^48 go; take another axis", plan->axis);
  }
  plan->out.dtype = reduce_result(reduce->operation, in->dtype);
  whole = cut_of(in, plan);
  kernel = kernel_of(reduce, &whole);
  plan->state_bytes = kernel->state_bytes(reduce, &whole);
  plan->guarantee = kernel->guarantee;
  plan->mergeable = kernel->merge != NULL;
  return CANON_OK;
}

static int32_t reduce_begin(canon_job *job, void *self, const canon_cut *whole, void *states, uint64_t n) {
  const struct reduce *reduce = self;
  (void)job;
  kernel_of(reduce, whole)->begin(reduce, whole, states, n);
  return CANON_OK;
}

static int32_t reduce_add(canon_job *job, void *self, void *states, const canon_block *block) {
  const struct reduce *reduce = self;
  (void)job;
  kernel_of(reduce, block->whole)->add(reduce, states, block);
  return CANON_OK;
}

static int32_t reduce_merge(canon_job *job, void *self, const canon_cut *whole, void *into, const void *from,
                            uint64_t n) {
  const struct reduce *reduce = self;
  (void)job;
  kernel_of(reduce, whole)->merge(reduce, whole, into, from, n);
  return CANON_OK;
}

static int32_t reduce_finish(canon_job *job, void *self, const void *states, const canon_block *result) {
  const struct reduce *reduce = self;
  if (kernel_of(reduce, result->whole)->finish(reduce, states, result) == CANON_OK) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "the %s of %s does not fit %s; cast it to f64 before",
                    reduce->name, canon_dtype_name(result->whole->in_dtype),
                    canon_dtype_name(result->whole->out_dtype));
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

static int32_t open_torch(canon_job *job, const char *name, struct reduce *reduce) {
  const canon_numerics *numerics = reduce->numerics;
  if (numerics->struct_size < sizeof *numerics) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "this canon knows no orders of torch; it is too old for this plugin");
  }
  reduce->order = ORDER_TORCH;
  reduce->torch.struct_size = sizeof reduce->torch;
  const char *problem = numerics->torch_parse(name, &reduce->torch);
  return problem ? canon_fail(job, CANON_E_USAGE, CANON_NONE, "--order %s: %s", name, problem) : CANON_OK;
}

static int32_t open_order(canon_job *job, const canon_value *order, struct reduce *reduce) {
  uint32_t i = 0;
  if (!order) return CANON_OK;
  if (strncmp(order->text, "torch", 5) == 0) return open_torch(job, order->text, reduce);
  while (i < ORDER_TORCH && strcmp(order->text, orders[i]) != 0) i++;
  if (i == ORDER_TORCH) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "reduce has no order '%s'; it has exact, sequential, pairwise, lanes8, torch-VERSION",
                      order->text);
  }
  reduce->order = (enum order)i;
  return CANON_OK;
}

static int32_t reduce_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  uint32_t operation = 0;
  while (operation < VARIANTS && strcmp(variant, variants[operation].name) != 0) operation++;
  if (operation == VARIANTS) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "reduce has no '%s'; it has sum, mean, norm, sumsq, min, max",
                      variant);
  }
  struct reduce *reduce = canon_alloc(job, sizeof *reduce);
  if (!reduce) return canon_failed(job);
  *self = reduce;
  reduce->operation = (enum operation)operation;
  reduce->name = variants[operation].name;
  reduce->keepdims = job->host->param(job, instance, "keepdims") != NULL;
  reduce->numerics = canon_numerics_query(job);
  if (!reduce->numerics) {
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "reduce needs a host with " CANON_NUMERICS_SERVICE);
  }
  int32_t code = open_order(job, job->host->param(job, instance, "order"), reduce);
  return code ? code : open_axis(job, job->host->param(job, instance, "axis"), reduce);
}

static void reduce_close(canon_job *job, void *self) { canon_free(job, self); }

static const canon_option options[] = {
    {"axis", "N", "the axis that goes, from the end if negative (default -1), or all", CANON_OPTION_TEXT, 0},
    {"order", "ORDER",
     "how sums round: exact (default), once; or as written down: sequential, pairwise, lanes8, torch-VERSION",
     CANON_OPTION_TEXT, 0},
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

CANON_PLUGIN("canon.reduce", "0.1.0", "MIT",
             "sums, means, norms and extremes along an axis, correctly rounded or in a written-down order",
             {CANON_TRANSFORM_FACET, &transform})
