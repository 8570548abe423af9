/* SPDX-License-Identifier: MIT
 * pickle_calls.c: the opcodes that name things and call them. A name is looked up in the format's table and nowhere
 * else; a call becomes a record of itself. */
#include <inttypes.h>
#include <string.h>

#include "formats/common/pickle_machine.h"
#include "formats/common/pickle_text.h"
#include "formats/common/pickle_unsafe.h"

/* Names. */

/* Parts between dots that are identifiers; bytes above ASCII pass, since Python allows letters of every script. */
static int is_dotted_name(const uint8_t *text, uint64_t size) {
  int start = 1;
  for (uint64_t i = 0; i < size; i++) {
    uint8_t c = text[i];
    int digit = c >= '0' && c <= '9';
    int letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
    int local = c == '<' || c == '>'; /* "outer.<locals>.inner" */
    if (c == '.' && start) return 0;
    if (c != '.' && !letter && !local && (!digit || start)) return 0;
    start = c == '.';
  }
  return !start && pickle_text_is_utf8(text, size);
}

static pickle_value *global_value(machine *m, const uint8_t *module, uint64_t module_size, const uint8_t *name,
                                  uint64_t name_size) {
  const char *in = (const char *)module, *what = (const char *)name;
  if (!is_dotted_name(module, module_size) || !is_dotted_name(name, name_size)) {
    machine_fail(m, CANON_E_UNSAFE, "a name that no Python module has, %.*s . %.*s",
                 (int)(module_size < 80 ? module_size : 80), in, (int)(name_size < 80 ? name_size : 80), what);
    return NULL;
  }
  const pickle_class *known = m->pickle->find ? m->pickle->find(in, module_size, what, name_size) : NULL;
  if (!known && pickle_is_unsafe(in, module_size, what, name_size)) {
    machine_fail(m, CANON_E_UNSAFE, "it asks for %.*s.%.*s, which no data needs; do not load this file anywhere",
                 (int)(module_size < 80 ? module_size : 80), in, (int)(name_size < 80 ? name_size : 80), what);
    return NULL;
  }
  pickle_value *value = machine_value(m, PICKLE_GLOBAL);
  pickle_global *global = value ? arena_alloc(m->job, &m->pickle->memory, sizeof *global) : NULL;
  char *text = global ? arena_alloc(m->job, &m->pickle->memory, module_size + name_size + 2) : NULL;
  if (!text) return NULL;
  memcpy(text, in, module_size);
  text[module_size] = '.';
  memcpy(text + module_size + 1, what, name_size);
  global->known = known;
  global->text = text;
  value->as.global = global;
  return value;
}

int32_t opcode_global(machine *m, const opcode *self, const argument *given) {
  (void)self;
  return machine_push(m, global_value(m, given->bytes, given->size, given->second, given->second_size));
}

int32_t opcode_stack_global(machine *m, const opcode *self, const argument *given) {
  (void)given;
  const pickle_value *module = m->stack[m->depth - 2], *name = m->stack[m->depth - 1];
  m->depth -= 2;
  if (module->kind != PICKLE_STR || name->kind != PICKLE_STR)
    return machine_wrong_target(m, self, module->kind != PICKLE_STR ? module : name);
  return machine_push(
      m, global_value(m, module->as.text.bytes, module->as.text.size, name->as.text.bytes, name->as.text.size));
}

int32_t opcode_extension(machine *m, const opcode *self, const argument *given) {
  return machine_fail(m, CANON_E_UNSAFE, "%s %" PRIu64 ": a name that only the writer's own registry knows", self->name,
                      given->number);
}

int32_t opcode_buffer(machine *m, const opcode *self, const argument *given) {
  (void)given;
  return machine_fail(m, CANON_E_UNSUPPORTED,
                      "%s: data that was kept out of the pickle; save it without buffer_callback", self->name);
}

/* Calls, none of which is made. */

static pickle_value *call_of(machine *m, const opcode *self, pickle_value *callable, pickle_value *arguments,
                             pickle_value *keywords) {
  char name[PICKLE_DESCRIPTION];
  if (callable->kind != PICKLE_GLOBAL) {
    machine_fail(m, callable->kind == PICKLE_OBJECT ? CANON_E_UNSAFE : CANON_E_MALFORMED, "%s calls %s", self->name,
                 pickle_describe(callable, name));
    return NULL;
  }
  const pickle_class *known = callable->as.global->known;
  if (known && !(known->uses & self->detail)) {
    machine_wrong_target(m, self, callable);
    return NULL;
  }
  if (arguments->kind != PICKLE_TUPLE || (keywords && keywords->kind != PICKLE_DICT)) {
    machine_fail(m, CANON_E_MALFORMED, "%s of %.100s with %s for arguments", self->name, callable->as.global->text,
                 pickle_describe(arguments->kind != PICKLE_TUPLE ? arguments : keywords, name));
    return NULL;
  }
  if (known && keywords && keywords->as.items.n) {
    machine_fail(m, CANON_E_UNSUPPORTED, "%s of %.100s with arguments by name", self->name, callable->as.global->text);
    return NULL;
  }
  pickle_value *value = machine_value(m, PICKLE_OBJECT);
  pickle_call *call = value ? arena_alloc(m->job, &m->pickle->memory, sizeof *call) : NULL;
  if (!call) return NULL;
  call->callable = callable;
  call->arguments = arguments;
  call->keywords = keywords;
  value->as.call = call;
  return value;
}

/* REDUCE, NEWOBJ, NEWOBJ_EX: the callable and its arguments lie on the stack. */
int32_t opcode_call(machine *m, const opcode *self, const argument *given) {
  (void)given;
  m->depth -= self->needs;
  pickle_value **at = m->stack + m->depth;
  return machine_push(m, call_of(m, self, at[0], at[1], self->needs == 3 ? at[2] : NULL));
}

/* OBJ: the class is the first value above the mark; INST: it is named in two lines. */
int32_t opcode_old_call(machine *m, const opcode *self, const argument *given) {
  pickle_value **at, *callable;
  uint64_t n;
  int32_t code = machine_above_mark(m, &at, &n);
  if (code) return code;
  if (self->layout == LAYOUT_TWO_LINES) {
    callable = global_value(m, given->bytes, given->size, given->second, given->second_size);
  } else {
    if (n == 0) return machine_fail(m, CANON_E_MALFORMED, "%s without a class", self->name);
    callable = *at++;
    n--;
  }
  pickle_value *arguments = callable ? machine_container(m, PICKLE_TUPLE, at, n) : NULL;
  return machine_push(m, arguments ? call_of(m, self, callable, arguments, NULL) : NULL);
}

int32_t opcode_build(machine *m, const opcode *self, const argument *given) {
  (void)given;
  pickle_value *state = m->stack[--m->depth], *target = machine_top(m);
  const pickle_class *known = pickle_called(target);
  if (target->kind != PICKLE_OBJECT || (known && !(known->uses & PICKLE_STATE)))
    return machine_wrong_target(m, self, target);
  if (known && target->as.call->state)
    return machine_fail(m, CANON_E_MALFORMED, "a second %s on one object", self->name);
  target->as.call->state = state;
  return CANON_OK;
}

/* PERSID has its id in a line, BINPERSID on the stack. */
int32_t opcode_persistent(machine *m, const opcode *self, const argument *given) {
  if (self->layout == LAYOUT_LINE) {
    if (!pickle_text_is_utf8(given->bytes, given->size))
      return machine_fail(m, CANON_E_MALFORMED, "%s: an id that is not UTF-8", self->name);
    int32_t code = machine_push_text(m, PICKLE_STR, given->bytes, given->size);
    if (code) return code;
  }
  pickle_value *value = machine_value(m, PICKLE_PERSISTENT);
  if (!value) return canon_failed(m->job);
  value->as.id = m->stack[--m->depth];
  return machine_push(m, value);
}
