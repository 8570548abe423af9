/* SPDX-License-Identifier: MIT
 * dtype.c: canon's dtypes as msgpack-numpy and flax spell them, in one table.
 * A descr is an order (< > = |), a kind and the bytes of an element: "<f4". flax writes NumPy's name of a dtype, which
 * does not tell the byte order: what it made of a big-endian array cannot be told from a little-endian one. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

static const struct {
  uint32_t dtype;
  const char *descr; /* as written, or NULL: only ml_dtypes has it, and its descr does not say which it is */
  const char *name;
} SPELLINGS[] = {
    {CANON_BOOL, "|b1", "bool"},
    {CANON_U8, "|u1", "uint8"},
    {CANON_U16, "<u2", "uint16"},
    {CANON_U32, "<u4", "uint32"},
    {CANON_U64, "<u8", "uint64"},
    {CANON_I8, "|i1", "int8"},
    {CANON_I16, "<i2", "int16"},
    {CANON_I32, "<i4", "int32"},
    {CANON_I64, "<i8", "int64"},
    {CANON_F16, "<f2", "float16"},
    {CANON_F32, "<f4", "float32"},
    {CANON_F64, "<f8", "float64"},
    {CANON_C64, "<c8", "complex64"},
    {CANON_C128, "<c16", "complex128"},
    {CANON_BF16, NULL, "bfloat16"},
    {CANON_F8_E4M3FN, NULL, "float8_e4m3fn"},
    {CANON_F8_E5M2, NULL, "float8_e5m2"},
    {CANON_F8_E4M3FNUZ, NULL, "float8_e4m3fnuz"},
    {CANON_F8_E5M2FNUZ, NULL, "float8_e5m2fnuz"},
    {CANON_F8_E8M0FNU, NULL, "float8_e8m0fnu"},
};
enum { N_SPELLINGS = sizeof SPELLINGS / sizeof SPELLINGS[0] };

/* What NumPy has and a tensor cannot be, by the kind of a descr or how a name begins. */
static const struct {
  char kind;
  const char *name;
  int32_t code;
  const char *what;
} REFUSED[] = {
    {'O', "object", CANON_E_UNSAFE,
     "Python objects, stored as a pickle, which could run code; save their numbers as arrays"},
    {'S', "bytes", CANON_E_UNSUPPORTED, "byte strings, which are no tensor; leave them out, or save them as lists"},
    {'U', "str", CANON_E_UNSUPPORTED, "text strings, which are no tensor; leave them out, or save them as lists"},
    {'M', "datetime64", CANON_E_UNSUPPORTED, "dates; save them as integers: array.view('i8')"},
    {'m', "timedelta64", CANON_E_UNSUPPORTED, "time spans; save them as integers: array.view('i8')"},
    {'V', "void", CANON_E_UNSUPPORTED, "bytes without a dtype; save them as uint8, or bfloat16 and its kin with flax"},
    {'?', "longdouble", CANON_E_UNSUPPORTED, "long double, which differs from machine to machine; save it as float64"},
    {'?', "float128", CANON_E_UNSUPPORTED, "long double, which differs from machine to machine; save it as float64"},
    {'?', "complex256", CANON_E_UNSUPPORTED,
     "long double, which differs from machine to machine; save it as complex128"},
};
enum { N_REFUSED = sizeof REFUSED / sizeof REFUSED[0] };

const char *msgpack_descr_of(uint32_t dtype) {
  for (uint32_t i = 0; i < N_SPELLINGS; i++)
    if (SPELLINGS[i].dtype == dtype) return SPELLINGS[i].descr;
  return NULL;
}

const char *msgpack_name_of(uint32_t dtype) {
  for (uint32_t i = 0; i < N_SPELLINGS; i++)
    if (SPELLINGS[i].dtype == dtype) return SPELLINGS[i].name;
  return NULL;
}

static int32_t take_text(msgpack_window *window, const msgpack_token *token, char text[MSGPACK_DTYPE_TEXT]) {
  if (token->size >= MSGPACK_DTYPE_TEXT || !token->size)
    return msgpack_refuse(window, CANON_E_MALFORMED, token->offset, "a dtype of %" PRIu64 " bytes is none of NumPy's",
                          token->size);
  int32_t code = msgpack_window_copy(window, token->body, text, token->size);
  text[token->size] = '\0';
  if (!code && memchr(text, '\0', token->size))
    code = msgpack_refuse(window, CANON_E_MALFORMED, token->offset, "a dtype with a NUL byte is none of NumPy's");
  return code;
}

/* Unknown to the table. i: a line of REFUSED, or N_REFUSED. */
static int32_t refuse_dtype(msgpack_window *window, const msgpack_token *token, const char *text, uint32_t i) {
  if (i < N_REFUSED)
    return msgpack_refuse(window, REFUSED[i].code, token->offset, "the dtype '%s' is %s", text, REFUSED[i].what);
  return msgpack_refuse(window, CANON_E_UNSUPPORTED, token->offset,
                        "the dtype '%s' is none that a tensor can have; save the array with a plain one", text);
}

static int is_long_double(const char *text) {
  return !strcmp(text, "f16") || !strcmp(text, "f12") || !strcmp(text, "c32") || !strcmp(text, "c24");
}

int32_t msgpack_descr_read(msgpack_window *window, const msgpack_token *token, uint32_t *dtype, uint32_t *big_endian) {
  char text[MSGPACK_DTYPE_TEXT];
  int32_t code = take_text(window, token, text);
  if (code) return code;
  const char *plain = text + (strchr("<>=|", text[0]) != NULL);
  *big_endian = text[0] == '>';
  for (uint32_t i = 0; i < N_SPELLINGS; i++) {
    if (!SPELLINGS[i].descr || strcmp(plain, SPELLINGS[i].descr + 1) != 0) continue;
    *dtype = SPELLINGS[i].dtype;
    return CANON_OK;
  }
  uint32_t i = 0;
  while (i < N_REFUSED && REFUSED[i].kind != plain[0]) i++;
  if (is_long_double(plain))
    for (i = 0; strcmp(REFUSED[i].name, "longdouble") != 0;) i++;
  return refuse_dtype(window, token, text, i);
}

int32_t msgpack_name_read(msgpack_window *window, const msgpack_token *token, uint32_t *dtype) {
  char text[MSGPACK_DTYPE_TEXT];
  int32_t code = take_text(window, token, text);
  if (code) return code;
  for (uint32_t i = 0; i < N_SPELLINGS; i++) {
    if (strcmp(text, SPELLINGS[i].name) != 0) continue;
    *dtype = SPELLINGS[i].dtype;
    return CANON_OK;
  }
  uint32_t i = 0;
  while (i < N_REFUSED && strncmp(text, REFUSED[i].name, strlen(REFUSED[i].name)) != 0) i++;
  return refuse_dtype(window, token, text, i);
}
