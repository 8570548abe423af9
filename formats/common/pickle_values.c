/* SPDX-License-Identifier: MIT
 * pickle_values.c: the opcodes that make values: leaves, containers, and what is put into them. Targets are checked as
 * torch's weights_only unpickler does, and more strictly: a list takes items, a dict takes entries, and nothing else
 * takes anything unless its class is unknown. */
#include <inttypes.h>
#include <string.h>

#include "formats/common/pickle_machine.h"
#include "formats/common/pickle_text.h"

/* Leaves. */

static int32_t push_integer(machine *m, const uint8_t *bytes, uint64_t size) {
  size = size ? pickle_text_shortest(bytes, size) : 0;
  pickle_value *value = machine_value(m, size > 8 ? PICKLE_LONG : PICKLE_INT);
  if (!value) return canon_failed(m->job);
  if (size > 8) {
    value->as.text.bytes = bytes;
    value->as.text.size = size;
  } else {
    if (size) memcpy(value->as.number.bytes, bytes, size);
    value->as.number.size = size ? (uint32_t)size : 1; /* no bytes at all are 0 */
  }
  return machine_push(m, value);
}

static int32_t push_bool(machine *m, int truth) {
  pickle_value *value = machine_value(m, PICKLE_BOOL);
  if (!value) return canon_failed(m->job);
  value->as.number.bytes[0] = (uint8_t)truth;
  value->as.number.size = 1;
  return machine_push(m, value);
}

static int32_t push_float(machine *m, uint64_t bits) {
  pickle_value *value = machine_value(m, PICKLE_FLOAT);
  if (!value) return canon_failed(m->job);
  canon_store_le64(value->as.number.bytes, bits);
  value->as.number.size = 8;
  return machine_push(m, value);
}

int32_t machine_push_text(machine *m, uint8_t kind, const uint8_t *bytes, uint64_t size) {
  pickle_value *value = machine_value(m, kind);
  if (!value) return canon_failed(m->job);
  value->as.text.bytes = bytes;
  value->as.text.size = size;
  return machine_push(m, value);
}

int32_t opcode_none(machine *m, const opcode *self, const argument *given) {
  (void)self, (void)given;
  return machine_push(m, machine_value(m, PICKLE_NONE));
}

int32_t opcode_bool(machine *m, const opcode *self, const argument *given) {
  (void)given;
  return push_bool(m, self->detail);
}

/* BININT is signed, BININT1 and BININT2 are not. */
int32_t opcode_binint(machine *m, const opcode *self, const argument *given) {
  uint8_t bytes[5];
  canon_store_le32(bytes, (uint32_t)given->number);
  bytes[4] = self->layout == LAYOUT_U32 && bytes[3] & 0x80 ? 0xFF : 0;
  return push_integer(m, bytes, sizeof bytes);
}

int32_t opcode_long(machine *m, const opcode *self, const argument *given) {
  (void)self;
  return push_integer(m, given->bytes, given->size);
}

/* Text that ends in L for LONG; 00 and 01 of INT are False and True. */
int32_t opcode_decimal(machine *m, const opcode *self, const argument *given) {
  uint64_t size = given->size, n;
  if (self->detail == 'I' && size == 2 && given->bytes[0] == '0' && (given->bytes[1] | 1) == '1')
    return push_bool(m, given->bytes[1] == '1');
  if (size && given->bytes[size - 1] == 'L') size--;
  uint8_t bytes[PICKLE_DECIMAL_BYTES];
  if (!pickle_text_to_integer(given->bytes, size, bytes, &n))
    return machine_fail(m, CANON_E_MALFORMED, "%s: %" PRIu64 " bytes that are no decimal number of at most %d digits",
                        self->name, given->size, PICKLE_LONGEST_DECIMAL);
  if (n <= 8) return push_integer(m, bytes, n);
  uint8_t *kept = arena_alloc(m->job, &m->pickle->memory, n);
  if (!kept) return canon_failed(m->job);
  memcpy(kept, bytes, n);
  return push_integer(m, kept, n);
}

int32_t opcode_binfloat(machine *m, const opcode *self, const argument *given) {
  (void)self;
  uint64_t bits = 0;
  for (uint32_t i = 0; i < 8; i++) bits = bits << 8 | given->bytes[i];
  return push_float(m, bits);
}

int32_t opcode_float(machine *m, const opcode *self, const argument *given) {
  double number;
  uint64_t bits;
  if (!pickle_text_to_float(given->bytes, given->size, &number))
    return machine_fail(m, CANON_E_MALFORMED, "%s: a line that is no number", self->name);
  memcpy(&bits, &number, sizeof bits);
  return push_float(m, bits);
}

/* str of Python 2 is taken as UTF-8, as torch.load does. */
int32_t opcode_text(machine *m, const opcode *self, const argument *given) {
  if (self->detail == PICKLE_STR && !pickle_text_is_utf8(given->bytes, given->size))
    return machine_fail(m, CANON_E_MALFORMED, "%s: a str that is not UTF-8", self->name);
  return machine_push_text(m, self->detail, given->bytes, given->size);
}

/* Lines with escapes. */
int32_t opcode_escaped(machine *m, const opcode *self, const argument *given) {
  uint64_t n, size = self->detail == 'V' ? 2 * given->size : given->size;
  uint8_t *text = arena_alloc(m->job, &m->pickle->memory, size);
  if (!text) return canon_failed(m->job);
  int whole = self->detail == 'V' ? pickle_text_unescape(given->bytes, given->size, text, &n)
                                  : pickle_text_unquote(given->bytes, given->size, text, &n);
  if (!whole || !pickle_text_is_utf8(text, n))
    return machine_fail(m, CANON_E_MALFORMED, "%s: a line with broken escapes", self->name);
  return machine_push_text(m, PICKLE_STR, text, n);
}

/* Containers. */

static int is_hashable(const pickle_value *value) {
  return value->kind == PICKLE_TUPLE ? (value->flags & PICKLE_HASHABLE) != 0
                                     : value->kind != PICKLE_LIST && value->kind != PICKLE_DICT &&
                                           value->kind != PICKLE_SET && value->kind != PICKLE_BYTEARRAY;
}

/* A container of exactly the n values at `at`. */
pickle_value *machine_container(machine *m, uint8_t kind, pickle_value **at, uint64_t n) {
  pickle_value *value = machine_value(m, kind);
  if (!value) return NULL;
  value->flags = PICKLE_HASHABLE;
  for (uint64_t i = 0; i < n; i++)
    if (!is_hashable(at[i])) value->flags = 0;
  if (n == 0) return value;
  value->as.items.at = arena_alloc(m->job, &m->pickle->memory, n * sizeof *at);
  if (!value->as.items.at) return NULL;
  memcpy(value->as.items.at, at, n * sizeof *at);
  value->as.items.n = value->as.items.capacity = (uint32_t)n;
  return value;
}

int32_t opcode_empty(machine *m, const opcode *self, const argument *given) {
  (void)given;
  return machine_push(m, machine_container(m, self->detail, NULL, 0));
}

int32_t opcode_tuple_n(machine *m, const opcode *self, const argument *given) {
  (void)given;
  m->depth -= self->detail;
  return machine_push(m, machine_container(m, PICKLE_TUPLE, m->stack + m->depth, self->detail));
}

static int32_t check_keys(machine *m, const opcode *self, pickle_value **at, uint64_t n, uint64_t stride) {
  char name[PICKLE_DESCRIPTION];
  if (n % stride != 0) return machine_fail(m, CANON_E_MALFORMED, "%s with a key that has no value", self->name);
  for (uint64_t i = 0; i < n; i += stride)
    if (!is_hashable(at[i]))
      return machine_fail(m, CANON_E_MALFORMED, "%s: %s cannot be a key", self->name, pickle_describe(at[i], name));
  return CANON_OK;
}

/* TUPLE, LIST, DICT, FROZENSET: all above the mark. */
int32_t opcode_collect(machine *m, const opcode *self, const argument *given) {
  (void)given;
  pickle_value **at;
  uint64_t n;
  int32_t code = machine_above_mark(m, &at, &n);
  if (!code && self->detail == PICKLE_DICT) code = check_keys(m, self, at, n, 2);
  if (!code && self->detail == PICKLE_FROZENSET) code = check_keys(m, self, at, n, 1);
  return code ? code : machine_push(m, machine_container(m, self->detail, at, n));
}

/* Where items or entries of target go: into itself, or beside the call whose result it is. NULL after a failure. */
static pickle_value *receiver(machine *m, const opcode *self, pickle_value *target, uint8_t kind) {
  uint32_t use = kind == PICKLE_DICT ? PICKLE_ENTRIES : PICKLE_ITEMS;
  if (target->kind == kind) return target;
  if (target->kind != PICKLE_OBJECT || (pickle_called(target) && !(pickle_called(target)->uses & use))) {
    machine_wrong_target(m, self, target);
    return NULL;
  }
  pickle_value **beside = kind == PICKLE_DICT ? &target->as.call->entries : &target->as.call->items;
  if (!*beside) *beside = machine_value(m, kind == PICKLE_DICT ? PICKLE_DICT : PICKLE_LIST);
  return *beside;
}

/* APPEND(S), ADDITEMS, SETITEM(S): n values at `at` into the value below them. */
static int32_t extend(machine *m, const opcode *self, pickle_value **at, uint64_t n) {
  pickle_value *into = receiver(m, self, m->stack[m->depth - 1], self->detail);
  if (!into) return canon_failed(m->job);
  int32_t code = CANON_OK;
  if (self->detail != PICKLE_LIST) code = check_keys(m, self, at, n, self->detail == PICKLE_DICT ? 2 : 1);
  for (uint64_t i = 0; i < n && !code; i++) code = pickle_value_add(m->job, m->pickle, into, at[i]);
  return code;
}

int32_t opcode_extend_one(machine *m, const opcode *self, const argument *given) {
  (void)given;
  uint64_t n = self->needs - 1u;
  m->depth -= n;
  return extend(m, self, m->stack + m->depth, n);
}

int32_t opcode_extend_many(machine *m, const opcode *self, const argument *given) {
  (void)given;
  pickle_value **at;
  uint64_t n;
  int32_t code = machine_above_mark(m, &at, &n);
  if (code) return code;
  uint64_t floor = m->n_marks ? m->marks[m->n_marks - 1] : 0;
  if (m->depth == floor) return machine_fail(m, CANON_E_MALFORMED, "%s with nothing below its MARK", self->name);
  return extend(m, self, at, n);
}
