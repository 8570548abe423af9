/* SPDX-License-Identifier: MIT
 * numpy.c: numpy's arrays and scalars, which torch.save leaves inside data.pkl. Those of numbers become tensors over
 * the pickle's own bytes; strings, records and objects stay opaque. */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

/* A numpy dtype: what canon calls it, or 0 where canon has none, and its text for people. */
typedef struct numpy_dtype {
  uint32_t dtype;
  int big_endian;
  char text[32];
} numpy_dtype;

static const struct {
  const char *name;
  uint32_t dtype;
} DTYPES[] = {
    {"b1", CANON_BOOL}, {"u1", CANON_U8},  {"u2", CANON_U16}, {"u4", CANON_U32},   {"u8", CANON_U64},
    {"i1", CANON_I8},   {"i2", CANON_I16}, {"i4", CANON_I32}, {"i8", CANON_I64},   {"f2", CANON_F16},
    {"f4", CANON_F32},  {"f8", CANON_F64}, {"c8", CANON_C64}, {"c16", CANON_C128},
};

/* dtype('f4', False, True) with the state (version, byte order, None, None, None, ...) */
static int32_t read_dtype(canon_job *job, const pt_reader *reader, const pickle_value *value, numpy_dtype *out) {
  const pickle_class *class = pickle_called(value);
  char name[PICKLE_DESCRIPTION];
  *out = (numpy_dtype){.dtype = 0};
  if (!class || strcmp(class->module, "numpy") != 0 || strcmp(class->name, "dtype") != 0)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position, "%s where a numpy dtype must be",
                       pickle_describe(value, name));
  const pickle_value *arguments = value->as.call->arguments, *state = value->as.call->state, *code;
  if (arguments->as.items.n == 0) return pt_bad_arguments(job, reader, value, "a type code first");
  code = arguments->as.items.at[0];
  const pickle_value *order =
      state && state->kind == PICKLE_TUPLE && state->as.items.n >= 5 ? state->as.items.at[1] : NULL;
  int is_plain = !state || (order && order->kind == PICKLE_STR && order->as.text.size == 1);
  for (uint32_t i = 2; order && i < 5; i++) is_plain = is_plain && state->as.items.at[i]->kind == PICKLE_NONE;
  if (code->kind != PICKLE_STR || code->as.text.size > 16 || !is_plain) {
    snprintf(out->text, sizeof out->text, "structured");
    return CANON_OK;
  }
  out->big_endian = order && order->as.text.bytes[0] == '>';
  snprintf(out->text, sizeof out->text, "%c%.*s", order ? order->as.text.bytes[0] : '=', (int)code->as.text.size,
           (const char *)code->as.text.bytes);
  for (uint64_t i = 0; i < sizeof DTYPES / sizeof *DTYPES; i++)
    if (pickle_is_str(code, DTYPES[i].name)) out->dtype = DTYPES[i].dtype;
  return CANON_OK;
}

int32_t pt_describe_numpy_dtype(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  numpy_dtype dtype;
  int32_t code = read_dtype(job, reader, value, &dtype);
  if (code) return code;
  const char *text = arena_text(job, &reader->pickle.memory, dtype.text, strlen(dtype.text));
  return text ? pt_opaque(job, item, "numpy.dtype", text) : canon_failed(job);
}

/* Where bytes of the pickle lie in the source. */
static uint64_t place_in_source(const pickle *p, const uint8_t *bytes) {
  uintptr_t first = (uintptr_t)p->bytes, at = (uintptr_t)bytes;
  return p->origin != CANON_NONE && at >= first && at - first < p->size ? p->origin + (at - first) : CANON_NONE;
}

static int64_t *strides_of(canon_job *job, pt_reader *reader, const uint64_t *shape, uint32_t rank, int is_fortran) {
  int64_t *stride = arena_alloc(job, &reader->pickle.memory, (rank + 1) * sizeof *stride);
  uint64_t step = 1;
  for (uint32_t i = 0; stride && i < rank; i++) {
    uint32_t at = is_fortran ? i : rank - 1 - i;
    stride[at] = (int64_t)step;
    step *= shape[at]; /* wraps only where the geometry is refused */
  }
  return stride;
}

/* shape NULL: a scalar. */
static int32_t describe_array(canon_job *job, pt_reader *reader, pickle_value *value, const pickle_value *shape,
                              const pickle_value *dtype_value, int is_fortran, pickle_value *data, pt_item *item) {
  numpy_dtype dtype;
  int is_bytes;
  uint64_t *extents = NULL, elements, needed;
  pt_tensor *tensor = arena_alloc(job, &reader->pickle.memory, sizeof *tensor);
  if (!tensor) return canon_failed(job);
  int32_t code = read_dtype(job, reader, dtype_value, &dtype);
  if (!code && shape) code = pt_read_shape(job, reader, shape, "numpy shape", &extents, &tensor->rank);
  if (!code) code = pt_lower_bytes(job, reader, data, &is_bytes);
  if (code) return code;
  if (!dtype.dtype || !is_bytes) {
    const char *text = arena_text(job, &reader->pickle.memory, dtype.text, strlen(dtype.text));
    return text ? pt_opaque(job, item, shape ? "numpy.ndarray" : "numpy scalar", text) : canon_failed(job);
  }
  if (!canon_elements(extents, tensor->rank, &elements) ||
      !canon_mul(elements, canon_dtype_size(dtype.dtype), &needed) || needed != data->as.text.size)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a numpy array whose shape does not fit its %" PRIu64 " bytes of %s", data->as.text.size,
                       dtype.text);
  tensor->dtype = dtype.dtype;
  tensor->shape = extents;
  tensor->stride = strides_of(job, reader, extents, tensor->rank, is_fortran);
  tensor->storage = tensor->stride ? pt_storage_in_memory(job, reader, data->as.text.bytes, data->as.text.size,
                                                          place_in_source(&reader->pickle, data->as.text.bytes))
                                   : NULL;
  if (!tensor->storage) return canon_failed(job);
  tensor->storage->big_endian = (uint32_t)dtype.big_endian;
  item->node.flags = CANON_NODE_NUMPY;
  return pt_tensor_finish(job, reader, value->position, tensor, item);
}

/* _reconstruct(class, (0,), b'b') with the state (1, shape, dtype, is_fortran, data) */
static int32_t describe_reconstructed(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *arguments = value->as.call->arguments, *state = value->as.call->state;
  if (arguments->as.items.n != 3 || arguments->as.items.at[0]->kind != PICKLE_GLOBAL)
    return pt_bad_arguments(job, reader, value, "a class, a shape and a type code");
  const char *class = arguments->as.items.at[0]->as.global->text;
  if (strcmp(class, "numpy.ndarray") != 0) return pt_opaque(job, item, class, NULL);
  if (!state || state->kind != PICKLE_TUPLE || state->as.items.n != 5 || state->as.items.at[3]->kind != PICKLE_BOOL)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a numpy array without a state (version, shape, dtype, order, data)");
  pickle_value **at = state->as.items.at;
  return describe_array(job, reader, value, at[1], at[2], at[3]->as.number.bytes[0], at[4], item);
}

int32_t pt_describe_numpy(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *arguments = value->as.call->arguments;
  pickle_value **at = arguments->as.items.at;
  switch (PT_DETAIL(pt_class_of(pickle_called(value))->detail)) {
    case PT_NUMPY_RECONSTRUCT: return describe_reconstructed(job, reader, value, item);
    case PT_NUMPY_FROMBUFFER: /* (buffer, dtype, shape, order) */
      if (arguments->as.items.n != 4 || at[3]->kind != PICKLE_STR)
        return pt_bad_arguments(job, reader, value, "bytes, a dtype, a shape and an order");
      return describe_array(job, reader, value, at[2], at[1], pickle_is_str(at[3], "F"), at[0], item);
    default: /* scalar(dtype, bytes) */
      if (arguments->as.items.n != 2) return pt_bad_arguments(job, reader, value, "a dtype and bytes");
      return describe_array(job, reader, value, NULL, at[0], 0, at[1], item);
  }
}
