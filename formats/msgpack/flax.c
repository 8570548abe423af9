/* SPDX-License-Identifier: MIT
 * flax.c: what flax.serialization writes.
 *
 *   ext 1, an array             a nested array of three:  shape [2, 3]   name "float32"   bin, the elements in C order
 *   ext 2, a complex number     a nested array of two:    real           imaginary
 *   ext 3, a scalar of NumPy    as ext 1
 *   an array of over 2^30 bytes {"__msgpack_chunked_array__": true, "shape": {"0": 2, ...}, "chunks": {"0": ext 1,
 * ...}}
 *
 * Others use the same numbers of ext: a content that does not begin as flax's is not flax's. */
#include <stdlib.h>
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { EXT_ARRAY = 1, EXT_COMPLEX = 2, EXT_SCALAR = 3 };

static int begins_array(uint8_t byte) { return (byte & 0xF0) == 0x90 || byte == 0xDC || byte == 0xDD; }
static int begins_float(uint8_t byte) { return byte == 0xCA || byte == 0xCB; }

int32_t msgpack_flax_recognize(msgpack_window *window, const msgpack_token *ext, int *is_flax) {
  uint8_t head[2];
  *is_flax = 0;
  if (ext->size < sizeof head || ext->type < EXT_ARRAY || ext->type > EXT_SCALAR) return CANON_OK;
  int32_t code = msgpack_window_copy(window, ext->body, head, sizeof head);
  if (code) return code;
  if (ext->type == EXT_COMPLEX) *is_flax = head[0] == 0x92 && begins_float(head[1]);
  else *is_flax = head[0] == 0x93 && begins_array(head[1]);
  return CANON_OK;
}

static int32_t refuse_rank(msgpack_window *window, const msgpack_token *shape) {
  return msgpack_refuse(window, CANON_E_LIMIT, shape->offset, "a shape of %" PRIu64 " dimensions, more than %d",
                        shape->count, CANON_MAX_RANK);
}

static int32_t read_complex(msgpack_window *window, uint64_t end, msgpack_item *item) {
  item->kind = CANON_NODE_COMPLEX;
  for (int i = 0; i < 2; i++) {
    msgpack_token part;
    int32_t code = msgpack_token_read(window, end, &part);
    if (code) return code;
    if (part.kind != TOKEN_FLOAT)
      return msgpack_refuse(window, CANON_E_MALFORMED, part.offset, "a part of a complex number is no float");
    item->complex[i] = part.real;
  }
  return CANON_OK;
}

static int32_t read_array(msgpack_window *window, uint64_t end, msgpack_item *item) {
  msgpack_token shape, name, data, odd = {.kind = TOKEN_END};
  item->kind = CANON_NODE_TENSOR;
  int32_t code = msgpack_token_read(window, end, &shape); /* an array, as recognize() saw */
  if (!code && shape.count > CANON_MAX_RANK) code = refuse_rank(window, &shape);
  if (!code) code = msgpack_shape_read(window, &shape, item, &odd);
  if (!code && odd.kind) code = msgpack_shape_refuse(window, &odd);
  if (!code) code = msgpack_token_read(window, end, &name);
  if (code) return code;
  if (name.kind != TOKEN_STR)
    return msgpack_refuse(window, CANON_E_MALFORMED, name.offset, "the dtype of a flax array is no str");
  code = msgpack_name_read(window, &name, &item->dtype);
  if (!code) code = msgpack_token_read(window, end, &data);
  if (code) return code;
  if (data.kind != TOKEN_BIN)
    return msgpack_refuse(window, CANON_E_MALFORMED, data.offset, "the elements of a flax array are no bin");
  return msgpack_item_measure(window, item, &data);
}

int32_t msgpack_flax_read(msgpack_window *window, const msgpack_token *ext, msgpack_item *item) {
  uint64_t end = ext->body + ext->size;
  msgpack_token outer;
  window->at = ext->body;
  int32_t code = msgpack_token_read(window, end, &outer);
  if (!code) code = ext->type == EXT_COMPLEX ? read_complex(window, end, item) : read_array(window, end, item);
  if (!code && window->at != end)
    code = msgpack_refuse(window, CANON_E_MALFORMED, window->at,
                          "%" PRIu64 " bytes after a flax value, inside of its ext", end - window->at);
  window->at = end;
  return code;
}

/* Chunks */

static int32_t odd_chunks(msgpack_window *window, uint64_t offset, const char *what) {
  return msgpack_refuse(window, CANON_E_MALFORMED, offset, "a chunked array of flax: %s", what);
}

/* The key of entry i of a tuple that flax made a dict: "0", "1", ... */
static int32_t read_number_key(msgpack_window *window, uint64_t i) {
  char wanted[24], text[24];
  msgpack_token key;
  int n = snprintf(wanted, sizeof wanted, "%" PRIu64, i);
  int32_t code = msgpack_token_read(window, window->end, &key);
  if (code) return code;
  int fits = key.kind == TOKEN_STR && key.size == (uint64_t)n;
  if (fits) code = msgpack_window_copy(window, key.body, text, key.size);
  if (code || (fits && !memcmp(text, wanted, key.size))) return code;
  return odd_chunks(window, key.offset, "the keys of its parts are not \"0\", \"1\", and so on");
}

static int32_t read_shape(msgpack_window *window, const msgpack_token *map, msgpack_item *item) {
  if (map->count > CANON_MAX_RANK) return refuse_rank(window, map);
  item->rank = (uint32_t)map->count;
  for (uint32_t i = 0; i < item->rank; i++) {
    msgpack_token size;
    int32_t code = read_number_key(window, i);
    if (!code) code = msgpack_token_read(window, window->end, &size);
    if (code) return code;
    if (size.kind != TOKEN_INT || size.is_negative)
      return odd_chunks(window, size.offset, "a dimension is no integer from 0 on");
    item->shape[i] = size.integer;
  }
  return CANON_OK;
}

static int32_t read_chunk(msgpack_window *window, uint64_t i, msgpack_item *whole, msgpack_piece *piece) {
  msgpack_token ext;
  msgpack_item chunk = {.kind = 0};
  int is_flax = 0;
  int32_t code = read_number_key(window, i);
  if (!code) code = msgpack_token_read(window, window->end, &ext);
  if (!code && ext.kind == TOKEN_EXT) code = msgpack_flax_recognize(window, &ext, &is_flax);
  if (code) return code;
  if (!is_flax || ext.type != EXT_ARRAY) return odd_chunks(window, ext.offset, "a chunk is no array");
  code = msgpack_flax_read(window, &ext, &chunk);
  if (code) return code;
  if (!i) whole->dtype = chunk.dtype;
  if (chunk.dtype != whole->dtype) return odd_chunks(window, ext.offset, "its chunks have different dtypes");
  *piece = (msgpack_piece){whole->elements, chunk.offset};
  if (!canon_add(whole->elements, chunk.elements, &whole->elements))
    return odd_chunks(window, ext.offset, "it has more than 2^64 elements");
  return CANON_OK;
}

static int32_t read_chunks(msgpack_window *window, arena *memory, const msgpack_token *map, msgpack_item *item) {
  if (!map->count) return odd_chunks(window, map->offset, "it has no chunk");
  msgpack_piece *pieces = arena_alloc(window->job, memory, map->count * sizeof *pieces);
  if (!pieces) return canon_failed(window->job);
  item->pieces = pieces;
  item->n_pieces = map->count;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < map->count; i++) code = read_chunk(window, i, item, &pieces[i]);
  return code;
}

static int32_t token_is(msgpack_window *window, const msgpack_token *token, const char *text, int *is_it) {
  char copy[sizeof MSGPACK_CHUNKS];
  *is_it = 0;
  if (token->kind != TOKEN_STR || token->size != strlen(text)) return CANON_OK;
  int32_t code = msgpack_window_copy(window, token->body, copy, token->size);
  *is_it = !code && !memcmp(copy, text, token->size);
  return code;
}

/* "shape" or "chunks", whichever comes. */
static int32_t read_part(msgpack_window *window, arena *memory, msgpack_item *item, int *has_shape) {
  msgpack_token key, map;
  int is_shape, is_chunks;
  int32_t code = msgpack_token_read(window, window->end, &key);
  if (!code) code = token_is(window, &key, "shape", &is_shape);
  if (!code) code = token_is(window, &key, "chunks", &is_chunks);
  if (!code) code = msgpack_token_read(window, window->end, &map);
  if (code) return code;
  if (map.kind != TOKEN_MAP || (is_shape ? *has_shape : !is_chunks || item->pieces))
    return odd_chunks(window, key.offset, "its entries are not shape and chunks");
  *has_shape |= is_shape;
  return is_shape ? read_shape(window, &map, item) : read_chunks(window, memory, &map, item);
}

int32_t msgpack_chunks_read(msgpack_window *window, arena *memory, const msgpack_token *map, msgpack_item *item) {
  msgpack_token key, mark;
  uint64_t behind = window->at, elements;
  int is_mark, has_shape = 0;
  if (map->count != 3) return CANON_OK;
  int32_t code = msgpack_token_read(window, window->end, &key);
  if (!code) code = token_is(window, &key, MSGPACK_CHUNKS, &is_mark);
  if (code) return code;
  if (!is_mark) {
    window->at = behind;
    return CANON_OK;
  }
  code = msgpack_token_read(window, window->end, &mark);
  if (!code && (mark.kind != TOKEN_BOOL || !mark.integer))
    code = odd_chunks(window, mark.offset, "its mark is not true");
  for (int i = 0; !code && i < 2; i++) code = read_part(window, memory, item, &has_shape);
  if (code) return code;
  item->kind = CANON_NODE_TENSOR;
  if (!canon_elements(item->shape, item->rank, &elements) || elements != item->elements)
    return msgpack_refuse(window, CANON_E_MALFORMED, map->offset,
                          "a chunked array of flax: its chunks have %" PRIu64 " elements, not those of its shape",
                          item->elements);
  item->bytes = elements * canon_dtype_size(item->dtype); /* all of them lie in the source */
  return CANON_OK;
}
