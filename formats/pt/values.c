/* SPDX-License-Identifier: MIT
 * values.c: what calls of Python's own classes give: dicts and lists of other names, sets, bytes, complex numbers; and
 * the things that stay opaque but have a printed form (devices, ranges). */
#include <string.h>

#include "formats/common/pickle_text.h"
#include "formats/pt/pt.h"

static pickle_value *argument(const pickle_value *value, uint32_t i) {
  const pickle_value *arguments = value->as.call->arguments;
  return i < arguments->as.items.n ? arguments->as.items.at[i] : NULL;
}

static uint32_t n_arguments(const pickle_value *value) { return value->as.call->arguments->as.items.n; }

static int is_sequence(const pickle_value *value) { return value->kind == PICKLE_LIST || value->kind == PICKLE_TUPLE; }

int32_t pt_opaque(canon_job *job, pt_item *item, const char *type, const char *text) {
  (void)job;
  item->node.kind = CANON_NODE_OPAQUE;
  item->node.flags = 0;
  item->node.type = type;
  item->node.data = text;
  item->node.data_size = text ? strlen(text) : 0;
  item->children = NULL;
  item->n_children = 0;
  return CANON_OK;
}

int32_t pt_attributes(canon_job *job, pt_reader *reader, const pickle_value *state, pt_item *item) {
  if (!state || state->kind == PICKLE_NONE) return CANON_OK;
  /* (dict, slots) where a class has slots */
  if (state->kind == PICKLE_TUPLE && state->as.items.n > 0) state = state->as.items.at[0];
  if (state->kind != PICKLE_DICT) return CANON_OK;
  uint64_t n = 0;
  canon_attribute *attributes =
      arena_alloc(job, &reader->pickle.memory, (state->as.items.n / 2 + 1) * sizeof *attributes);
  if (!attributes) return canon_failed(job);
  for (uint32_t i = 0; i < state->as.items.n; i += 2) {
    const pickle_value *name = state->as.items.at[i], *value = state->as.items.at[i + 1];
    char description[PICKLE_DESCRIPTION];
    uint64_t size;
    if (name->kind != PICKLE_STR) continue;
    attributes[n].name = arena_text(job, &reader->pickle.memory, name->as.text.bytes, name->as.text.size);
    int32_t code = attributes[n].name ? pt_print(job, reader, value, &attributes[n].text, &size) : canon_failed(job);
    if (code) return code;
    if (!attributes[n].text) {
      const char *text = pickle_describe(value, description);
      attributes[n].text = arena_text(job, &reader->pickle.memory, text, strlen(text));
      if (!attributes[n].text) return canon_failed(job);
    }
    n++;
  }
  item->node.attributes = attributes;
  item->node.n_attributes = n;
  item->node.attribute_size = sizeof *attributes;
  return CANON_OK;
}

/* [[key, value], ...], as Python 2 wrote an OrderedDict. 0: something else. */
static int32_t flatten_pairs(canon_job *job, pt_reader *reader, const pickle_value *pairs, pt_item *item, int *flat) {
  uint64_t n = pairs->as.items.n;
  *flat = 0;
  for (uint64_t i = 0; i < n; i++)
    if (!is_sequence(pairs->as.items.at[i]) || pairs->as.items.at[i]->as.items.n != 2) return CANON_OK;
  item->children = arena_alloc(job, &reader->pickle.memory, 2 * n * sizeof *item->children);
  if (!item->children) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++)
    memcpy(&item->children[2 * i], pairs->as.items.at[i]->as.items.at, 2 * sizeof *item->children);
  item->n_children = 2 * n;
  *flat = 1;
  return CANON_OK;
}

/* OrderedDict and Counter take their entries as argument or by SETITEMS, defaultdict a factory and SETITEMS. */
int32_t pt_describe_mapping(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_call *call = value->as.call;
  const char *name = call->callable->as.global->text;
  int is_ordered = strcmp(name, "collections.OrderedDict") == 0,
      has_factory = strcmp(name, "collections.defaultdict") == 0;
  const pickle_value *given = has_factory ? NULL : argument(value, 0);
  int whole = n_arguments(value) <= 1;
  item->node.kind = CANON_NODE_DICT;
  item->node.flags = CANON_NODE_ORDERED;
  item->node.type = is_ordered ? NULL : name;
  if (call->entries) {
    item->children = call->entries->as.items.at;
    item->n_children = call->entries->as.items.n;
    whole = whole && (!given || given->as.items.n == 0);
  } else if (given && given->kind == PICKLE_DICT) {
    item->children = given->as.items.at;
    item->n_children = given->as.items.n;
  } else if (given && is_sequence(given)) {
    int32_t code = flatten_pairs(job, reader, given, item, &whole);
    if (code) return code;
  } else if (given) {
    whole = 0;
  }
  if (!whole) return pt_opaque(job, item, name, "made from what is no dict");
  return pt_attributes(job, reader, call->state, item);
}

int32_t pt_describe_sequence(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  (void)reader;
  const pickle_call *call = value->as.call;
  const pickle_value *given = argument(value, 0);
  if (given && !is_sequence(given)) return pt_opaque(job, item, call->callable->as.global->text, NULL);
  const pickle_value *items = given && given->as.items.n ? given : call->items;
  if (given && given->as.items.n && call->items) return pt_opaque(job, item, call->callable->as.global->text, NULL);
  item->node.kind = CANON_NODE_LIST;
  item->node.type = call->callable->as.global->text;
  item->children = items ? items->as.items.at : NULL;
  item->n_children = items ? items->as.items.n : 0;
  return CANON_OK;
}

int32_t pt_describe_set(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *given = argument(value, 0);
  int is_frozen = strcmp(value->as.call->callable->as.global->known->name, "frozenset") == 0;
  if (n_arguments(value) > 1 || (given && !is_sequence(given)) || value->as.call->items)
    return pt_bad_arguments(job, reader, value, "a list");
  item->node.kind = CANON_NODE_SET;
  item->node.flags = is_frozen ? 0 : CANON_NODE_MUTABLE;
  item->children = given ? given->as.items.at : NULL;
  item->n_children = given ? given->as.items.n : 0;
  return CANON_OK;
}

int32_t pt_describe_size(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *given = argument(value, 0);
  int64_t extent;
  int whole = n_arguments(value) <= 1 && (!given || is_sequence(given));
  for (uint32_t i = 0; whole && given && i < given->as.items.n; i++)
    whole = pickle_to_i64(given->as.items.at[i], &extent);
  if (!whole) return pt_bad_arguments(job, reader, value, "a tuple of ints");
  item->node.kind = CANON_NODE_TUPLE;
  item->node.type = "torch.Size";
  item->children = given ? given->as.items.at : NULL;
  item->n_children = given ? given->as.items.n : 0;
  return CANON_OK;
}

int32_t pt_describe_complex(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const pickle_value *real = argument(value, 0), *imaginary = argument(value, 1);
  if (n_arguments(value) != 2 || real->kind != PICKLE_FLOAT || imaginary->kind != PICKLE_FLOAT)
    return pt_bad_arguments(job, reader, value, "two floats");
  uint8_t *bytes = arena_alloc(job, &reader->pickle.memory, 16);
  if (!bytes) return canon_failed(job);
  memcpy(bytes, real->as.number.bytes, 8);
  memcpy(bytes + 8, imaginary->as.number.bytes, 8);
  item->node.kind = CANON_NODE_COMPLEX;
  item->node.data = bytes;
  item->node.data_size = 16;
  return CANON_OK;
}

/* Pickles of protocol 2 have no bytes: a call encodes a str whose characters are the bytes. */
static int32_t encode(canon_job *job, pt_reader *reader, const pickle_value *call, const pickle_value *text,
                      const pickle_value *encoding, uint8_t **bytes, uint64_t *n) {
  if (!text || text->kind != PICKLE_STR || !encoding ||
      !(pickle_is_str(encoding, "latin1") || pickle_is_str(encoding, "latin-1")))
    return pt_bad_arguments(job, reader, call, "a str and 'latin1'");
  *bytes = arena_alloc(job, &reader->pickle.memory, text->as.text.size);
  if (!*bytes) return canon_failed(job);
  if (!pickle_text_to_latin1(text->as.text.bytes, text->as.text.size, *bytes, n))
    return pickle_fail(job, &reader->pickle, CANON_E_MALFORMED, text->position,
                       "bytes written as a str that holds a character beyond U+00FF");
  return CANON_OK;
}

int32_t pt_lower_bytes(canon_job *job, pt_reader *reader, pickle_value *value, int *is_bytes) {
  const pt_class *class = pt_class_of(pickle_called(value));
  *is_bytes = value->kind == PICKLE_BYTES || value->kind == PICKLE_BYTEARRAY;
  if (!class || class->describe != pt_describe_bytes) return CANON_OK;
  uint32_t n = n_arguments(value);
  pickle_value *first = argument(value, 0);
  const pt_class *inner = n == 1 ? pt_class_of(pickle_called(first)) : NULL;
  int is_array = strcmp(class->pickle.name, "bytearray") == 0, is_encode = strcmp(class->pickle.name, "encode") == 0;
  uint8_t *encoded = NULL;
  uint64_t size = 0;
  int32_t code = CANON_OK;
  /* bytearray(encode(...)): the inner call is none of a bytearray, so that this goes one level down and no further */
  if (is_array && inner && inner->describe == pt_describe_bytes && strcmp(inner->pickle.name, "bytearray") != 0)
    code = pt_lower_bytes(job, reader, first, is_bytes);
  if (!code && (is_encode || n == 2)) code = encode(job, reader, value, first, argument(value, 1), &encoded, &size);
  else if (!code && (n > 1 || (n == 1 && first->kind != PICKLE_BYTES)))
    code = pt_bad_arguments(job, reader, value, "bytes");
  if (code) return code;
  pickle_value bytes = n == 1 ? *first : (pickle_value){.as.text = {encoded, size}};
  value->kind = is_array ? PICKLE_BYTEARRAY : PICKLE_BYTES;
  value->as.text = bytes.as.text;
  *is_bytes = 1;
  return CANON_OK;
}

int32_t pt_describe_bytes(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  int is_bytes;
  int32_t code = pt_lower_bytes(job, reader, value, &is_bytes);
  return code ? code : pt_describe(job, reader, value, item); /* a leaf by now */
}

/* Devices, layouts, ranges, slices: opaque, with the text that Python prints. */
int32_t pt_describe_printed(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  const char *name = value->as.call->callable->as.global->known->name, *type, *text;
  uint64_t size;
  const pickle_value *arguments = value->as.call->arguments, *first = argument(value, 0);
  int is_device = strcmp(name, "device") == 0, is_layout = strcmp(name, "_get_layout") == 0;
  type = is_device ? "torch.device" : is_layout ? "torch.layout" : strcmp(name, "xrange") == 0 ? "range" : name;
  pt_opaque(job, item, type, NULL);
  if ((is_device || is_layout) && first && first->kind == PICKLE_STR) {
    int64_t index;
    char printed[64] = "";
    if (is_device && argument(value, 1) && pickle_to_i64(argument(value, 1), &index))
      snprintf(printed, sizeof printed, ":%lld", (long long)index);
    size = first->as.text.size;
    char *joined = arena_alloc(job, &reader->pickle.memory, size + sizeof printed);
    if (!joined) return canon_failed(job);
    memcpy(joined, first->as.text.bytes, size);
    memcpy(joined + size, printed, strlen(printed));
    item->node.data = joined;
    item->node.data_size = size + strlen(printed);
    return CANON_OK;
  }
  int32_t code = pt_print(job, reader, arguments, &text, &size);
  item->node.data = text;
  item->node.data_size = size;
  return code;
}

/* An object of protocol 0 or 1: (class, base, state of the base). */
int32_t pt_describe_reconstructed(canon_job *job, pt_reader *reader, pickle_value *value, pt_item *item) {
  (void)reader;
  const pickle_value *class = argument(value, 0);
  return pt_opaque(job, item, class && class->kind == PICKLE_GLOBAL ? class->as.global->text : "copyreg._reconstructor",
                   NULL);
}
