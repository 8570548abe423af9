/* SPDX-License-Identifier: MIT
 * composite.c: sparse and quantized tensors as small trees of plain ones. What the parts say about each other is
 * checked here; the values of indices are checked when they are read (read.c). */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

static pickle_value *new_str(canon_job *job, pt_reader *reader, const char *text) {
  pickle_value *value = pickle_value_new(job, &reader->pickle, PICKLE_STR, 0);
  if (!value) return NULL;
  value->as.text.bytes = (const uint8_t *)text;
  value->as.text.size = strlen(text);
  return value;
}

/* A dict of n parts under these names. */
static int32_t make_tree(canon_job *job, pt_reader *reader, const char *type, const char *const *names,
                         pickle_value *const *parts, uint32_t n, pt_item *item) {
  item->children = arena_alloc(job, &reader->pickle.memory, 2 * n * sizeof *item->children);
  if (!item->children) return canon_failed(job);
  for (uint32_t i = 0; i < n; i++) {
    item->children[2 * i] = new_str(job, reader, names[i]);
    item->children[2 * i + 1] = parts[i];
    if (!item->children[2 * i]) return canon_failed(job);
  }
  item->n_children = 2 * n;
  item->node.kind = CANON_NODE_DICT;
  item->node.type = type;
  return CANON_OK;
}

static int32_t set_attribute(canon_job *job, pt_reader *reader, const char *name, const char *text, pt_item *item) {
  canon_attribute *attribute = arena_alloc(job, &reader->pickle.memory, sizeof *attribute);
  if (!attribute) return canon_failed(job);
  *attribute = (canon_attribute){name, text};
  item->node.attributes = attribute;
  item->node.n_attributes = 1;
  item->node.attribute_size = sizeof *attribute;
  return CANON_OK;
}

/* Describes a part now and for good, so that bounds put on its tensor stay. */
static int32_t read_part(canon_job *job, pt_reader *reader, const pickle_value *whole, pickle_value *part,
                         pt_tensor **tensor) {
  const pt_class *class = pt_class_of(pickle_called(part));
  if (!class || class->describe != pt_describe_tensor)
    return pt_bad_arguments(job, reader, whole, "parts that are tensors");
  pt_item *item = arena_alloc(job, &reader->pickle.memory, sizeof *item);
  if (!item) return canon_failed(job);
  int32_t code = pt_describe(job, reader, part, item);
  if (code) return code;
  if (!item->tensor) return pt_bad_arguments(job, reader, whole, "parts that are plain tensors");
  part->as.call->meaning = item;
  *tensor = item->tensor;
  return CANON_OK;
}

/* One tensor of indices may serve several sparse tensors: the closest limit counts. */
static int32_t set_bounds(canon_job *job, pt_reader *reader, uint64_t position, pt_tensor *tensor, uint32_t kind,
                          const uint64_t *limits, uint64_t n) {
  if (tensor->dtype != CANON_I64 && tensor->dtype != CANON_I32)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, position, "a sparse tensor with indices of %s",
                       canon_dtype_name(tensor->dtype));
  if (tensor->bounds && tensor->bounds != kind)
    return pickle_fail(job, &reader->pickle, CANON_E_UNSUPPORTED, position,
                       "two sparse tensors that use one tensor of indices in two ways");
  uint64_t *kept = arena_alloc(job, &reader->pickle.memory, (n + 1) * sizeof *kept);
  if (!kept) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++) {
    if (tensor->bounds && kind == PT_BOUNDS_COMPRESSED && tensor->limits[i] != limits[i])
      return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, position,
                         "two sparse tensors of different sizes with one tensor of indices");
    kept[i] = tensor->bounds && tensor->limits[i] < limits[i] ? tensor->limits[i] : limits[i];
  }
  tensor->bounds = kind;
  tensor->limits = kept;
  return CANON_OK;
}

/* The parts of a sparse tensor. */
typedef struct sparse {
  uint64_t position;
  pt_tensor *first, *second, *values; /* COO: indices, NULL; else compressed, plain indices */
  uint64_t *size;
  uint32_t rank;
} sparse;

static int32_t misfit(canon_job *job, const pt_reader *reader, const sparse *in, const char *what) {
  return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, in->position, "a sparse tensor whose %s", what);
}

/* indices [n, nnz], values [nnz, ...], size of n dimensions and those of the values */
static int32_t check_coo(canon_job *job, pt_reader *reader, const sparse *in) {
  const pt_tensor *indices = in->first, *values = in->values;
  if (indices->rank != 2 || values->rank == 0 || indices->shape[1] != values->shape[0])
    return misfit(job, reader, in, "indices and values differ in number");
  if (indices->shape[0] + values->rank - 1 != in->rank)
    return misfit(job, reader, in, "size has other dimensions than its parts");
  for (uint32_t i = 1; i < values->rank; i++)
    if (values->shape[i] != in->size[indices->shape[0] + i - 1])
      return misfit(job, reader, in, "values do not have its size");
  return set_bounds(job, reader, in->position, in->first, PT_BOUNDS_ROWS, in->size, indices->shape[0]);
}

/* compressed [batch, rows / block + 1], plain [batch, nnz], values [batch, nnz, (block,) dense], size [batch, rows,
 * columns, dense]; rows and columns change places where columns are compressed */
static int32_t check_compressed(canon_job *job, pt_reader *reader, const sparse *in, int columns_first,
                                int is_blocked) {
  const pt_tensor *compressed = in->first, *plain = in->second, *values = in->values;
  uint32_t batch = compressed->rank - 1, block = is_blocked ? 2 : 0;
  if (compressed->rank == 0 || plain->rank != batch + 1 || values->rank < batch + 1 + block || in->rank < batch + 2 ||
      in->rank - batch - 2 != values->rank - batch - 1 - block)
    return misfit(job, reader, in, "size has other dimensions than its parts");
  for (uint32_t i = 0; i < batch; i++)
    if (compressed->shape[i] != in->size[i] || plain->shape[i] != in->size[i] || values->shape[i] != in->size[i])
      return misfit(job, reader, in, "parts come in different batches");
  for (uint32_t i = batch + 2; i < in->rank; i++)
    if (values->shape[i - 1 + block] != in->size[i]) return misfit(job, reader, in, "values do not have its size");
  uint64_t nnz = plain->shape[batch], counts[2];
  for (uint32_t i = 0; i < 2; i++) {
    uint64_t width = is_blocked ? values->shape[batch + 1 + i] : 1, extent = in->size[batch + i];
    if (width == 0 || extent % width != 0) return misfit(job, reader, in, "size is no whole number of blocks");
    counts[i] = extent / width;
  }
  if (values->shape[batch] != nnz) return misfit(job, reader, in, "indices and values differ in number");
  if (compressed->shape[batch] - 1 != counts[columns_first])
    return misfit(job, reader, in, "compressed indices are too few or too many");
  int32_t code = set_bounds(job, reader, in->position, in->first, PT_BOUNDS_COMPRESSED, &nnz, 1);
  return code ? code : set_bounds(job, reader, in->position, in->second, PT_BOUNDS_PLAIN, &counts[!columns_first], 1);
}

static const struct layout {
  const char *name;
  const char *parts[4];
  int columns_first, is_blocked;
} LAYOUTS[] = {
    {"torch.sparse_coo", {"indices", "values", "size", NULL}, 0, 0},
    {"torch.sparse_csr", {"crow_indices", "col_indices", "values", "size"}, 0, 0},
    {"torch.sparse_csc", {"ccol_indices", "row_indices", "values", "size"}, 1, 0},
    {"torch.sparse_bsr", {"crow_indices", "col_indices", "values", "size"}, 0, 1},
    {"torch.sparse_bsc", {"ccol_indices", "row_indices", "values", "size"}, 1, 1},
};

static const struct layout *find_layout(const pickle_value *value) {
  const pickle_class *class = pickle_called(value);
  if (!class || strcmp(class->name, "_get_layout") != 0 || value->as.call->arguments->as.items.n != 1) return NULL;
  for (uint64_t i = 0; i < sizeof LAYOUTS / sizeof *LAYOUTS; i++)
    if (pickle_is_str(value->as.call->arguments->as.items.at[0], LAYOUTS[i].name)) return &LAYOUTS[i];
  return NULL;
}

/* torch.Size((2, 3)) or the tuple itself */
static const pickle_value *size_tuple(const pickle_value *value) {
  const pickle_class *class = pickle_called(value);
  return class && strcmp(class->name, "Size") == 0 && value->as.call->arguments->as.items.n == 1
             ? value->as.call->arguments->as.items.at[0]
             : value;
}

/* (layout, (indices, values, size [, is_coalesced])) or (layout, (compressed, plain, values, size)) */
int32_t pt_describe_sparse(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *arguments = value->as.call->arguments;
  uint32_t n = arguments->as.items.n;
  const pickle_value *parts =
      n == 2 && arguments->as.items.at[1]->kind == PICKLE_TUPLE ? arguments->as.items.at[1] : NULL;
  const struct layout *layout = parts ? find_layout(arguments->as.items.at[0]) : NULL;
  if (!layout) return pt_bad_arguments(job, reader, value, "a sparse layout and a tuple");
  uint32_t n_parts = layout->parts[3] ? 4 : 3;
  pickle_value **at = parts->as.items.at;
  if (parts->as.items.n != n_parts && !(n_parts == 3 && parts->as.items.n == 4 && at[3]->kind == PICKLE_BOOL))
    return pt_bad_arguments(job, reader, value, "a sparse layout and its three or four parts");
  sparse in = {.position = value->position};
  int32_t code = read_part(job, reader, value, at[0], &in.first);
  if (!code && n_parts == 4) code = read_part(job, reader, value, at[1], &in.second);
  if (!code) code = read_part(job, reader, value, at[n_parts - 2], &in.values);
  if (!code) code = pt_read_shape(job, reader, size_tuple(at[n_parts - 1]), "sparse size", &in.size, &in.rank);
  if (!code)
    code = n_parts == 3 ? check_coo(job, reader, &in)
                        : check_compressed(job, reader, &in, layout->columns_first, layout->is_blocked);
  if (!code) code = make_tree(job, reader, layout->name, layout->parts, at, n_parts, item);
  if (code || n_parts == 4 || parts->as.items.n == 3) return code;
  return set_attribute(job, reader, "is_coalesced", at[3]->as.number.bytes[0] ? "True" : "False", item);
}

/* A part that no call of the pickle stands for. */
static pickle_value *new_part(canon_job *job, pt_reader *reader, const pickle_value *whole, const pt_item *described) {
  pickle_value *value = pickle_value_new(job, &reader->pickle, PICKLE_OBJECT, whole->position);
  pickle_call *call = value ? arena_alloc(job, &reader->pickle.memory, sizeof *call) : NULL;
  pt_item *kept = call ? arena_alloc(job, &reader->pickle.memory, sizeof *kept) : NULL;
  if (!kept) return NULL;
  *kept = *described;
  *call = *whole->as.call;
  call->meaning = kept;
  value->as.call = call;
  return value;
}

static int32_t check_channels(canon_job *job, pt_reader *reader, const pickle_value *value, const pt_tensor *tensor,
                              pickle_value **quantizer) {
  pt_tensor *scales, *zero_points;
  int64_t axis;
  int32_t code = read_part(job, reader, value, quantizer[1], &scales);
  if (!code) code = read_part(job, reader, value, quantizer[2], &zero_points);
  if (code) return code;
  if (!pickle_to_i64(quantizer[3], &axis) || axis < 0 || (uint64_t)axis >= tensor->rank)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a quantized tensor of %" PRIu32 " dimensions without the axis that it names", tensor->rank);
  if (scales->rank != 1 || zero_points->rank != 1 || scales->shape[0] != tensor->shape[axis] ||
      zero_points->shape[0] != tensor->shape[axis])
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a quantized tensor of %" PRIu64 " channels with other numbers of scales or zero points",
                       tensor->shape[axis]);
  return CANON_OK;
}

static const char *quantized_name(uint32_t dtype) {
  return dtype == CANON_U8 ? "torch.quint8" : dtype == CANON_I8 ? "torch.qint8" : "torch.qint32";
}

/* (storage, offset, size, stride, quantizer, requires_grad, hooks);
 * quantizer: (scheme, scale, zero_point) or (scheme, scales, zero_points, axis) */
int32_t pt_describe_quantized(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  static const char *const NAMES[] = {"int_repr", "scale", "zero_point", "axis"};
  const pickle_value *arguments = value->as.call->arguments;
  const pickle_value *quantizer =
      arguments->as.items.n == 7 && arguments->as.items.at[4]->kind == PICKLE_TUPLE ? arguments->as.items.at[4] : NULL;
  uint32_t n = quantizer ? quantizer->as.items.n : 0;
  const pt_class *scheme = n ? pt_global(quantizer->as.items.at[0]) : NULL;
  if (!scheme || !(scheme->detail & PT_IS_SCHEME))
    return pt_bad_arguments(job, reader, value, "a storage, an int, two tuples and a quantizer");
  pickle_value **at = quantizer->as.items.at;
  int is_per_channel = strstr(scheme->pickle.name, "per_channel") != NULL;
  if (n != (is_per_channel ? 4u : 3u) ||
      (!is_per_channel && (at[1]->kind != PICKLE_FLOAT || at[2]->kind != PICKLE_INT)))
    return pt_bad_arguments(job, reader, value, "a quantizer with its scale and zero point");
  pt_item whole = {.node = {.storage = CANON_NONE}};
  pt_tensor *tensor = arena_alloc(job, &reader->pickle.memory, sizeof *tensor);
  if (!tensor) return canon_failed(job);
  int32_t code = pt_read_geometry(job, reader, arguments->as.items.at, tensor);
  if (code) return code;
  if (!(pt_class_of(tensor->storage->class)->detail & PT_IS_QUANTIZED))
    return pt_bad_arguments(job, reader, value, "a quantized storage");
  code = pt_tensor_finish(job, reader, value->position, tensor, &whole);
  if (!code && is_per_channel) code = check_channels(job, reader, value, tensor, at);
  if (code) return code;
  pickle_value *parts[4] = {new_part(job, reader, value, &whole), at[1], at[2], is_per_channel ? at[3] : NULL};
  if (!parts[0]) return canon_failed(job);
  code = make_tree(job, reader, quantized_name(tensor->dtype), NAMES, parts, n, item);
  return code ? code : set_attribute(job, reader, "qscheme", scheme->pickle.name, item);
}
