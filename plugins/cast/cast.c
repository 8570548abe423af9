/* SPDX-License-Identifier: MIT
 * cast.c: the transform `cast`: elements to another dtype, rounded once. The arithmetic is the host's
 * (canon.numerics/1); this says which dtypes, what is refused, and what the report counts. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>

#include <canon/numerics.h>
#include <canon/plugin.h>
#include <canon/transform.h>

struct cast {
  const canon_numerics *numerics;
  uint32_t dtype, flags;
  _Atomic uint64_t lost; /* finite values that became infinities or NaN */
};

static int32_t cast_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  const struct cast *cast = self;
  if (cast->numerics->cast(in->dtype, cast->dtype, cast->flags, NULL, NULL, 0, NULL) != CANON_OK) {
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s cannot be cast to %s; leave it out, or take %s",
                      canon_dtype_name(in->dtype), canon_dtype_name(cast->dtype),
                      canon_dtype_kind(in->dtype) == CANON_KIND_COMPLEX ? "a complex type" : "a tensor of numbers");
  }
  plan->out.dtype = cast->dtype;
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

/* Why an element stops the job: its place and its value. */
static int32_t refuse(canon_job *job, const struct cast *cast, const canon_block *block, uint64_t index) {
  uint32_t dtype = block->whole->in_dtype, kind = canon_dtype_kind(dtype);
  const uint8_t *element = (const uint8_t *)block->in + index * canon_dtype_size(dtype);
  char value[32];
  if (kind == CANON_KIND_INT) {
    int64_t integer = 0;
    cast->numerics->cast(dtype, CANON_I64, 0, element, &integer, 1, NULL);
    snprintf(value, sizeof value, "%" PRId64, integer);
  } else if (kind == CANON_KIND_UINT || kind == CANON_KIND_BOOL) {
    uint64_t integer = 0;
    cast->numerics->cast(dtype, CANON_U64, 0, element, &integer, 1, NULL);
    snprintf(value, sizeof value, "%" PRIu64, integer);
  } else {
    double real = 0;
    cast->numerics->cast(dtype, CANON_F64, 0, element, &real, 1, NULL);
    snprintf(value, sizeof value, "%.17g", real);
  }
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "element %" PRIu64 " is %s, which %s cannot hold; --saturate takes what is nearest",
                    block->first_outer + index, value, canon_dtype_name(block->whole->out_dtype));
}

static int32_t cast_map(canon_job *job, void *self, const canon_block *block) {
  struct cast *cast = self;
  canon_cast_report report = {.struct_size = sizeof report, .refused = CANON_NONE};
  uint64_t elements = block->outer * block->axis * block->inner;
  const canon_cut *whole = block->whole;
  int32_t status =
      cast->numerics->cast(whole->in_dtype, whole->out_dtype, cast->flags, block->in, block->out, elements, &report);
  if (status == CANON_E_UNSUPPORTED && report.refused < elements) return refuse(job, cast, block, report.refused);
  if (status) return canon_fail(job, status, CANON_NONE, "cast was given a block that it did not plan");

  const struct {
    const char *what;
    uint64_t n;
  } counts[] = {
      {"values rounded", report.rounded},
      {"values rounded to zero", report.to_zero},
      {"values overflowed to infinity", report.to_infinity},
      {"values overflowed to NaN", report.to_nan},
      {"values truncated toward zero", report.truncated},
      {"values saturated", report.saturated},
      {"NaNs that lost sign or payload", report.nan},
  };
  for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
    if (counts[i].n) job->host->count(job, counts[i].what, counts[i].n);
  }
  if (report.to_infinity + report.to_nan) atomic_fetch_add(&cast->lost, report.to_infinity + report.to_nan);
  return CANON_OK;
}

static int32_t cast_open(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  const canon_numerics *numerics = canon_numerics_query(job);
  struct cast *cast;
  if (!numerics) {
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "cast needs a host with " CANON_NUMERICS_SERVICE);
  }
  uint32_t dtype = numerics->dtype_parse(variant);
  if (dtype == 0) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "'%s' is no dtype; write it as f16, bf16, f32, i64", variant);
  }
  if (canon_dtype_kind(dtype) == CANON_KIND_RAW) {
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%s holds bits, no numbers to cast to; take a number type",
                      canon_dtype_name(dtype));
  }
  cast = canon_alloc(job, sizeof *cast);
  if (!cast) return canon_failed(job);
  *self = cast;
  cast->numerics = numerics;
  cast->dtype = dtype;
  cast->flags = job->host->param(job, instance, "saturate") ? CANON_CAST_SATURATE : 0;
  return CANON_OK;
}

static void cast_close(canon_job *job, void *self) {
  const struct cast *cast = self;
  uint64_t lost = atomic_load(&cast->lost);
  if (lost && !canon_failed(job))
    canon_log(job, CANON_LOG_WARNING,
              "%" PRIu64 " finite value%s too large for %s; --saturate takes the largest that it has", lost,
              lost == 1 ? " was" : "s were", canon_dtype_name(cast->dtype));
  canon_free(job, self);
}

#define FLOAT "to nearest, ties to even, overflow to infinity"
#define FLOAT8 "to nearest, ties to even, overflow to NaN"
#define INTEGER "toward zero; what does not fit is refused"
#define COMPLEX "both parts; from a real number with imaginary part 0"

static const canon_variant variants[] = {
    {"f16", FLOAT, CANON_EXACT, 0},
    {"bf16", FLOAT, CANON_EXACT, 0},
    {"f32", FLOAT, CANON_EXACT, 0},
    {"f64", FLOAT, CANON_EXACT, 0},
    {"f8_e5m2", FLOAT, CANON_EXACT, 0},
    {"f8_e4m3fn", FLOAT8, CANON_EXACT, 0},
    {"f8_e4m3fnuz", FLOAT8, CANON_EXACT, 0},
    {"f8_e5m2fnuz", FLOAT8, CANON_EXACT, 0},
    {"f8_e8m0fnu", "to the nearest power of two, overflow to NaN; zero and less is refused", CANON_EXACT, 0},
    {"bool", "whether it is not zero", CANON_EXACT, 0},
    {"u8", INTEGER, CANON_EXACT, 0},
    {"u16", INTEGER, CANON_EXACT, 0},
    {"u32", INTEGER, CANON_EXACT, 0},
    {"u64", INTEGER, CANON_EXACT, 0},
    {"i8", INTEGER, CANON_EXACT, 0},
    {"i16", INTEGER, CANON_EXACT, 0},
    {"i32", INTEGER, CANON_EXACT, 0},
    {"i64", INTEGER, CANON_EXACT, 0},
    {"c32", COMPLEX, CANON_EXACT, 0},
    {"c64", COMPLEX, CANON_EXACT, 0},
    {"c128", COMPLEX, CANON_EXACT, 0},
    {"bc32", COMPLEX, CANON_EXACT, 0},
};

static const canon_option options[] = {
    {"saturate", NULL, "give what does not fit the nearest value of the type, and NaN 0 in an integer",
     CANON_OPTION_FLAG, 0},
};

static const canon_shorthand shorthands[] = {{"half", "f16"}};

static const canon_transform transform = {
    .struct_size = sizeof(canon_transform),
    .flags = CANON_TRANSFORM_IN_PLACE,
    .name = "cast",
    .argument = "DTYPE",
    .summary = "convert elements to another dtype, rounded once",
    .variants = variants,
    .n_variants = sizeof variants / sizeof variants[0],
    .variant_size = sizeof variants[0],
    .options = options,
    .n_options = sizeof options / sizeof options[0],
    .option_size = sizeof options[0],
    .shorthands = shorthands,
    .n_shorthands = sizeof shorthands / sizeof shorthands[0],
    .shorthand_size = sizeof shorthands[0],
    .open = cast_open,
    .plan = cast_plan,
    .map = cast_map,
    .close = cast_close,
};

static const canon_facet facets[] = {{CANON_TRANSFORM_FACET, &transform}};

static const canon_plugin plugin = {
    .struct_size = sizeof(canon_plugin),
    .abi_major = CANON_ABI_MAJOR,
    .abi_minor = CANON_ABI_MINOR,
    .id = "canon.cast",
    .version = "0.1.0",
    .license = "MIT",
    .summary = "elements to another dtype, rounded once",
    .facets = facets,
    .n_facets = sizeof facets / sizeof facets[0],
    .facet_size = sizeof facets[0],
};

CANON_PLUGIN_ENTRY(&plugin)
