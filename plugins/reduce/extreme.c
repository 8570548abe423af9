/* SPDX-License-Identifier: MIT
 * extreme.c: reduce min and max. Elements are compared as unsigned keys in whose order -0 is below +0; a NaN anywhere
 * wins over everything, as in numpy, and comes out as the canonical one. */
#include <string.h>

#include "plugins/reduce/reduce.h"

struct extreme {
  uint64_t key; /* the extreme so far, once seen */
  uint32_t seen, nan;
};

/* How a float type writes a NaN: every magnitude above `largest`, and `nan` is the canonical one. Those whose only NaN
 * is the sign bit alone have no -0. */
struct float_kind {
  uint32_t dtype, negative_zero_is_nan;
  uint64_t largest, nan;
};

static const struct float_kind float_kinds[] = {
    {CANON_F16, 0, 0x7c00, 0x7e00},         {CANON_BF16, 0, 0x7f80, 0x7fc0},
    {CANON_F32, 0, 0x7f800000, 0x7fc00000}, {CANON_F64, 0, UINT64_C(0x7ff0000000000000), UINT64_C(0x7ff8000000000000)},
    {CANON_F8_E4M3FN, 0, 0x7e, 0x7f},       {CANON_F8_E5M2, 0, 0x7c, 0x7e},
    {CANON_F8_E4M3FNUZ, 1, 0x7f, 0x80},     {CANON_F8_E5M2FNUZ, 1, 0x7f, 0x80},
    {CANON_F8_E8M0FNU, 0, 0xfe, 0xff}, /* no sign: its codes are in order as they are */
};

static const struct float_kind *float_kind(uint32_t dtype) {
  for (size_t i = 0; i < sizeof float_kinds / sizeof float_kinds[0]; i++)
    if (float_kinds[i].dtype == dtype) return &float_kinds[i];
  return NULL;
}

static uint64_t load(const char *at, uint64_t size) {
  uint8_t one;
  uint16_t two;
  uint32_t four;
  uint64_t eight;
  switch (size) {
    case 1: return memcpy(&one, at, 1), one;
    case 2: return memcpy(&two, at, 2), two;
    case 4: return memcpy(&four, at, 4), four;
    default: return memcpy(&eight, at, 8), eight;
  }
}

static void store(char *at, uint64_t size, uint64_t code) {
  uint8_t one = (uint8_t)code;
  uint16_t two = (uint16_t)code;
  uint32_t four = (uint32_t)code;
  switch (size) {
    case 1: memcpy(at, &one, 1); break;
    case 2: memcpy(at, &two, 2); break;
    case 4: memcpy(at, &four, 4); break;
    default: memcpy(at, &code, 8); break;
  }
}

static uint64_t extreme_state_bytes(const struct reduce *reduce, const canon_cut *whole) {
  uint32_t dtype = whole->in_dtype, kind = canon_dtype_kind(dtype);
  (void)reduce;
  if (kind == CANON_KIND_RAW || kind == CANON_KIND_COMPLEX || (kind == CANON_KIND_FLOAT && !float_kind(dtype)))
    return 0;
  return sizeof(struct extreme);
}

static void extreme_begin(const struct reduce *reduce, const canon_cut *whole, void *states, uint64_t n) {
  (void)reduce, (void)whole;
  memset(states, 0, n * sizeof(struct extreme));
}

static void take(struct extreme *into, const struct extreme *from, int largest) {
  into->nan |= from->nan;
  if (!from->seen) return;
  if (!into->seen || (largest ? from->key > into->key : from->key < into->key)) into->key = from->key;
  into->seen = 1;
}

/* One element: bool and unsigned as they are, signed with their sign turned, floats by sign and magnitude. */
static struct extreme element(uint32_t dtype, const struct float_kind *kind, uint64_t size, uint64_t code) {
  uint64_t sign = UINT64_C(1) << (8 * size - 1), mask = sign | (sign - 1);
  struct extreme one = {.key = code, .seen = 1};
  if (dtype == CANON_BOOL) one.key = code != 0;
  else if (canon_dtype_kind(dtype) == CANON_KIND_INT) one.key = code ^ sign;
  else if (dtype == CANON_F8_E8M0FNU) one.nan = code > kind->largest;
  else if (kind) {
    one.nan = kind->negative_zero_is_nan ? code == sign : (code & ~sign) > kind->largest;
    one.key = code & sign ? ~code & mask : code | sign;
  }
  return one;
}

static void extreme_add(const struct reduce *reduce, void *states, const canon_block *block) {
  uint32_t dtype = block->whole->in_dtype;
  const struct float_kind *kind = float_kind(dtype);
  uint64_t size = canon_dtype_size(dtype);
  const char *at = block->in;
  for (uint64_t outer = 0; outer < block->outer; outer++)
    for (uint64_t axis = 0; axis < block->axis; axis++)
      for (uint64_t inner = 0; inner < block->inner; inner++, at += size) {
        struct extreme one = element(dtype, kind, size, load(at, size));
        take((struct extreme *)states + outer * block->inner + inner, &one, reduce->operation == REDUCE_MAX);
      }
}

static void extreme_merge(const struct reduce *reduce, const canon_cut *whole, void *into, const void *from,
                          uint64_t n) {
  (void)whole;
  for (uint64_t i = 0; i < n; i++)
    take((struct extreme *)into + i, (const struct extreme *)from + i, reduce->operation == REDUCE_MAX);
}

/* Back from the key; a whole number at the 64 bits of its result, its sign with it. */
static uint64_t code_of(uint32_t dtype, const struct float_kind *kind, uint64_t size, const struct extreme *extreme) {
  uint64_t sign = UINT64_C(1) << (8 * size - 1), mask = sign | (sign - 1);
  if (extreme->nan) return kind->nan;
  if (canon_dtype_kind(dtype) == CANON_KIND_INT) return extreme->key - sign;
  if (!kind || dtype == CANON_F8_E8M0FNU) return extreme->key;
  return extreme->key & sign ? extreme->key ^ sign : ~extreme->key & mask;
}

static int32_t extreme_finish(const struct reduce *reduce, const void *states, const canon_block *result) {
  uint32_t dtype = result->whole->in_dtype;
  const struct float_kind *kind = float_kind(dtype);
  uint64_t in_size = canon_dtype_size(dtype), out_size = canon_dtype_size(result->whole->out_dtype);
  (void)reduce;
  for (uint64_t i = 0; i < result->outer * result->inner; i++)
    store((char *)result->out + i * out_size, out_size,
          code_of(dtype, kind, in_size, (const struct extreme *)states + i));
  return CANON_OK;
}

const struct reduce_kernel reduce_extreme = {
    CANON_EXACT, extreme_state_bytes, extreme_begin, extreme_add, extreme_merge, extreme_finish,
};
