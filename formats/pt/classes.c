/* SPDX-License-Identifier: MIT
 * classes.c: the names that mean something in a torch pickle. What is not here becomes an opaque node named after it;
 * to teach canon a class, add a row and the function that describes what calling it gives. */
#include <string.h>

#include "formats/pt/pt.h"

#define CLASS (PICKLE_CALL | PICKLE_NEW)
#define ROW(module, name, uses, describe, detail) \
  { {module, name, uses}, describe, 0, detail }

static const pt_class CLASSES[] = {
    ROW("torch._utils", "_rebuild_tensor", PICKLE_CALL, pt_describe_tensor, PT_REBUILD),
    ROW("torch._utils", "_rebuild_tensor_v2", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_V2),
    ROW("torch._utils", "_rebuild_tensor_v3", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_V3),
    ROW("torch._utils", "_rebuild_parameter", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_PARAMETER),
    ROW("torch._utils", "_rebuild_parameter_with_state", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_WITH_STATE),
    ROW("torch._tensor", "_rebuild_from_type", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_FROM_TYPE),
    ROW("torch._tensor", "_rebuild_from_type_v2", PICKLE_CALL, pt_describe_tensor, PT_REBUILD_FROM_TYPE),
    ROW("torch._utils", "_rebuild_sparse_tensor", PICKLE_CALL, pt_describe_sparse, 0),
    ROW("torch._utils", "_rebuild_sparse_csr_tensor", PICKLE_CALL, pt_describe_sparse, 0),
    ROW("torch._utils", "_rebuild_qtensor", PICKLE_CALL, pt_describe_quantized, 0),
    ROW("torch._utils", "_rebuild_meta_tensor_no_storage", PICKLE_CALL, NULL, 0),
    ROW("torch._utils", "_rebuild_nested_tensor", PICKLE_CALL, NULL, 0),
    ROW("torch._utils", "_rebuild_wrapper_subclass", PICKLE_CALL, NULL, 0),
    ROW("torch._utils", "_rebuild_device_tensor_from_numpy", PICKLE_CALL, NULL, 0),
    ROW("torch._utils", "_rebuild_device_tensor_from_cpu_tensor", PICKLE_CALL, NULL, 0),
    ROW("torch._utils", "_rebuild_xla_tensor", PICKLE_CALL, NULL, 0),
    ROW("torch", "Tensor", CLASS | PICKLE_STATE, NULL, PT_IS_TENSOR),
    ROW("torch.nn.parameter", "Parameter", CLASS | PICKLE_STATE, NULL, PT_IS_TENSOR),
    ROW("torch.nn.parameter", "Buffer", CLASS | PICKLE_STATE, NULL, PT_IS_TENSOR),
    ROW("torch", "Size", CLASS, pt_describe_size, 0),
    ROW("torch", "device", CLASS, pt_describe_printed, 0),
    ROW("torch.serialization", "_get_layout", PICKLE_CALL, pt_describe_printed, 0),
    ROW("torch", "per_tensor_affine", 0, NULL, PT_IS_SCHEME),
    ROW("torch", "per_tensor_symmetric", 0, NULL, PT_IS_SCHEME),
    ROW("torch", "per_channel_affine", 0, NULL, PT_IS_SCHEME),
    ROW("torch", "per_channel_symmetric", 0, NULL, PT_IS_SCHEME),
    ROW("torch", "per_channel_affine_float_qparams", 0, NULL, PT_IS_SCHEME),

    ROW("collections", "OrderedDict", CLASS | PICKLE_ENTRIES | PICKLE_STATE, pt_describe_mapping, 0),
    ROW("collections", "Counter", CLASS | PICKLE_ENTRIES | PICKLE_STATE, pt_describe_mapping, 0),
    ROW("collections", "defaultdict", CLASS | PICKLE_ENTRIES | PICKLE_STATE, pt_describe_mapping, 0),
    ROW("collections", "deque", CLASS | PICKLE_ITEMS | PICKLE_STATE, pt_describe_sequence, 0),
    ROW("_codecs", "encode", PICKLE_CALL, pt_describe_bytes, 0),
    ROW("builtins", "bytes", CLASS, pt_describe_bytes, 0),
    ROW("builtins", "bytearray", CLASS, pt_describe_bytes, 0),
    ROW("builtins", "set", CLASS | PICKLE_ITEMS, pt_describe_set, 0),
    ROW("builtins", "frozenset", CLASS, pt_describe_set, 0),
    ROW("builtins", "complex", CLASS, pt_describe_complex, 0),
    ROW("builtins", "range", CLASS, pt_describe_printed, 0),
    ROW("builtins", "slice", CLASS, pt_describe_printed, 0),
    ROW("__builtin__", "bytes", CLASS, pt_describe_bytes, 0),
    ROW("__builtin__", "bytearray", CLASS, pt_describe_bytes, 0),
    ROW("__builtin__", "set", CLASS | PICKLE_ITEMS, pt_describe_set, 0),
    ROW("__builtin__", "frozenset", CLASS, pt_describe_set, 0),
    ROW("__builtin__", "complex", CLASS, pt_describe_complex, 0),
    ROW("__builtin__", "xrange", CLASS, pt_describe_printed, 0),
    ROW("__builtin__", "slice", CLASS, pt_describe_printed, 0),
    ROW("copyreg", "_reconstructor", PICKLE_CALL | PICKLE_ITEMS | PICKLE_ENTRIES | PICKLE_STATE,
        pt_describe_reconstructed, 0),
    ROW("copy_reg", "_reconstructor", PICKLE_CALL | PICKLE_ITEMS | PICKLE_ENTRIES | PICKLE_STATE,
        pt_describe_reconstructed, 0),

    ROW("numpy", "ndarray", CLASS | PICKLE_STATE, NULL, 0),
    ROW("numpy", "dtype", CLASS | PICKLE_STATE, pt_describe_numpy_dtype, 0),
    ROW("numpy.core.multiarray", "_reconstruct", PICKLE_CALL | PICKLE_STATE, pt_describe_numpy, PT_NUMPY_RECONSTRUCT),
    ROW("numpy._core.multiarray", "_reconstruct", PICKLE_CALL | PICKLE_STATE, pt_describe_numpy, PT_NUMPY_RECONSTRUCT),
    ROW("numpy.core.numeric", "_frombuffer", PICKLE_CALL, pt_describe_numpy, PT_NUMPY_FROMBUFFER),
    ROW("numpy._core.numeric", "_frombuffer", PICKLE_CALL, pt_describe_numpy, PT_NUMPY_FROMBUFFER),
    ROW("numpy.core.multiarray", "scalar", PICKLE_CALL, pt_describe_numpy, PT_NUMPY_SCALAR),
    ROW("numpy._core.multiarray", "scalar", PICKLE_CALL, pt_describe_numpy, PT_NUMPY_SCALAR),
};

/* X(dtype of torch, code, storage class of torch): NULL where only torch.storage.UntypedStorage holds it. */
#define DTYPES(X)                                     \
  X("float32", CANON_F32, "FloatStorage")             \
  X("float64", CANON_F64, "DoubleStorage")            \
  X("float16", CANON_F16, "HalfStorage")              \
  X("bfloat16", CANON_BF16, "BFloat16Storage")        \
  X("int64", CANON_I64, "LongStorage")                \
  X("int32", CANON_I32, "IntStorage")                 \
  X("int16", CANON_I16, "ShortStorage")               \
  X("int8", CANON_I8, "CharStorage")                  \
  X("uint8", CANON_U8, "ByteStorage")                 \
  X("bool", CANON_BOOL, "BoolStorage")                \
  X("complex64", CANON_C64, "ComplexFloatStorage")    \
  X("complex128", CANON_C128, "ComplexDoubleStorage") \
  X("complex32", CANON_C32, NULL)                     \
  X("bcomplex32", CANON_BC32, NULL)                   \
  X("uint16", CANON_U16, NULL)                        \
  X("uint32", CANON_U32, NULL)                        \
  X("uint64", CANON_U64, NULL)                        \
  X("float8_e4m3fn", CANON_F8_E4M3FN, NULL)           \
  X("float8_e5m2", CANON_F8_E5M2, NULL)               \
  X("float8_e4m3fnuz", CANON_F8_E4M3FNUZ, NULL)       \
  X("float8_e5m2fnuz", CANON_F8_E5M2FNUZ, NULL)       \
  X("float8_e8m0fnu", CANON_F8_E8M0FNU, NULL)         \
  X("float4_e2m1fn_x2", CANON_F4_E2M1FN_X2, NULL)     \
  X("bits8", CANON_BITS8, NULL)                       \
  X("bits16", CANON_BITS16, NULL)                     \
  X("bits1x8", CANON_BITS1X8, NULL)                   \
  X("bits2x4", CANON_BITS2X4, NULL)                   \
  X("bits4x2", CANON_BITS4X2, NULL)

#define DTYPE_ROW(name, code, storage) {{"torch", name, 0}, NULL, code, PT_IS_DTYPE},
static const pt_class DTYPE_CLASSES[] = {DTYPES(DTYPE_ROW)};

/* Also as torch.cuda.FloatStorage, where very old files say so. */
#define STORAGE(name, code, flags) \
  { {"torch", name, 0}, NULL, code, PT_IS_STORAGE | (flags) }
static const pt_class STORAGE_CLASSES[] = {
    STORAGE("FloatStorage", CANON_F32, 0),
    STORAGE("DoubleStorage", CANON_F64, 0),
    STORAGE("HalfStorage", CANON_F16, 0),
    STORAGE("BFloat16Storage", CANON_BF16, 0),
    STORAGE("LongStorage", CANON_I64, 0),
    STORAGE("IntStorage", CANON_I32, 0),
    STORAGE("ShortStorage", CANON_I16, 0),
    STORAGE("CharStorage", CANON_I8, 0),
    STORAGE("ByteStorage", CANON_U8, 0),
    STORAGE("BoolStorage", CANON_BOOL, 0),
    STORAGE("ComplexFloatStorage", CANON_C64, 0),
    STORAGE("ComplexDoubleStorage", CANON_C128, 0),
    STORAGE("QInt8Storage", CANON_I8, PT_IS_QUANTIZED),
    STORAGE("QUInt8Storage", CANON_U8, PT_IS_QUANTIZED),
    STORAGE("QInt32Storage", CANON_I32, PT_IS_QUANTIZED),
    STORAGE("UntypedStorage", CANON_U8, 0),
    STORAGE("_UntypedStorage", CANON_U8, 0),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int equals(const char *text, uint64_t size, const char *word) {
  return strlen(word) == size && memcmp(text, word, size) == 0;
}

static const pickle_class *find_name(const pt_class *classes, uint64_t n, const char *name, uint64_t name_size) {
  for (uint64_t i = 0; i < n; i++)
    if (equals(name, name_size, classes[i].pickle.name)) return &classes[i].pickle;
  return NULL;
}

const pickle_class *pt_class_find(const char *module, uint64_t module_size, const char *name, uint64_t name_size) {
  for (uint64_t i = 0; i < COUNT(CLASSES); i++)
    if (equals(module, module_size, CLASSES[i].pickle.module) && equals(name, name_size, CLASSES[i].pickle.name))
      return &CLASSES[i].pickle;
  if (equals(module, module_size, "torch") || equals(module, module_size, "torch.cuda") ||
      equals(module, module_size, "torch.storage")) {
    const pickle_class *storage = find_name(STORAGE_CLASSES, COUNT(STORAGE_CLASSES), name, name_size);
    if (storage) return storage;
  }
  return equals(module, module_size, "torch") ? find_name(DTYPE_CLASSES, COUNT(DTYPE_CLASSES), name, name_size) : NULL;
}

const pt_class *pt_class_of(const pickle_class *known) { return (const pt_class *)(const void *)known; }

const pt_class *pt_global(const pickle_value *value) {
  return value->kind == PICKLE_GLOBAL ? pt_class_of(value->as.global->known) : NULL;
}

const char *pt_dtype_name(uint32_t dtype) {
#define DTYPE_NAME(name, code, storage) \
  if (dtype == code) return name;
  DTYPES(DTYPE_NAME)
  return NULL;
}

const char *pt_storage_name(uint32_t dtype) {
#define DTYPE_STORAGE(name, code, storage) \
  if (dtype == code) return storage;
  DTYPES(DTYPE_STORAGE)
  return NULL;
}
