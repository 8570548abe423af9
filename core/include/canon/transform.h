/* SPDX-License-Identifier: MIT
 * transform.h: the facet "canon.transform/1": maps a tensor to a tensor, or reduces an axis of it. Draft until it is
 * frozen. On the command line it is --NAME VARIANT, with its own options behind it. */
#ifndef CANON_TRANSFORM_H
#define CANON_TRANSFORM_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CANON_TRANSFORM_FACET "canon.transform/1"

/* What a variant promises about its bits. The host refuses LOOSE unless the user allows it. */
#define CANON_EXACT 1 /* one right answer: the correctly rounded one */
#define CANON_FIXED 2 /* a written-down order of operations */
#define CANON_LOOSE 3 /* a documented bound */

typedef struct canon_variant {
  const char *name;
  const char *summary;
  uint32_t guarantee;
  uint32_t reserved;
} canon_variant;

/* A flag that stands for --NAME VARIANT: {"half", "f16"} makes --half mean --cast f16. */
typedef struct canon_shorthand {
  const char *option;
  const char *variant;
} canon_shorthand;

typedef struct canon_tensor {
  uint32_t dtype;
  uint32_t rank;
  uint64_t shape[CANON_MAX_RANK];
} canon_tensor;

/* What becomes of one tensor. The host cuts it as [outer, axis, inner], C order: a block holds whole axes, so axis is 1
 * for an elementwise map, and any cut of outer and inner is the plugin's input. */
typedef struct canon_plan {
  uint32_t struct_size;
  uint32_t guarantee;   /* CANON_EXACT, ... */
  canon_tensor out;     /* preset to the input's */
  uint64_t axis, inner; /* preset to 1, 1; outer is what is left of the elements */
  /* Reductions: the axis goes, out has outer x inner elements, each from a state of so many bytes (a multiple of 8). */
  uint64_t state_bytes; /* preset to 0: a map */
  uint32_t mergeable;   /* 1: states of parts of the axis may be merged; 0: its elements come in order into one state */
  uint32_t reserved;
} canon_plan;

/* One whole tensor as it was planned, however it is cut into blocks: what plan() said of axis and inner, and the outer
 * that is left. The same in every call about that tensor; the pointer is borrowed for the call. */
typedef struct canon_cut {
  uint32_t struct_size;
  uint32_t in_dtype, out_dtype;
  uint32_t reserved;
  uint64_t outer, axis, inner;
} canon_cut;

/* A part of it: `outer` slices of [axis, inner] elements each, dense, in the machine's byte order. Its first element is
 * at [first_outer, first_axis, first_inner] of the whole. For map(), axis is the whole's, and out may be in
 * (CANON_TRANSFORM_IN_PLACE). */
typedef struct canon_block {
  uint32_t struct_size;
  uint32_t reserved;
  const canon_cut *whole;
  const void *in;
  void *out;
  uint64_t outer, axis, inner;
  uint64_t first_outer, first_axis, first_inner;
} canon_block;

/* Must-understand bits: a host skips a plugin with one that it does not know. */
#define CANON_TRANSFORM_IN_PLACE 1u /* map() may get out == in where both dtypes have one size */

typedef struct canon_transform {
  uint32_t struct_size;
  uint32_t flags;
  const char *name;     /* "normalize" */
  const char *argument; /* "VARIANT", for --help */
  const char *summary;
  const canon_variant *variants;
  uint64_t n_variants;
  const canon_option *options;
  uint64_t n_options;
  const canon_shorthand *shorthands;
  uint64_t n_shorthands;
  uint32_t variant_size, option_size, shorthand_size;
  uint32_t reserved;

  /* Checks the variant (any text: a plugin may know more spellings than it lists) and the options.
   * *self is freed by close, called also after open failed if *self is not NULL. */
  int32_t (*open)(canon_job *job, const canon_instance *instance, const char *variant, void **self);
  /* For each tensor, before any output exists: accept it and fill the plan, or fail by name. No state is kept. */
  int32_t (*plan)(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan);
  /* From several threads at once; the result may not depend on how the host cut the blocks. */
  int32_t (*map)(canon_job *job, void *self, const canon_block *block);
  void (*close)(canon_job *job, void *self);

  /* Reductions, whose plan has state_bytes, instead of map; also from several threads, each with states of its own.
   * n states, side by side, aligned to 64, their contents undefined: */
  int32_t (*begin)(canon_job *job, void *self, const canon_cut *whole, void *states, uint64_t n);
  /* Takes in block->axis elements of the axis: states is one for each of block's outer x inner places, inner fastest. A
   * state's elements come in order and without gaps, from first_axis 0 on or, where states are merged, from anywhere
   * on. */
  int32_t (*add)(canon_job *job, void *self, void *states, const canon_block *block);
  /* `from` is of the elements right behind those of `into`, n states of the same n places. */
  int32_t (*merge)(canon_job *job, void *self, const canon_cut *whole, void *into, const void *from, uint64_t n);
  /* From states that took in the whole axis: result->outer x result->inner elements to result->out, one a state.
   * result->axis is 1, in is NULL. */
  int32_t (*finish)(canon_job *job, void *self, const void *states, const canon_block *result);
} canon_transform;

#ifdef __cplusplus
}
#endif
#endif
