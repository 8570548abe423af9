/* SPDX-License-Identifier: MIT
 * pack.c: msgpack-c's packer, which chooses the shortest form of everything, over a buffer that goes to the sink. */
#include "formats/msgpack/pack.h"

#include <math.h>
#include <msgpack.h>
#include <string.h>

static void flush(msgpack_pack *pack) {
  if (pack->used && pack->sink && !pack->code)
    pack->code = pack->job->host->sink_write(pack->job, pack->sink, pack->at - pack->used, pack->buffer, pack->used);
  pack->used = 0;
}

/* The packer's only way out. It is told of no failure: there is nothing that it could do. */
static int append(void *data, const char *bytes, size_t size) {
  msgpack_pack *pack = data;
  if (size > sizeof pack->buffer - pack->used) flush(pack);
  pack->at += size;
  if (size <= sizeof pack->buffer) {
    if (size) memcpy(pack->buffer + pack->used, bytes, size);
    pack->used += (uint32_t)size;
  } else if (pack->sink && !pack->code) {
    pack->code = pack->job->host->sink_write(pack->job, pack->sink, pack->at - size, bytes, size);
  }
  return 0;
}

static msgpack_packer over(msgpack_pack *pack) { return (msgpack_packer){.data = pack, .callback = append}; }

void msgpack_put_nil(msgpack_pack *pack) {
  msgpack_packer packer = over(pack);
  msgpack_pack_nil(&packer);
}

void msgpack_put_bool(msgpack_pack *pack, int value) {
  msgpack_packer packer = over(pack);
  if (value) msgpack_pack_true(&packer);
  else msgpack_pack_false(&packer);
}

void msgpack_put_integer(msgpack_pack *pack, int is_negative, uint64_t integer) {
  msgpack_packer packer = over(pack);
  if (is_negative) msgpack_pack_int64(&packer, (int64_t)integer);
  else msgpack_pack_uint64(&packer, integer);
}

void msgpack_put_float(msgpack_pack *pack, double value) {
  static const uint64_t ONE_NAN = UINT64_C(0x7FF8000000000000);
  msgpack_packer packer = over(pack);
  if (isnan(value)) memcpy(&value, &ONE_NAN, sizeof value);
  msgpack_pack_double(&packer, value);
}

void msgpack_put_array(msgpack_pack *pack, uint64_t items) {
  msgpack_packer packer = over(pack);
  msgpack_pack_array(&packer, items);
}

void msgpack_put_map(msgpack_pack *pack, uint64_t pairs) {
  msgpack_packer packer = over(pack);
  msgpack_pack_map(&packer, pairs);
}

void msgpack_put_str(msgpack_pack *pack, const void *text, uint64_t size) {
  msgpack_packer packer = over(pack);
  msgpack_pack_str(&packer, size);
  append(pack, text, size);
}

void msgpack_put_word(msgpack_pack *pack, const char *text) { msgpack_put_str(pack, text, strlen(text)); }

void msgpack_put_bin_header(msgpack_pack *pack, uint64_t size) {
  msgpack_packer packer = over(pack);
  msgpack_pack_bin(&packer, size);
}

void msgpack_put_bin(msgpack_pack *pack, const void *bytes, uint64_t size) {
  msgpack_put_bin_header(pack, size);
  append(pack, bytes, size);
}

void msgpack_put_key(msgpack_pack *pack, const char *text) { msgpack_put_bin(pack, text, strlen(text)); }

void msgpack_put_ext_header(msgpack_pack *pack, int8_t type, uint64_t size) {
  msgpack_packer packer = over(pack);
  msgpack_pack_ext(&packer, size, type);
}

uint64_t msgpack_put_gap(msgpack_pack *pack, uint64_t bytes) {
  flush(pack);
  uint64_t offset = pack->at;
  pack->at += bytes;
  return offset;
}

int32_t msgpack_pack_finish(msgpack_pack *pack) {
  flush(pack);
  return pack->code;
}
