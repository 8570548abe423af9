/* SPDX-License-Identifier: MIT
 * writer.h: an output of the msgpack plugin. For writer.c, and for the test that does not write a gigabyte. */
#ifndef CANON_FORMATS_MSGPACK_WRITER_H
#define CANON_FORMATS_MSGPACK_WRITER_H

#include "formats/common/arena.h"
#include "formats/msgpack/pack.h"

typedef struct msgpack_slot {
  uint64_t node;
  uint64_t element;        /* bytes */
  uint64_t chunk, chunks;  /* bytes of each but the last, and how many */
  const uint64_t *offsets; /* of the sink, one a chunk */
} msgpack_slot;

typedef struct msgpack_writer {
  canon_sink *sink;
  arena memory;
  msgpack_slot *slots; /* by node */
  uint64_t n_slots;
  uint64_t end;
} msgpack_writer;

/* begin(), where flax's chunks have any size. */
int32_t msgpack_begin_chunked(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                              canon_sink *sink, uint64_t chunk_bytes, void **writer);

#endif
