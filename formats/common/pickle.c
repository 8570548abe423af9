/* SPDX-License-Identifier: MIT
 * pickle.c: the loop of the machine, its stack, marks and memo, and the values that it makes.
 * Every value costs at least one byte of the pickle, and so do marks and memo entries: memory stays in proportion.
 * Nothing recurses; a value that holds itself is a cycle of pointers, which is the walker's matter. */
#include "formats/common/pickle.h"

#include <inttypes.h>
#include <string.h>

#include "formats/common/pickle_machine.h"

/* The argument at m->next, by its layout. */
static int32_t read_argument(machine *m, const opcode *code, argument *given) {
  static const uint8_t WIDTHS[] = {
      [LAYOUT_U8] = 1,      [LAYOUT_U16] = 2,     [LAYOUT_U32] = 4,     [LAYOUT_U64] = 8, [LAYOUT_COUNT8] = 1,
      [LAYOUT_COUNT32] = 4, [LAYOUT_COUNT31] = 4, [LAYOUT_COUNT64] = 8, [LAYOUT_LINE] = 0};
  uint64_t left = (uint64_t)(m->end - m->next);
  *given = (argument){0};
  if (code->layout == LAYOUT_NOTHING) return CANON_OK;
  if (code->layout == LAYOUT_LINE || code->layout == LAYOUT_TWO_LINES) {
    const uint8_t *line = memchr(m->next, '\n', left), *second = NULL;
    if (line && code->layout == LAYOUT_TWO_LINES) second = memchr(line + 1, '\n', (uint64_t)(m->end - line - 1));
    if (!line || (code->layout == LAYOUT_TWO_LINES && !second))
      return machine_fail(m, CANON_E_MALFORMED, "%s: its line does not end", code->name);
    *given = (argument){.bytes = m->next, .size = (uint64_t)(line - m->next)};
    m->next = line + 1;
    if (!second) return CANON_OK;
    given->second = m->next;
    given->second_size = (uint64_t)(second - m->next);
    m->next = second + 1;
    return CANON_OK;
  }
  uint32_t width = WIDTHS[code->layout];
  if (left < width) return machine_fail(m, CANON_E_MALFORMED, "%s: the pickle ends in its argument", code->name);
  given->number = width == 1   ? m->next[0]
                  : width == 2 ? canon_load_le16(m->next)
                  : width == 4 ? canon_load_le32(m->next)
                               : canon_load_le64(m->next);
  given->bytes = m->next;
  given->size = width;
  m->next += width;
  if (code->layout < LAYOUT_COUNT8) return CANON_OK;
  if (code->layout == LAYOUT_COUNT31 && given->number > INT32_MAX)
    return machine_fail(m, CANON_E_MALFORMED, "%s: a negative length", code->name);
  if (given->number > left - width)
    return machine_fail(m, CANON_E_MALFORMED, "%s: %" PRIu64 " bytes, %" PRIu64 " are left in the pickle", code->name,
                        given->number, left - width);
  given->bytes = m->next;
  given->size = given->number;
  m->next += given->size;
  return CANON_OK;
}

static int32_t step(machine *m) {
  argument given;
  const opcode *code = &pickle_opcodes[*m->next];
  m->position = (uint64_t)(m->next - m->pickle->bytes);
  if (!code->name) return machine_fail(m, CANON_E_MALFORMED, "no pickle opcode is 0x%02x", *m->next);
  m->next++;
  int32_t failure = read_argument(m, code, &given);
  if (failure) return failure;
  if (m->frame_end && m->next > m->frame_end)
    return machine_fail(m, CANON_E_MALFORMED, "%s reaches over the end of its frame", code->name);
  if (m->next == m->frame_end) m->frame_end = NULL;
  uint64_t floor = m->n_marks ? m->marks[m->n_marks - 1] : 0;
  if (m->depth - floor < code->needs)
    return machine_fail(m, CANON_E_MALFORMED, "%s needs %u values, the stack has %" PRIu64, code->name, code->needs,
                        m->depth - floor);
  return code->run(m, code, &given);
}

int32_t pickle_run(canon_job *job, pickle *p) {
  machine m = {.job = job, .pickle = p, .next = p->bytes, .end = p->bytes + p->size};
  int32_t code = CANON_OK;
  if (p->size > UINT32_MAX)
    code = machine_fail(&m, CANON_E_LIMIT, "a pickle of %" PRIu64 " bytes; canon reads up to %" PRIu32, p->size,
                        UINT32_MAX);
  while (!code && !m.stopped) {
    if (m.next == m.end) {
      m.position = p->size;
      code = machine_fail(&m, CANON_E_MALFORMED, "the pickle ends without STOP");
    } else {
      code = step(&m);
    }
  }
  p->used = (uint64_t)(m.next - p->bytes);
  canon_free(job, m.stack);
  canon_free(job, m.marks);
  canon_free(job, m.memo);
  return code;
}

void pickle_free(canon_job *job, pickle *p) { arena_free(job, &p->memory); }

int32_t machine_fail(machine *m, int32_t code, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return pickle_fail(m->job, m->pickle, code, m->position, "%s", text);
}

int32_t pickle_fail(canon_job *job, const pickle *p, int32_t code, uint64_t position, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (p->origin != CANON_NONE) return canon_fail(job, code, p->origin + position, "%s", text);
  return canon_fail(job, code, CANON_NONE, "at byte %" PRIu64 " of the inflated pickle: %s", position, text);
}

/* Doubles *array until it holds `needed`. 0: no memory. */
static int grow(machine *m, void **array, uint64_t *capacity, uint64_t needed, uint64_t element) {
  if (needed <= *capacity) return 1;
  uint64_t wanted = *capacity ? *capacity : 64;
  while (wanted < needed) wanted *= 2;
  void *larger = canon_resize(m->job, *array, wanted * element);
  if (!larger) return 0;
  *array = larger;
  *capacity = wanted;
  return 1;
}

int32_t machine_push(machine *m, pickle_value *value) {
  void *array = m->stack;
  if (!value) return canon_failed(m->job);
  if (!grow(m, &array, &m->capacity, m->depth + 1, sizeof *m->stack)) return canon_failed(m->job);
  m->stack = array;
  m->stack[m->depth++] = value;
  return CANON_OK;
}

int32_t machine_mark(machine *m) {
  void *array = m->marks;
  if (!grow(m, &array, &m->marks_capacity, m->n_marks + 1, sizeof *m->marks)) return canon_failed(m->job);
  m->marks = array;
  m->marks[m->n_marks++] = m->depth;
  return CANON_OK;
}

int32_t machine_above_mark(machine *m, pickle_value ***at, uint64_t *n) {
  if (!m->n_marks)
    return machine_fail(m, CANON_E_MALFORMED, "%s without a MARK", pickle_opcodes[m->pickle->bytes[m->position]].name);
  uint64_t floor = m->marks[--m->n_marks];
  *n = m->depth - floor;
  *at = *n ? m->stack + floor : NULL; /* nothing was ever pushed: there is no stack to point into */
  m->depth = floor;
  return CANON_OK;
}

/* A pickler numbers from 0 up and spends a byte on each: a number beyond the pickle's size is none of its. */
int32_t machine_put(machine *m, uint64_t number, pickle_value *value) {
  void *array = m->memo;
  if (number > m->pickle->size)
    return machine_fail(m, CANON_E_MALFORMED, "memo number %" PRIu64 " in a pickle of %" PRIu64 " bytes", number,
                        m->pickle->size);
  if (!grow(m, &array, &m->memo_capacity, number + 1, sizeof *m->memo)) return canon_failed(m->job);
  m->memo = array;
  if (!m->memo[number]) m->n_memo++;
  m->memo[number] = value;
  value->flags |= PICKLE_MEMOIZED;
  return CANON_OK;
}

pickle_value *machine_top(const machine *m) { return m->stack[m->depth - 1]; }

int32_t machine_wrong_target(machine *m, const opcode *self, const pickle_value *target) {
  char name[PICKLE_DESCRIPTION];
  return machine_fail(m, CANON_E_MALFORMED, "%s on %s", self->name, pickle_describe(target, name));
}

pickle_value *machine_value(machine *m, uint8_t kind) { return pickle_value_new(m->job, m->pickle, kind, m->position); }

pickle_value *pickle_value_new(canon_job *job, pickle *p, uint8_t kind, uint64_t position) {
  pickle_value *value = arena_alloc(job, &p->memory, sizeof *value);
  if (!value) return NULL;
  value->kind = kind;
  value->position = position;
  return value;
}

int32_t pickle_value_add(canon_job *job, pickle *p, pickle_value *container, pickle_value *item) {
  if (container->as.items.n == container->as.items.capacity) {
    uint32_t capacity = container->as.items.capacity ? container->as.items.capacity * 2 : 4;
    if (!capacity) return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "a container of more than 2^31 values");
    pickle_value **at = arena_alloc(job, &p->memory, (uint64_t)capacity * sizeof(pickle_value *));
    if (!at) return canon_failed(job);
    if (container->as.items.n) memcpy(at, container->as.items.at, container->as.items.n * sizeof(pickle_value *));
    container->as.items.at = at;
    container->as.items.capacity = capacity;
  }
  container->as.items.at[container->as.items.n++] = item;
  return CANON_OK;
}

int pickle_to_i64(const pickle_value *value, int64_t *result) {
  if (value->kind != PICKLE_INT) return 0;
  uint64_t bits = value->as.number.bytes[value->as.number.size - 1] & 0x80 ? UINT64_MAX : 0;
  for (uint32_t i = value->as.number.size; i-- > 0;) bits = bits << 8 | value->as.number.bytes[i];
  *result = (int64_t)bits;
  return 1;
}

int pickle_is_str(const pickle_value *value, const char *text) {
  uint64_t size = strlen(text);
  return value->kind == PICKLE_STR && value->as.text.size == size && memcmp(value->as.text.bytes, text, size) == 0;
}

const pickle_class *pickle_called(const pickle_value *value) {
  return value->kind == PICKLE_OBJECT ? value->as.call->callable->as.global->known : NULL;
}

const char *pickle_describe(const pickle_value *value, char *buffer) {
  static const char *const NAMES[] = {[PICKLE_NONE] = "None",
                                      [PICKLE_BOOL] = "a bool",
                                      [PICKLE_INT] = "an int",
                                      [PICKLE_LONG] = "a long int",
                                      [PICKLE_FLOAT] = "a float",
                                      [PICKLE_STR] = "a str",
                                      [PICKLE_BYTES] = "bytes",
                                      [PICKLE_LIST] = "a list",
                                      [PICKLE_BYTEARRAY] = "a bytearray",
                                      [PICKLE_TUPLE] = "a tuple",
                                      [PICKLE_DICT] = "a dict",
                                      [PICKLE_SET] = "a set",
                                      [PICKLE_PERSISTENT] = "a storage",
                                      [PICKLE_FROZENSET] = "a frozenset"};
  if (value->kind == PICKLE_GLOBAL) snprintf(buffer, PICKLE_DESCRIPTION, "%.120s", value->as.global->text);
  else if (value->kind == PICKLE_OBJECT)
    snprintf(buffer, PICKLE_DESCRIPTION, "the result of %.120s", value->as.call->callable->as.global->text);
  else return NAMES[value->kind];
  return buffer;
}
