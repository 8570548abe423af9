/* SPDX-License-Identifier: MIT
 * ext.c: what an ext is: flax's, a timestamp, or an application's own, which becomes an opaque node that shows its
 * bytes. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { TIMESTAMP = -1, MOST_BYTES = 1 << 20 };

static uint64_t big_endian(const uint8_t *bytes, uint32_t n) {
  uint64_t value = 0;
  for (uint32_t i = 0; i < n; i++) value = value << 8 | bytes[i];
  return value;
}

static int32_t read_timestamp(msgpack_window *window, arena *memory, const msgpack_token *ext, msgpack_item *item) {
  uint8_t bytes[12];
  char text[80];
  uint64_t seconds, nanoseconds = 0;
  if (ext->size != 4 && ext->size != 8 && ext->size != 12)
    return msgpack_refuse(window, CANON_E_MALFORMED, ext->offset, "a timestamp of %" PRIu64 " bytes, not 4, 8 or 12",
                          ext->size);
  int32_t code = msgpack_window_copy(window, ext->body, bytes, ext->size);
  if (code) return code;
  if (ext->size == 4) {
    seconds = big_endian(bytes, 4);
  } else if (ext->size == 8) {
    seconds = big_endian(bytes, 8) & ((UINT64_C(1) << 34) - 1);
    nanoseconds = big_endian(bytes, 8) >> 34;
  } else {
    seconds = big_endian(bytes + 4, 8);
    nanoseconds = big_endian(bytes, 4);
  }
  if (nanoseconds > 999999999)
    return msgpack_refuse(window, CANON_E_MALFORMED, ext->offset, "a timestamp with %" PRIu64 " nanoseconds",
                          nanoseconds);
  int n = snprintf(text, sizeof text, "%" PRId64 " s %" PRIu64 " ns", (int64_t)seconds, nanoseconds);
  item->kind = CANON_NODE_OPAQUE;
  item->type = "timestamp";
  item->text = arena_text(window->job, memory, text, (uint64_t)n);
  return item->text ? CANON_OK : canon_failed(window->job);
}

static int32_t read_other(msgpack_window *window, arena *memory, const msgpack_token *ext, msgpack_item *item) {
  static const char DIGITS[] = "0123456789abcdef";
  char type[40];
  if (ext->size > MOST_BYTES)
    return msgpack_refuse(window, CANON_E_UNSUPPORTED, ext->offset,
                          "an ext of type %" PRId32 " and %" PRIu64 " bytes, which canon does not interpret", ext->type,
                          ext->size);
  int n = snprintf(type, sizeof type, "msgpack.ext(%" PRId32 ")", ext->type);
  char *text = arena_alloc(window->job, memory, 2 * ext->size + 1);
  item->kind = CANON_NODE_OPAQUE;
  item->type = text ? arena_text(window->job, memory, type, (uint64_t)n) : NULL;
  item->text = text;
  if (!item->type) return canon_failed(window->job);
  uint8_t *bytes = (uint8_t *)text + ext->size; /* the second half, spelled out from the front */
  int32_t code = msgpack_window_copy(window, ext->body, bytes, ext->size);
  for (uint64_t i = 0; !code && i < ext->size; i++) {
    uint8_t byte = bytes[i];
    text[2 * i] = DIGITS[byte >> 4];
    text[2 * i + 1] = DIGITS[byte & 15];
  }
  return code;
}

int32_t msgpack_ext_read(msgpack_window *window, arena *memory, const msgpack_token *ext, msgpack_item *item) {
  int is_flax;
  int32_t code = msgpack_flax_recognize(window, ext, &is_flax);
  if (code) return code;
  if (is_flax) return msgpack_flax_read(window, ext, item);
  return ext->type == TIMESTAMP ? read_timestamp(window, memory, ext, item) : read_other(window, memory, ext, item);
}
