/* SPDX-License-Identifier: MIT
 * pickle_machine.h: the stack machine behind pickle_run. Seen by pickle.c and the files of its opcodes only. */
#ifndef CANON_FORMATS_PICKLE_MACHINE_H
#define CANON_FORMATS_PICKLE_MACHINE_H

#include "formats/common/pickle.h"

typedef struct machine {
  canon_job *job;
  pickle *pickle;
  const uint8_t *next, *end;
  const uint8_t *frame_end; /* NULL outside of frames */
  uint64_t position;        /* of the opcode that runs */
  pickle_value **stack;
  uint64_t depth, capacity;
  uint64_t *marks; /* depths */
  uint64_t n_marks, marks_capacity;
  pickle_value **memo; /* by number; NULL where none was put */
  uint64_t memo_capacity, n_memo;
  int stopped;
} machine;

/* What follows an opcode in the stream. */
typedef struct argument {
  uint64_t number;
  const uint8_t *bytes; /* counted bytes, or a line without its end */
  uint64_t size;
  const uint8_t *second; /* the second of two lines */
  uint64_t second_size;
} argument;

typedef struct opcode {
  const char *name; /* NULL: no such opcode */
  int32_t (*run)(machine *m, const struct opcode *self, const argument *given);
  uint8_t layout; /* of the argument: LAYOUT_* */
  uint8_t needs;  /* values above the topmost mark */
  uint8_t detail; /* what tells apart opcodes with one run */
} opcode;

enum {
  LAYOUT_NOTHING,
  LAYOUT_U8,
  LAYOUT_U16,
  LAYOUT_U32,
  LAYOUT_U64,
  LAYOUT_LINE,
  LAYOUT_TWO_LINES,
  LAYOUT_COUNT8, /* counted bytes */
  LAYOUT_COUNT32,
  LAYOUT_COUNT31, /* a signed count */
  LAYOUT_COUNT64,
};

extern const opcode pickle_opcodes[256];

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int32_t
machine_fail(machine *m, int32_t code, const char *format, ...);
pickle_value *machine_value(machine *m, uint8_t kind);
int32_t machine_push(machine *m, pickle_value *value); /* NULL: passes the failure on */
int32_t machine_mark(machine *m);
int32_t machine_put(machine *m, uint64_t number, pickle_value *value);
/* Values above the topmost mark: their number; at: the first one. Without a mark a failure. */
int32_t machine_above_mark(machine *m, pickle_value ***at, uint64_t *n);
pickle_value *machine_top(const machine *m);
/* Fails: the opcode cannot be used on this value. */
int32_t machine_wrong_target(machine *m, const opcode *self, const pickle_value *target);
/* A container of exactly the n values at `at`, or NULL after a failure. */
pickle_value *machine_container(machine *m, uint8_t kind, pickle_value **at, uint64_t n);
int32_t machine_push_text(machine *m, uint8_t kind, const uint8_t *bytes, uint64_t size);

/* The runs. */
int32_t opcode_binfloat(machine *m, const opcode *self, const argument *given);
int32_t opcode_binint(machine *m, const opcode *self, const argument *given);
int32_t opcode_bool(machine *m, const opcode *self, const argument *given);
int32_t opcode_buffer(machine *m, const opcode *self, const argument *given);
int32_t opcode_build(machine *m, const opcode *self, const argument *given);
int32_t opcode_call(machine *m, const opcode *self, const argument *given);
int32_t opcode_collect(machine *m, const opcode *self, const argument *given);
int32_t opcode_decimal(machine *m, const opcode *self, const argument *given);
int32_t opcode_dup(machine *m, const opcode *self, const argument *given);
int32_t opcode_empty(machine *m, const opcode *self, const argument *given);
int32_t opcode_escaped(machine *m, const opcode *self, const argument *given);
int32_t opcode_extend_many(machine *m, const opcode *self, const argument *given);
int32_t opcode_extend_one(machine *m, const opcode *self, const argument *given);
int32_t opcode_extension(machine *m, const opcode *self, const argument *given);
int32_t opcode_float(machine *m, const opcode *self, const argument *given);
int32_t opcode_frame(machine *m, const opcode *self, const argument *given);
int32_t opcode_get(machine *m, const opcode *self, const argument *given);
int32_t opcode_global(machine *m, const opcode *self, const argument *given);
int32_t opcode_long(machine *m, const opcode *self, const argument *given);
int32_t opcode_mark(machine *m, const opcode *self, const argument *given);
int32_t opcode_memoize(machine *m, const opcode *self, const argument *given);
int32_t opcode_none(machine *m, const opcode *self, const argument *given);
int32_t opcode_old_call(machine *m, const opcode *self, const argument *given);
int32_t opcode_persistent(machine *m, const opcode *self, const argument *given);
int32_t opcode_pop(machine *m, const opcode *self, const argument *given);
int32_t opcode_pop_mark(machine *m, const opcode *self, const argument *given);
int32_t opcode_proto(machine *m, const opcode *self, const argument *given);
int32_t opcode_put(machine *m, const opcode *self, const argument *given);
int32_t opcode_stack_global(machine *m, const opcode *self, const argument *given);
int32_t opcode_stop(machine *m, const opcode *self, const argument *given);
int32_t opcode_text(machine *m, const opcode *self, const argument *given);
int32_t opcode_tuple_n(machine *m, const opcode *self, const argument *given);

#endif
