/* SPDX-License-Identifier: MIT
 * item.c: shapes and sizes of arrays, whoever wrote them. */
#include "formats/msgpack/msgpack.h"

int32_t msgpack_shape_read(msgpack_window *window, const msgpack_token *array, msgpack_item *item, msgpack_token *odd) {
  item->rank = (uint32_t)array->count;
  for (uint32_t i = 0; i < item->rank; i++) {
    msgpack_token size;
    int32_t code = msgpack_token_read(window, window->end, &size);
    if (code) return code;
    int fits = size.kind == TOKEN_INT && !size.is_negative;
    if (!fits && odd->kind == TOKEN_END) *odd = size;
    if (size.kind != TOKEN_INT) return CANON_OK;
    item->shape[i] = size.integer;
  }
  return CANON_OK;
}

int32_t msgpack_shape_refuse(msgpack_window *window, const msgpack_token *odd) {
  if (odd->kind != TOKEN_INT)
    return msgpack_refuse(window, CANON_E_MALFORMED, odd->offset, "a dimension of an array is no integer");
  return msgpack_refuse(window, CANON_E_MALFORMED, odd->offset, "a dimension of an array is %" PRId64,
                        (int64_t)odd->integer);
}

int32_t msgpack_item_measure(msgpack_window *window, msgpack_item *item, const msgpack_token *data) {
  if (!canon_elements(item->shape, item->rank, &item->elements) ||
      !canon_mul(item->elements, canon_dtype_size(item->dtype), &item->bytes) || item->bytes > INT64_MAX)
    return msgpack_refuse(window, CANON_E_MALFORMED, data->offset, "the shape of an array is over 2^63 bytes");
  if (item->bytes != data->size)
    return msgpack_refuse(window, CANON_E_MALFORMED, data->offset,
                          "an array of %" PRIu64 " bytes, of which its shape and dtype %s make %" PRIu64, data->size,
                          canon_dtype_name(item->dtype), item->bytes);
  item->offset = data->body;
  return CANON_OK;
}
