/* SPDX-License-Identifier: MIT
 * binarize.c: --binarize RULE, the first step to binary embeddings: each number becomes true or false.
 * Libraries differ at zero, so the rule has a name. */
#include <canon/numerics.h>
#include <canon/transform.h>
#include <stdbool.h>
#include <string.h>

static const canon_variant variants[] = {
    {"positive", "x > 0, as sentence-transformers quantizes", CANON_EXACT, 0},
    {"nonnegative", "x >= 0, as faiss makes bit vectors", CANON_EXACT, 0},
};

struct binarize {
  const canon_numerics *numerics;
  bool zero; /* what 0 becomes */
};

static int32_t binarize_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  (void)instance; /* has no options */
  bool zero = strcmp(variant, "nonnegative") == 0;
  if (!zero && strcmp(variant, "positive") != 0)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--binarize takes positive or nonnegative, not '%s'", variant);
  const canon_numerics *numerics = canon_numerics_query(job);
  if (!numerics) return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "this canon has no " CANON_NUMERICS_SERVICE);
  struct binarize *binarize = canon_alloc(job, sizeof *binarize);
  if (!binarize) return canon_failed(job);
  *self = binarize;
  binarize->numerics = numerics;
  binarize->zero = zero;
  return CANON_OK;
}

/* Every dtype that can be told as f64 without changing its sign. */
static int32_t binarize_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct binarize *binarize = self;
  if (canon_dtype_kind(in->dtype) == CANON_KIND_BOOL ||
      binarize->numerics->cast(in->dtype, CANON_F64, 0, NULL, NULL, 0, NULL))
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "it is %s, which is not more or less than 0; --exclude it",
                      canon_dtype_name(in->dtype));
  plan->out.dtype = CANON_BOOL;
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

static int32_t binarize_map(canon_job *job, void *self, const canon_block *block) {
  const struct binarize *binarize = self;
  uint32_t dtype = block->whole->in_dtype;
  const char *in = block->in;
  uint8_t *out = block->out;
  uint64_t left = block->outer * block->axis * block->inner, zeros = 0;
  double chunk[512];
  while (left) {
    uint64_t n = left < 512 ? left : 512;
    int32_t code = binarize->numerics->cast(dtype, CANON_F64, 0, in, chunk, n, NULL);
    if (code) return canon_fail(job, code, CANON_NONE, "%s cannot be read", canon_dtype_name(dtype));
    for (uint64_t i = 0; i < n; i++) {
      if (chunk[i] != chunk[i])
        return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "an element is NaN, neither true nor false");
      zeros += chunk[i] == 0;
      *out++ = chunk[i] > 0 || (chunk[i] == 0 && binarize->zero);
    }
    in += n * canon_dtype_size(dtype);
    left -= n;
  }
  job->host->count(job, "zeros made true or false by rule", zeros);
  return CANON_OK;
}

static void binarize_close(canon_job *job, void *self) { canon_free(job, self); }

static const canon_transform transform = {
    .struct_size = sizeof(canon_transform),
    .name = "binarize",
    .argument = "RULE",
    .summary = "make each number true or false, by its sign",
    .variants = variants,
    .n_variants = sizeof variants / sizeof *variants,
    .variant_size = sizeof *variants,
    .open = binarize_open,
    .plan = binarize_plan,
    .map = binarize_map,
    .close = binarize_close,
};

CANON_PLUGIN("org.example.binarize", "1.0.0", "MIT", "numbers to bits", {CANON_TRANSFORM_FACET, &transform})
