/* SPDX-License-Identifier: MIT
 * dtype.c: dtypes of safetensors and of canon, in one table. */
#include <string.h>

#include "formats/safetensors/safetensors.h"

/* In the library's order, by which it sorts tensors, the last first. It has F4, F6_E2M3 and F6_E3M2 too, whose elements
 * are no whole bytes. */
static const struct {
  uint32_t dtype;
  const char *name;
} DTYPES[] = {
    {CANON_BOOL, "BOOL"},
    {CANON_U8, "U8"},
    {CANON_I8, "I8"},
    {CANON_F8_E5M2, "F8_E5M2"},
    {CANON_F8_E4M3FN, "F8_E4M3"},
    {CANON_F8_E8M0FNU, "F8_E8M0"},
    {CANON_F8_E4M3FNUZ, "F8_E4M3FNUZ"},
    {CANON_F8_E5M2FNUZ, "F8_E5M2FNUZ"},
    {CANON_I16, "I16"},
    {CANON_U16, "U16"},
    {CANON_F16, "F16"},
    {CANON_BF16, "BF16"},
    {CANON_I32, "I32"},
    {CANON_U32, "U32"},
    {CANON_F32, "F32"},
    {CANON_C64, "C64"},
    {CANON_F64, "F64"},
    {CANON_I64, "I64"},
    {CANON_U64, "U64"},
};
enum { N_DTYPES = sizeof DTYPES / sizeof DTYPES[0] };

uint32_t safetensors_dtype_find(const char *name, uint64_t size) {
  for (uint32_t i = 0; i < N_DTYPES; i++)
    if (strlen(DTYPES[i].name) == size && memcmp(DTYPES[i].name, name, size) == 0) return DTYPES[i].dtype;
  return 0;
}

uint32_t safetensors_dtype_rank(uint32_t dtype) {
  uint32_t i = 0;
  while (i < N_DTYPES && DTYPES[i].dtype != dtype) i++;
  return i;
}

const char *safetensors_dtype_name(uint32_t dtype) {
  uint32_t i = safetensors_dtype_rank(dtype);
  return i < N_DTYPES ? DTYPES[i].name : NULL;
}
