/* SPDX-License-Identifier: MIT
 * pickle_opcodes.c: every opcode of protocols 0 to 5, in one table: its argument, how deep the stack must be, and what
 * runs it. Here are also the runs that deal with the stream, the stack and the memo; values are in pickle_values.c,
 * names and calls in pickle_calls.c. */
#include <inttypes.h>

#include "formats/common/pickle_machine.h"

#define HIGHEST_PROTOCOL 5

/* The stream itself. */

int32_t opcode_proto(machine *m, const opcode *self, const argument *given) {
  if (m->position != 0) return machine_fail(m, CANON_E_MALFORMED, "%s in the middle of the pickle", self->name);
  if (given->number > HIGHEST_PROTOCOL)
    return machine_fail(m, CANON_E_UNSUPPORTED, "pickle protocol %" PRIu64 "; canon reads 0 to %d", given->number,
                        HIGHEST_PROTOCOL);
  m->pickle->protocol = (uint32_t)given->number;
  return CANON_OK;
}

int32_t opcode_frame(machine *m, const opcode *self, const argument *given) {
  uint64_t left = (uint64_t)(m->end - m->next);
  if (m->frame_end) return machine_fail(m, CANON_E_MALFORMED, "%s within a frame", self->name);
  if (given->number > left)
    return machine_fail(m, CANON_E_MALFORMED, "%s of %" PRIu64 " bytes, %" PRIu64 " are left in the pickle", self->name,
                        given->number, left);
  m->frame_end = given->number ? m->next + given->number : NULL;
  return CANON_OK;
}

int32_t opcode_stop(machine *m, const opcode *self, const argument *given) {
  (void)given;
  if (m->depth != 1 || m->n_marks)
    return machine_fail(m, CANON_E_MALFORMED, "%s with %" PRIu64 " values and %" PRIu64 " marks on the stack",
                        self->name, m->depth, m->n_marks);
  m->pickle->root = machine_top(m);
  m->stopped = 1;
  return CANON_OK;
}

/* The stack and the memo. */

int32_t opcode_mark(machine *m, const opcode *self, const argument *given) {
  (void)self, (void)given;
  return machine_mark(m);
}

/* A call whose result is thrown away can only be wanted for what it does. Picklers drop nothing that has no number. */
static int32_t drop(machine *m, const opcode *self, const pickle_value *value) {
  if (value->kind != PICKLE_OBJECT || value->flags & PICKLE_MEMOIZED || pickle_called(value)) return CANON_OK;
  return machine_fail(m, CANON_E_UNSAFE, "%s throws away what %.100s gives: it is called for its effect", self->name,
                      value->as.call->callable->as.global->text);
}

int32_t opcode_pop(machine *m, const opcode *self, const argument *given) {
  (void)given;
  uint64_t floor = m->n_marks ? m->marks[m->n_marks - 1] : 0;
  if (m->depth > floor) return drop(m, self, m->stack[--m->depth]);
  if (!m->n_marks) return machine_fail(m, CANON_E_MALFORMED, "%s on an empty stack", self->name);
  m->n_marks--;
  return CANON_OK;
}

int32_t opcode_pop_mark(machine *m, const opcode *self, const argument *given) {
  (void)given;
  pickle_value **at;
  uint64_t n;
  int32_t code = machine_above_mark(m, &at, &n);
  for (uint64_t i = 0; i < n && !code; i++) code = drop(m, self, at[i]);
  return code;
}

int32_t opcode_dup(machine *m, const opcode *self, const argument *given) {
  (void)self, (void)given;
  machine_top(m)->flags |= PICKLE_MEMOIZED;
  return machine_push(m, machine_top(m));
}

/* The number of PUT and GET is a line of digits. */
static int32_t memo_number(machine *m, const opcode *self, const argument *given, uint64_t *number) {
  *number = given->number;
  if (self->layout != LAYOUT_LINE) return CANON_OK;
  int whole = given->size > 0 && given->size < 19;
  for (uint64_t i = 0; i < given->size && whole; i++) {
    whole = given->bytes[i] >= '0' && given->bytes[i] <= '9';
    *number = *number * 10 + given->bytes[i] - '0';
  }
  return whole ? CANON_OK : machine_fail(m, CANON_E_MALFORMED, "%s without a number", self->name);
}

int32_t opcode_put(machine *m, const opcode *self, const argument *given) {
  uint64_t number;
  int32_t code = memo_number(m, self, given, &number);
  return code ? code : machine_put(m, number, machine_top(m));
}

int32_t opcode_memoize(machine *m, const opcode *self, const argument *given) {
  (void)self, (void)given;
  return machine_put(m, m->n_memo, machine_top(m));
}

int32_t opcode_get(machine *m, const opcode *self, const argument *given) {
  uint64_t number;
  int32_t code = memo_number(m, self, given, &number);
  if (code) return code;
  if (number >= m->memo_capacity || !m->memo[number])
    return machine_fail(m, CANON_E_MALFORMED, "%s of memo number %" PRIu64 ", which nothing was put under", self->name,
                        number);
  return machine_push(m, m->memo[number]);
}

/* byte, name, run, argument, values needed, detail */
#define OPCODE(byte, name, run, layout, needs, detail) [byte] = {name, run, LAYOUT_##layout, needs, detail}
const opcode pickle_opcodes[256] = {
    OPCODE(0x80, "PROTO", opcode_proto, U8, 0, 0),
    OPCODE(0x95, "FRAME", opcode_frame, U64, 0, 0),
    OPCODE('.', "STOP", opcode_stop, NOTHING, 1, 0),

    OPCODE('(', "MARK", opcode_mark, NOTHING, 0, 0),
    OPCODE('0', "POP", opcode_pop, NOTHING, 0, 0),
    OPCODE('1', "POP_MARK", opcode_pop_mark, NOTHING, 0, 0),
    OPCODE('2', "DUP", opcode_dup, NOTHING, 1, 0),
    OPCODE('p', "PUT", opcode_put, LINE, 1, 0),
    OPCODE('q', "BINPUT", opcode_put, U8, 1, 0),
    OPCODE('r', "LONG_BINPUT", opcode_put, U32, 1, 0),
    OPCODE(0x94, "MEMOIZE", opcode_memoize, NOTHING, 1, 0),
    OPCODE('g', "GET", opcode_get, LINE, 0, 0),
    OPCODE('h', "BINGET", opcode_get, U8, 0, 0),
    OPCODE('j', "LONG_BINGET", opcode_get, U32, 0, 0),

    OPCODE('N', "NONE", opcode_none, NOTHING, 0, 0),
    OPCODE(0x88, "NEWTRUE", opcode_bool, NOTHING, 0, 1),
    OPCODE(0x89, "NEWFALSE", opcode_bool, NOTHING, 0, 0),
    OPCODE('I', "INT", opcode_decimal, LINE, 0, 'I'),
    OPCODE('J', "BININT", opcode_binint, U32, 0, 0),
    OPCODE('K', "BININT1", opcode_binint, U8, 0, 0),
    OPCODE('M', "BININT2", opcode_binint, U16, 0, 0),
    OPCODE('L', "LONG", opcode_decimal, LINE, 0, 'L'),
    OPCODE(0x8A, "LONG1", opcode_long, COUNT8, 0, 0),
    OPCODE(0x8B, "LONG4", opcode_long, COUNT31, 0, 0),
    OPCODE('F', "FLOAT", opcode_float, LINE, 0, 0),
    OPCODE('G', "BINFLOAT", opcode_binfloat, U64, 0, 0),
    OPCODE('S', "STRING", opcode_escaped, LINE, 0, 'S'),
    OPCODE('T', "BINSTRING", opcode_text, COUNT31, 0, PICKLE_STR),
    OPCODE('U', "SHORT_BINSTRING", opcode_text, COUNT8, 0, PICKLE_STR),
    OPCODE('V', "UNICODE", opcode_escaped, LINE, 0, 'V'),
    OPCODE('X', "BINUNICODE", opcode_text, COUNT32, 0, PICKLE_STR),
    OPCODE(0x8C, "SHORT_BINUNICODE", opcode_text, COUNT8, 0, PICKLE_STR),
    OPCODE(0x8D, "BINUNICODE8", opcode_text, COUNT64, 0, PICKLE_STR),
    OPCODE('B', "BINBYTES", opcode_text, COUNT32, 0, PICKLE_BYTES),
    OPCODE('C', "SHORT_BINBYTES", opcode_text, COUNT8, 0, PICKLE_BYTES),
    OPCODE(0x8E, "BINBYTES8", opcode_text, COUNT64, 0, PICKLE_BYTES),
    OPCODE(0x96, "BYTEARRAY8", opcode_text, COUNT64, 0, PICKLE_BYTEARRAY),

    OPCODE(')', "EMPTY_TUPLE", opcode_empty, NOTHING, 0, PICKLE_TUPLE),
    OPCODE(']', "EMPTY_LIST", opcode_empty, NOTHING, 0, PICKLE_LIST),
    OPCODE('}', "EMPTY_DICT", opcode_empty, NOTHING, 0, PICKLE_DICT),
    OPCODE(0x8F, "EMPTY_SET", opcode_empty, NOTHING, 0, PICKLE_SET),
    OPCODE(0x85, "TUPLE1", opcode_tuple_n, NOTHING, 1, 1),
    OPCODE(0x86, "TUPLE2", opcode_tuple_n, NOTHING, 2, 2),
    OPCODE(0x87, "TUPLE3", opcode_tuple_n, NOTHING, 3, 3),
    OPCODE('t', "TUPLE", opcode_collect, NOTHING, 0, PICKLE_TUPLE),
    OPCODE('l', "LIST", opcode_collect, NOTHING, 0, PICKLE_LIST),
    OPCODE('d', "DICT", opcode_collect, NOTHING, 0, PICKLE_DICT),
    OPCODE(0x91, "FROZENSET", opcode_collect, NOTHING, 0, PICKLE_FROZENSET),
    OPCODE('a', "APPEND", opcode_extend_one, NOTHING, 2, PICKLE_LIST),
    OPCODE('e', "APPENDS", opcode_extend_many, NOTHING, 0, PICKLE_LIST),
    OPCODE('s', "SETITEM", opcode_extend_one, NOTHING, 3, PICKLE_DICT),
    OPCODE('u', "SETITEMS", opcode_extend_many, NOTHING, 0, PICKLE_DICT),
    OPCODE(0x90, "ADDITEMS", opcode_extend_many, NOTHING, 0, PICKLE_SET),

    OPCODE('c', "GLOBAL", opcode_global, TWO_LINES, 0, 0),
    OPCODE(0x93, "STACK_GLOBAL", opcode_stack_global, NOTHING, 2, 0),
    OPCODE(0x82, "EXT1", opcode_extension, U8, 0, 0),
    OPCODE(0x83, "EXT2", opcode_extension, U16, 0, 0),
    OPCODE(0x84, "EXT4", opcode_extension, U32, 0, 0),
    OPCODE(0x97, "NEXT_BUFFER", opcode_buffer, NOTHING, 0, 0),
    OPCODE(0x98, "READONLY_BUFFER", opcode_buffer, NOTHING, 0, 0),

    OPCODE('R', "REDUCE", opcode_call, NOTHING, 2, PICKLE_CALL),
    OPCODE(0x81, "NEWOBJ", opcode_call, NOTHING, 2, PICKLE_NEW),
    OPCODE(0x92, "NEWOBJ_EX", opcode_call, NOTHING, 3, PICKLE_NEW),
    OPCODE('i', "INST", opcode_old_call, TWO_LINES, 0, PICKLE_NEW),
    OPCODE('o', "OBJ", opcode_old_call, NOTHING, 0, PICKLE_NEW),
    OPCODE('b', "BUILD", opcode_build, NOTHING, 2, 0),
    OPCODE('P', "PERSID", opcode_persistent, LINE, 0, 0),
    OPCODE('Q', "BINPERSID", opcode_persistent, NOTHING, 1, 0),
};
