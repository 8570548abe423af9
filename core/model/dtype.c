/* SPDX-License-Identifier: MIT
 * dtype.c: the table of dtype names beside those that canon prints. */
#include "core/model/dtype.h"

#include <stddef.h>
#include <string.h>

#include <canon/abi.h>

struct spelling {
  const char *name;
  uint32_t dtype;
};

static const struct spelling spellings[] = {
    {"boolean", CANON_BOOL},
    {"uint8", CANON_U8},
    {"uint16", CANON_U16},
    {"uint32", CANON_U32},
    {"uint64", CANON_U64},
    {"int8", CANON_I8},
    {"int16", CANON_I16},
    {"short", CANON_I16},
    {"int32", CANON_I32},
    {"int64", CANON_I64},
    {"long", CANON_I64},
    {"float16", CANON_F16},
    {"fp16", CANON_F16},
    {"half", CANON_F16},
    {"bfloat16", CANON_BF16},
    {"float32", CANON_F32},
    {"fp32", CANON_F32},
    {"single", CANON_F32},
    {"float64", CANON_F64},
    {"fp64", CANON_F64},
    {"double", CANON_F64},
    {"complex32", CANON_C32},
    {"chalf", CANON_C32},
    {"complex64", CANON_C64},
    {"cfloat", CANON_C64},
    {"complex128", CANON_C128},
    {"cdouble", CANON_C128},
    {"bcomplex32", CANON_BC32},
    {"float8_e4m3fn", CANON_F8_E4M3FN},
    {"fp8_e4m3fn", CANON_F8_E4M3FN},
    {"f8_e4m3", CANON_F8_E4M3FN}, /* safetensors; float8_e4m3 is another type, which has infinities */
    {"float8_e5m2", CANON_F8_E5M2},
    {"fp8_e5m2", CANON_F8_E5M2},
    {"float8_e4m3fnuz", CANON_F8_E4M3FNUZ},
    {"fp8_e4m3fnuz", CANON_F8_E4M3FNUZ},
    {"float8_e5m2fnuz", CANON_F8_E5M2FNUZ},
    {"fp8_e5m2fnuz", CANON_F8_E5M2FNUZ},
    {"float8_e8m0fnu", CANON_F8_E8M0FNU},
    {"fp8_e8m0fnu", CANON_F8_E8M0FNU},
    {"f8_e8m0", CANON_F8_E8M0FNU},
    {"float4_e2m1fn_x2", CANON_F4_E2M1FN_X2},
    {"torch.float", CANON_F32},
    {"torch.int", CANON_I32},
    {"torch.char", CANON_I8},
    {"torch.byte", CANON_U8},
};

static const char *const prefixes[] = {"torch.", "numpy."};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

/* Whether text starts with this lower-case word; in every locale. Gives what follows, or NULL. */
static const char *after(const char *word, const char *text) {
  while (*word && *word == lower(*text)) word++, text++;
  return *word ? NULL : text;
}

static int same(const char *word, const char *text) {
  const char *rest = after(word, text);
  return rest && *rest == 0;
}

static uint32_t find(const char *text) {
  for (size_t i = 0; i < COUNT(spellings); i++) {
    if (same(spellings[i].name, text)) return spellings[i].dtype;
  }
  for (uint32_t dtype = 1; dtype < CANON_DTYPE_END; dtype++) {
    if (same(canon_dtype_name(dtype), text)) return dtype;
  }
  return 0;
}

uint32_t canon_dtype_parse(const char *text) {
  uint32_t dtype = find(text);
  for (size_t i = 0; i < COUNT(prefixes) && !dtype; i++) {
    const char *rest = after(prefixes[i], text);
    if (rest && !strchr(rest, '.')) dtype = find(rest);
  }
  return dtype;
}
