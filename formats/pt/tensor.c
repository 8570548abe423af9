/* SPDX-License-Identifier: MIT
 * tensor.c: dense tensors out of the calls that rebuild them, and bare storages. The geometry is proven here, once:
 * whoever reads elements later stays inside the storage. */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"

int32_t pt_bad_arguments(canon_job *job, const pt_reader *reader, const pickle_value *value, const char *expected) {
  const pickle_value *arguments = value->as.call->arguments;
  char list[256] = "", name[PICKLE_DESCRIPTION];
  for (uint32_t i = 0, used = 0; i < arguments->as.items.n && i < 8 && used < sizeof list; i++)
    used += (uint32_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                               pickle_describe(arguments->as.items.at[i], name));
  return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position, "%.100s takes %s, not (%s)",
                     value->as.call->callable->as.global->text, expected, list);
}

int32_t pt_read_shape(canon_job *job, pt_reader *reader, const pickle_value *value, const char *what, uint64_t **shape,
                      uint32_t *rank) {
  char name[PICKLE_DESCRIPTION];
  if (value->kind != PICKLE_TUPLE)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position, "a tensor's %s is %s, not a tuple",
                       what, pickle_describe(value, name));
  if (value->as.items.n > CANON_MAX_RANK)
    return pickle_fail(job, &reader->pickle, CANON_E_LIMIT, value->position,
                       "a tensor with %" PRIu32 " dimensions; canon holds %d", value->as.items.n, CANON_MAX_RANK);
  *rank = value->as.items.n;
  *shape = arena_alloc(job, &reader->pickle.memory, *rank * sizeof **shape);
  if (!*shape) return canon_failed(job);
  for (uint32_t i = 0; i < *rank; i++) {
    const pickle_value *item = value->as.items.at[i];
    int64_t extent;
    if (!pickle_to_i64(item, &extent) || extent < 0)
      return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, item->position, "a tensor's %s holds %s", what,
                         item->kind == PICKLE_INT ? "a negative number" : pickle_describe(item, name));
    (*shape)[i] = (uint64_t)extent;
  }
  return CANON_OK;
}

/* C order without gaps? Dimensions of one element may have any stride. */
static int is_contiguous(const pt_tensor *tensor) {
  uint64_t expected = 1;
  for (uint32_t i = tensor->rank; i-- > 0;) {
    if (tensor->shape[i] != 1 && (uint64_t)tensor->stride[i] != expected) return 0;
    expected *= tensor->shape[i];
  }
  return 1;
}

/* The place of the last element, in elements of the storage. 0: it does not fit 64 bits. */
static int last_element(const pt_tensor *tensor, uint64_t *last) {
  *last = tensor->offset;
  for (uint32_t i = 0; i < tensor->rank; i++) {
    uint64_t reach;
    if (!canon_mul(tensor->shape[i] - 1, (uint64_t)tensor->stride[i], &reach) || !canon_add(*last, reach, last))
      return 0;
  }
  return 1;
}

static int32_t check_geometry(canon_job *job, const pt_reader *reader, uint64_t position, pt_tensor *tensor) {
  uint32_t size = canon_dtype_size(tensor->dtype);
  uint64_t held = tensor->storage->bytes / size, last, bytes;
  if (!canon_elements(tensor->shape, tensor->rank, &tensor->elements) || !canon_mul(tensor->elements, size, &bytes))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, position,
                       "a tensor with more elements than 64 bits count");
  if (tensor->elements == 0) {
    tensor->flags |= PT_CONTIGUOUS;
    return CANON_OK;
  }
  if (!last_element(tensor, &last))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, position, "a tensor whose strides lead beyond 64 bits");
  if (last >= held)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, position,
                       "a tensor reaches element %" PRIu64 " of a storage that holds %" PRIu64, last, held);
  if (is_contiguous(tensor)) tensor->flags |= PT_CONTIGUOUS;
  return CANON_OK;
}

int32_t pt_tensor_finish(canon_job *job, pt_reader *reader, uint64_t position, pt_tensor *tensor, pt_item *item) {
  int32_t code = check_geometry(job, reader, position, tensor);
  if (code) return code;
  const pt_storage *storage = tensor->storage;
  item->tensor = tensor;
  item->node.kind = CANON_NODE_TENSOR;
  item->node.dtype = tensor->dtype;
  item->node.rank = tensor->rank;
  item->node.shape = tensor->shape;
  item->node.stride = tensor->flags & PT_CONTIGUOUS ? NULL : tensor->stride;
  item->node.storage = storage->id;
  item->node.storage_bytes = storage->bytes;
  item->node.offset = CANON_NONE;
  if (tensor->elements && storage->start != CANON_NONE)
    item->node.offset = storage->start + tensor->offset * canon_dtype_size(tensor->dtype);
  return CANON_OK;
}

int32_t pt_describe_storage(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  pt_tensor *tensor = arena_alloc(job, &reader->pickle.memory, sizeof *tensor);
  uint64_t *shape = tensor ? arena_alloc(job, &reader->pickle.memory, sizeof *shape) : NULL;
  int64_t *stride = shape ? arena_alloc(job, &reader->pickle.memory, sizeof *stride) : NULL;
  if (!stride) return canon_failed(job);
  int32_t code = pt_storage_of(job, reader, value, &tensor->storage);
  if (code) return code;
  tensor->dtype = pt_class_of(tensor->storage->class)->dtype;
  tensor->rank = 1;
  shape[0] = tensor->storage->bytes / canon_dtype_size(tensor->dtype);
  stride[0] = 1;
  tensor->shape = shape;
  tensor->stride = stride;
  item->node.type = value->as.id->as.items.at[1]->as.global->text;
  return pt_tensor_finish(job, reader, value->position, tensor, item);
}

/* {'conj': True}, {'neg': True} */
static int32_t read_metadata(canon_job *job, const pt_reader *reader, const pickle_value *metadata, pt_tensor *tensor) {
  char name[PICKLE_DESCRIPTION];
  uint32_t kind = canon_dtype_kind(tensor->dtype);
  if (metadata->kind == PICKLE_NONE) return CANON_OK;
  if (metadata->kind != PICKLE_DICT)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, metadata->position, "a tensor's metadata is %s",
                       pickle_describe(metadata, name));
  for (uint32_t i = 0; i < metadata->as.items.n; i += 2) {
    const pickle_value *key = metadata->as.items.at[i], *value = metadata->as.items.at[i + 1];
    uint32_t flag = pickle_is_str(key, "conj") ? PT_CONJUGATE : pickle_is_str(key, "neg") ? PT_NEGATE : 0;
    int fits =
        flag == PT_CONJUGATE ? kind == CANON_KIND_COMPLEX : kind == CANON_KIND_COMPLEX || kind == CANON_KIND_FLOAT;
    if (value->kind == PICKLE_BOOL && !value->as.number.bytes[0]) continue;
    if (!flag || value->kind != PICKLE_BOOL || !fits)
      return pickle_fail(job, &reader->pickle, CANON_E_UNSUPPORTED, key->position,
                         "a tensor of %s with metadata %.*s, which canon does not know",
                         canon_dtype_name(tensor->dtype),
                         key->kind == PICKLE_STR && key->as.text.size < 40 ? (int)key->as.text.size : 0,
                         key->kind == PICKLE_STR ? (const char *)key->as.text.bytes : "");
    tensor->flags |= flag;
  }
  return CANON_OK;
}

int32_t pt_read_geometry(canon_job *job, pt_reader *reader, pickle_value **at, pt_tensor *tensor) {
  uint64_t *shape, *strides;
  uint32_t rank;
  int64_t offset;
  if (!pickle_to_i64(at[1], &offset) || offset < 0)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, at[1]->position,
                       "a tensor that does not start at an element of its storage");
  int32_t code = pt_storage_of(job, reader, at[0], &tensor->storage);
  if (!code) code = pt_read_shape(job, reader, at[2], "size", &shape, &tensor->rank);
  if (!code) code = pt_read_shape(job, reader, at[3], "stride", &strides, &rank);
  if (code) return code;
  if (rank != tensor->rank)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, at[2]->position,
                       "a tensor with %" PRIu32 " sizes and %" PRIu32 " strides", tensor->rank, rank);
  tensor->offset = (uint64_t)offset;
  tensor->shape = shape;
  tensor->stride = (const int64_t *)strides;
  tensor->dtype = pt_class_of(tensor->storage->class)->dtype;
  return CANON_OK;
}

/* Functions that a backward pass would call: no data, but nothing is left out without a word. */
static void count_hooks(canon_job *job, const pickle_value *hooks) {
  const pickle_value *entries = hooks->kind == PICKLE_OBJECT ? hooks->as.call->entries
                                : hooks->kind == PICKLE_DICT ? hooks
                                                             : NULL;
  if (entries && entries->as.items.n)
    job->host->count(job, "backward hooks of tensors, left out", entries->as.items.n / 2);
}

/* (storage, offset, size, stride [, requires_grad, hooks [, dtype] [, metadata]]) */
static int32_t read_dense(canon_job *job, pt_reader *reader, pickle_value *value, const pickle_value *arguments,
                          uint32_t version, pt_item *item) {
  pickle_value **at = arguments->as.items.at;
  uint32_t n = arguments->as.items.n, required = version == PT_REBUILD ? 4 : version == PT_REBUILD_V2 ? 6 : 7;
  const pt_class *dtype = version == PT_REBUILD_V3 && n >= required ? pt_global(at[6]) : NULL;
  pt_tensor *tensor = arena_alloc(job, &reader->pickle.memory, sizeof *tensor);
  if (!tensor) return canon_failed(job);
  if (n < required || n > required + (version != PT_REBUILD) || (n > 4 && at[4]->kind != PICKLE_BOOL) ||
      (version == PT_REBUILD_V3 && !(dtype && dtype->detail & PT_IS_DTYPE)))
    return pt_bad_arguments(job, reader, value, "a storage, an int, two tuples of ints, a bool and hooks");
  int32_t code = pt_read_geometry(job, reader, at, tensor);
  if (code) return code;
  if (pt_class_of(tensor->storage->class)->detail & PT_IS_QUANTIZED)
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                       "a plain tensor over a quantized storage");
  if (dtype) tensor->dtype = dtype->dtype;
  if (n > 4 && at[4]->as.number.bytes[0]) item->node.flags |= CANON_NODE_REQUIRES_GRAD;
  if (n > 5) count_hooks(job, at[5]);
  if (n > required) code = read_metadata(job, reader, at[n - 1], tensor);
  return code ? code : pt_tensor_finish(job, reader, value->position, tensor, item);
}

/* What lies around a dense tensor: a Parameter, attributes, a class of its own. */
typedef struct wrapping {
  uint32_t version;              /* PT_REBUILD* of the call looked at */
  const pickle_value *arguments; /* and its arguments */
  const pickle_value *state;
  const char *subclass; /* NULL: a plain tensor */
  uint32_t flags;       /* of the node */
  int is_parameter;
} wrapping;

/* One layer off: *inner becomes 0 where the call rebuilds the tensor itself, or where it is none that canon reads. */
static int32_t unwrap(canon_job *job, pt_reader *reader, pickle_value *value, wrapping *wrap, int *inner) {
  pickle_value **at = wrap->arguments->as.items.at, *callable;
  uint32_t n = wrap->arguments->as.items.n, version = wrap->version;
  *inner = 0;
  if (version == PT_REBUILD_FROM_TYPE) { /* (function, class, arguments, state) */
    if (n != 4 || at[0]->kind != PICKLE_GLOBAL || at[1]->kind != PICKLE_GLOBAL || at[2]->kind != PICKLE_TUPLE)
      return pt_bad_arguments(job, reader, value, "a function, a class, a tuple and a dict");
    const pt_class *class = pt_global(at[1]);
    if (!class || !(class->detail & PT_IS_TENSOR)) wrap->subclass = at[1]->as.global->text;
    callable = at[0];
    wrap->state = at[3];
    wrap->arguments = at[2];
  } else if (version == PT_REBUILD_PARAMETER ||
             version == PT_REBUILD_WITH_STATE) { /* (tensor, bool, hooks [, state]) */
    uint32_t required = version == PT_REBUILD_PARAMETER ? 3 : 4;
    if (n != required || at[0]->kind != PICKLE_OBJECT || at[1]->kind != PICKLE_BOOL)
      return pt_bad_arguments(job, reader, value, "a tensor, a bool and hooks");
    callable = at[0]->as.call->callable;
    wrap->is_parameter = 1;
    wrap->flags = CANON_NODE_PARAMETER | (at[1]->as.number.bytes[0] ? CANON_NODE_REQUIRES_GRAD : 0);
    if (required == 4) wrap->state = at[3];
    wrap->arguments = at[0]->as.call->arguments;
  } else {
    return CANON_OK;
  }
  const pt_class *next = pt_global(callable);
  if (next && next->describe == pt_describe_tensor) {
    wrap->version = PT_DETAIL(next->detail);
    *inner = 1;
  } else if (!wrap->subclass) {
    wrap->subclass = callable->as.global->text;
  }
  return CANON_OK;
}

int32_t pt_describe_tensor(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  wrapping wrap = {.version = PT_DETAIL(pt_class_of(pickle_called(value))->detail),
                   .arguments = value->as.call->arguments};
  int inner = 1;
  for (uint32_t layers = 0; inner; layers++) {
    int32_t code = layers < 4 ? unwrap(job, reader, value, &wrap, &inner)
                              : pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, value->position,
                                            "a tensor wrapped %" PRIu32 " times", layers);
    if (code) return code;
  }
  if (wrap.subclass) return pt_opaque(job, item, wrap.subclass, "a tensor of another kind");
  int32_t code = read_dense(job, reader, value, wrap.arguments, wrap.version, item);
  if (code) return code;
  if (wrap.is_parameter) item->node.flags = wrap.flags;
  return pt_attributes(job, reader, wrap.state, item);
}
