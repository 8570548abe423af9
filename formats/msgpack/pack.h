/* SPDX-License-Identifier: MIT
 * pack.h: what the writing files of the msgpack plugin share: the dialects, and msgpack-c's packer over a sink. */
#ifndef CANON_FORMATS_MSGPACK_PACK_H
#define CANON_FORMATS_MSGPACK_PACK_H

#include <inttypes.h>

#include <canon/format.h>

#define MSGPACK_NUMPY 0u
#define MSGPACK_FLAX 1u

#define MSGPACK_MOST UINT64_C(0xFFFFFFFF)       /* bytes of a str, bin or ext; items of an array; pairs of a map */
#define MSGPACK_CHUNK_BYTES (UINT64_C(1) << 30) /* flax writes larger arrays in chunks of this */

/* check.c: the dialect that the user chose. */
int32_t msgpack_dialect(canon_job *job, const canon_instance *instance, uint32_t *dialect);
/* For each node whether a list is around it: flax takes chunks together in dicts alone. Free with canon_free. */
uint8_t *msgpack_in_lists(canon_job *job, const canon_manifest *manifest);
/* An integer of a node or key; 0: it does not fit 64 bits. is_negative: as int64_t, else as uint64_t. */
int msgpack_integer(const void *bytes, uint64_t size, int *is_negative, uint64_t *integer);
/* Bytes of a tensor that can_write has let through. */
uint64_t msgpack_tensor_bytes(const canon_node *tensor);

/* pack.c: where the next byte goes. The first failure of the sink stays, and nothing is written any more. */
typedef struct msgpack_pack {
  canon_job *job;
  canon_sink *sink; /* NULL: only counts */
  uint64_t at;      /* of the sink, the buffer's bytes included */
  int32_t code;
  uint32_t used;
  uint8_t buffer[1 << 14];
} msgpack_pack;

void msgpack_put_nil(msgpack_pack *pack);
void msgpack_put_bool(msgpack_pack *pack, int value);
void msgpack_put_integer(msgpack_pack *pack, int is_negative, uint64_t integer);
void msgpack_put_float(msgpack_pack *pack, double value); /* every NaN as one */
void msgpack_put_array(msgpack_pack *pack, uint64_t items);
void msgpack_put_map(msgpack_pack *pack, uint64_t pairs);
void msgpack_put_str(msgpack_pack *pack, const void *text, uint64_t size);
void msgpack_put_word(msgpack_pack *pack, const char *text); /* str */
void msgpack_put_bin(msgpack_pack *pack, const void *bytes, uint64_t size);
void msgpack_put_key(msgpack_pack *pack, const char *text);     /* bin, as msgpack-numpy's are */
void msgpack_put_bin_header(msgpack_pack *pack, uint64_t size); /* without the content */
void msgpack_put_ext_header(msgpack_pack *pack, int8_t type, uint64_t size);
/* Leaves room for what others write; returns where. */
uint64_t msgpack_put_gap(msgpack_pack *pack, uint64_t bytes);
int32_t msgpack_pack_finish(msgpack_pack *pack); /* what is still in the buffer */

#endif
