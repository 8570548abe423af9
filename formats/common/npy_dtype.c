/* SPDX-License-Identifier: MIT
 * npy_dtype.c: NumPy's descr against canon's dtypes, in both directions, in one table.
 * A descr is an order (< > = |), a kind and the bytes of an element: "<f4". NumPy's extension ml_dtypes stores bfloat16
 * and 8-bit floats as raw bytes that do not say what they are, so these need the user's word: --ml-dtype. */
#include <string.h>

#include "formats/common/npy_header.h"

typedef struct pairing {
  uint32_t dtype;
  char order; /* as written */
  char kind;
  uint8_t bytes;
  const char *ml_name; /* of ml_dtypes; NULL: NumPy's own */
} pairing;

static const pairing PAIRINGS[] = {
    {CANON_BOOL, '|', 'b', 1, NULL},
    {CANON_U8, '|', 'u', 1, NULL},
    {CANON_U16, '<', 'u', 2, NULL},
    {CANON_U32, '<', 'u', 4, NULL},
    {CANON_U64, '<', 'u', 8, NULL},
    {CANON_I8, '|', 'i', 1, NULL},
    {CANON_I16, '<', 'i', 2, NULL},
    {CANON_I32, '<', 'i', 4, NULL},
    {CANON_I64, '<', 'i', 8, NULL},
    {CANON_F16, '<', 'f', 2, NULL},
    {CANON_F32, '<', 'f', 4, NULL},
    {CANON_F64, '<', 'f', 8, NULL},
    {CANON_C64, '<', 'c', 8, NULL},
    {CANON_C128, '<', 'c', 16, NULL},
    {CANON_BF16, '<', 'V', 2, "bfloat16"},
    {CANON_F8_E4M3FN, '<', 'V', 1, "float8_e4m3fn"},
    {CANON_F8_E5M2, '<', 'f', 1, "float8_e5m2"},
    {CANON_F8_E4M3FNUZ, '<', 'V', 1, "float8_e4m3fnuz"},
    {CANON_F8_E5M2FNUZ, '<', 'V', 1, "float8_e5m2fnuz"},
    {CANON_F8_E8M0FNU, '<', 'V', 1, "float8_e8m0fnu"},
};
#define N_PAIRINGS (sizeof PAIRINGS / sizeof PAIRINGS[0])

/* What NumPy has and a tensor cannot be. */
static const struct {
  char kind;
  int32_t code;
  const char *what;
} REFUSED[] = {
    {'O', CANON_E_UNSAFE, "Python objects, stored as a pickle, which could run code; save their numbers as arrays"},
    {'S', CANON_E_UNSUPPORTED, "byte strings, which are no tensor"},
    {'a', CANON_E_UNSUPPORTED, "byte strings, which are no tensor"},
    {'U', CANON_E_UNSUPPORTED, "text strings, which are no tensor"},
    {'M', CANON_E_UNSUPPORTED, "datetime64; save them as integers: array.view('i8')"},
    {'m', CANON_E_UNSUPPORTED, "timedelta64; save them as integers: array.view('i8')"},
    {'V', CANON_E_UNSUPPORTED, "void, bytes without a dtype"},
};

/* The pairing that --ml-dtype names, by canon's name or ml_dtypes'; *chosen NULL where the option is not given. */
static int32_t ml_choice(canon_job *job, const canon_instance *instance, const pairing **chosen) {
  const canon_value *option = job->host->param(job, instance, "ml-dtype");
  *chosen = NULL;
  if (!option) return CANON_OK;
  for (uint32_t i = 0; i < N_PAIRINGS; i++)
    if (PAIRINGS[i].ml_name &&
        (!strcmp(option->text, PAIRINGS[i].ml_name) || !strcmp(option->text, canon_dtype_name(PAIRINGS[i].dtype)))) {
      *chosen = &PAIRINGS[i];
      return CANON_OK;
    }
  return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                    "--ml-dtype %s is none of bf16, f8_e4m3fn, f8_e5m2, f8_e4m3fnuz, f8_e5m2fnuz, f8_e8m0fnu",
                    option->text);
}

/* "<f4" as '<', 'f', 4; '=' where no order is given. Returns 0 for any other form. */
static int split(const char *text, uint64_t size, char *order, char *kind, uint64_t *bytes) {
  uint64_t at = 0;
  *order = size && strchr("<>=|", text[0]) && text[0] ? text[at++] : '=';
  if (at == size) return 0;
  *kind = text[at++];
  uint64_t digits = at;
  for (*bytes = 0; at < size && text[at] >= '0' && text[at] <= '9'; at++) {
    if (*bytes > 99999999) return 0;
    *bytes = *bytes * 10 + (uint64_t)(text[at] - '0');
  }
  if (at - digits > 1 && text[digits] == '0') return 0;
  if ((*kind == 'M' || *kind == 'm') && at < size && text[at] == '[') return text[size - 1] == ']';
  return at == size;
}

static int32_t refuse(canon_job *job, const npy_bytes *array, const char *text, uint64_t size, uint64_t at, char kind,
                      uint64_t bytes) {
  int length = (int)(size < 64 ? size : 64);
  if ((kind == 'f' && (bytes == 12 || bytes == 16)) || (kind == 'c' && (bytes == 24 || bytes == 32)))
    return npy_fail(job, array, CANON_E_UNSUPPORTED, at,
                    "descr '%.*s' is long double, which differs from machine to machine; save it as '<%c%" PRIu64 "'",
                    length, text, kind, bytes > 16 ? UINT64_C(16) : UINT64_C(8));
  for (uint32_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
    if (REFUSED[i].kind == kind)
      return npy_fail(job, array, REFUSED[i].code, at, "descr '%.*s' is %s", length, text, REFUSED[i].what);
  return npy_fail(job, array, CANON_E_UNSUPPORTED, at, "descr '%.*s' is no dtype as numpy.save writes it ('<f4')",
                  length, text);
}

/* Bytes that stand for themselves and that no tensor can hold; what would have to be run is none of these. */
static int take_opaque(const npy_bytes *array, const char *text, uint64_t size, char kind, uint64_t bytes,
                       npy_header *header) {
  int known = 0, printable = 1;
  for (uint32_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++)
    known |= REFUSED[i].kind == kind && REFUSED[i].code == CANON_E_UNSUPPORTED;
  for (uint64_t i = 0; i < size; i++) printable &= text[i] > ' ' && text[i] < 0x7f;
  if (!array->takes_opaque || !known || !printable || size >= NPY_OPAQUE_BYTES) return 0;
  memcpy(header->opaque, text, size);
  header->opaque_size = kind == 'U' ? 4 * bytes : bytes;
  return 1;
}

/* The user's word for raw bytes of this kind, or a message that asks for it. */
static int32_t read_ml(canon_job *job, const canon_instance *instance, const npy_bytes *array, const char *descr,
                       uint64_t at, char kind, uint64_t bytes, uint32_t *dtype) {
  const pairing *chosen;
  int32_t code = ml_choice(job, instance, &chosen);
  if (code) return code;
  const char *example = bytes == 2 ? "bf16" : kind == 'f' ? "f8_e5m2" : "f8_e4m3fn (or another f8)";
  if (!chosen)
    return npy_fail(job, array, CANON_E_UNSUPPORTED, at,
                    "descr '%s' does not say what its elements are; if ml_dtypes wrote them, say it: --ml-dtype %s",
                    descr, example);
  if (chosen->bytes != bytes)
    return npy_fail(job, array, CANON_E_USAGE, at,
                    "descr '%s' has %" PRIu64 " bytes an element, --ml-dtype %s needs %u", descr, bytes,
                    canon_dtype_name(chosen->dtype), chosen->bytes);
  *dtype = chosen->dtype;
  return CANON_OK;
}

int32_t npy_descr_read(canon_job *job, const canon_instance *instance, const npy_bytes *array, const char *text,
                       uint64_t size, uint64_t at, npy_header *header) {
  char order, kind;
  uint64_t bytes;
  if (!split(text, size, &order, &kind, &bytes)) return refuse(job, array, text, size, at, 0, 0);
  uint32_t i = 0;
  while (i < N_PAIRINGS && (PAIRINGS[i].kind != kind || PAIRINGS[i].bytes != bytes)) i++;
  if (i == N_PAIRINGS && take_opaque(array, text, size, kind, bytes, header)) return CANON_OK;
  if (i == N_PAIRINGS) return refuse(job, array, text, size, at, kind, bytes);

  memcpy(header->descr, text, size); /* at most an order, a kind and "16" */
  header->dtype = PAIRINGS[i].dtype;
  header->big_endian = order == '>';
  if (PAIRINGS[i].ml_name) {
    int32_t code = read_ml(job, instance, array, header->descr, at, kind, bytes, &header->dtype);
    if (code) return code;
  }
  if ((order == '=' || order == '|') && bytes > 1)
    canon_log(job, CANON_LOG_NOTE, "descr '%s' does not say its byte order: taken as little-endian", header->descr);
  return CANON_OK;
}

/* "|O", "O", "O8" */
static int is_object(const char *text, uint64_t size) {
  uint64_t at = size && strchr("<>=|", text[0]) && text[0] ? 1 : 0;
  if (at == size || text[at] != 'O') return 0;
  for (at++; at < size; at++)
    if (text[at] < '0' || text[at] > '9') return 0;
  return 1;
}

/* Looks for an object field up to the closing bracket. A field is ('name', 'type', ...): a type follows a comma. */
static int holds_objects(const char *text, uint64_t size) {
  uint64_t depth = 0;
  char before = ',';
  for (uint64_t at = 0; at < size; at++) {
    char c = text[at];
    if (c == '\'' || c == '"') {
      uint64_t begin = ++at;
      while (at < size && text[at] != c) at++;
      int type = before == ',' || (depth == 1 && text[0] == '(');
      if (type && is_object(text + begin, at - begin)) return 1;
    } else if (c == '(' || c == '[') {
      depth++;
    } else if ((c == ')' || c == ']') && --depth == 0) {
      return 0;
    }
    if (c != ' ') before = c;
  }
  return 0;
}

int32_t npy_descr_refuse_composite(canon_job *job, const npy_bytes *array, const char *text, uint64_t size,
                                   uint64_t at) {
  if (holds_objects(text, size))
    return npy_fail(job, array, CANON_E_UNSAFE, at,
                    "descr has a field of Python objects, stored as a pickle, which could run code; "
                    "save its numbers as arrays");
  if (text[0] == '(')
    return npy_fail(job, array, CANON_E_UNSUPPORTED, at,
                    "descr is a subarray dtype; save the array with a plain dtype");
  return npy_fail(job, array, CANON_E_UNSUPPORTED, at,
                  "descr is a structured dtype, several fields an element; save each field as an array of its own");
}

int32_t npy_descr_write(canon_job *job, const canon_instance *instance, const char *where, uint32_t dtype,
                        char descr[NPY_DESCR_BYTES]) {
  const pairing *chosen;
  int32_t code = ml_choice(job, instance, &chosen);
  if (code) return code;
  uint32_t i = 0;
  while (i < N_PAIRINGS && PAIRINGS[i].dtype != dtype) i++;
  const char *name = canon_dtype_name(dtype) ? canon_dtype_name(dtype) : "without a name";
  if (i == N_PAIRINGS)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%sNumPy has no dtype for %s; choose another format", where,
                      name);
  const pairing *found = &PAIRINGS[i];
  if (found->ml_name && !chosen)
    return canon_fail(
        job, CANON_E_UNSUPPORTED, CANON_NONE,
        "%sNumPy has no dtype for %s; choose another format, --cast f32, or --ml-dtype %s for readers that "
        "have ml_dtypes",
        where, name, name);
  if (found->ml_name && chosen != found)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%sthe tensor is %s, not the %s of --ml-dtype", where, name,
                      canon_dtype_name(chosen->dtype));
  snprintf(descr, NPY_DESCR_BYTES, "%c%c%u", found->order, found->kind, found->bytes);
  return CANON_OK;
}
