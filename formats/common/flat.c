/* SPDX-License-Identifier: MIT
 * flat.c: see flat.h. */
#include "formats/common/flat.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "formats/common/text.h"

enum { LONGEST_NUMBER = 24 };

typedef struct flattener {
  canon_job *job;
  const canon_manifest *manifest;
  const flat_rules *rules;
  const char *separator; /* NULL: the tree must be flat */
  flat_names *names;
  uint64_t *children; /* of each container so far: the place of the next one */
  uint8_t *holds;     /* of each container: is a tensor, or are bytes, in it? */
} flattener;

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static int32_t
refuse(const flattener *f, uint64_t node, const char *format, ...) {
  char text[600], place[TEXT_PLACE_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return canon_fail(f->job, CANON_E_UNSUPPORTED, CANON_NONE, "%s: %s", text_place(f->manifest, node, place), text);
}

static const char *kind_name(uint32_t kind) {
  static const char *const NAMES[] = {"a tensor", "a dict", "a list",      "a tuple",         "a set",
                                      "None",     "a bool", "an integer",  "a float",         "a complex number",
                                      "text",     "bytes",  "a reference", "an opaque object"};
  return kind >= 1 && kind <= sizeof NAMES / sizeof NAMES[0] ? NAMES[kind - 1] : "an unknown node";
}

static int is_container(const canon_node *node) {
  return node->kind >= CANON_NODE_DICT && node->kind <= CANON_NODE_SET;
}

/* A whole number of at most 64 bits in two's complement; 0: it is a larger one. */
static int print_integer(const uint8_t *bytes, uint64_t size, char text[LONGEST_NUMBER]) {
  uint64_t value = bytes[size - 1] >= 0x80 ? UINT64_MAX : 0;
  if (size > 8) return 0;
  for (uint64_t i = 0; i < size; i++) value = (value & ~(UINT64_C(0xFF) << 8 * i)) | (uint64_t)bytes[i] << 8 * i;
  snprintf(text, LONGEST_NUMBER, "%" PRId64, (int64_t)value);
  return 1;
}

/* The piece of a name that a node's key is. places: which child of its container each node is. */
static int32_t piece_of(const flattener *f, uint64_t i, const char **piece, uint64_t *size,
                        char number[LONGEST_NUMBER]) {
  const canon_node *node = canon_manifest_node(f->manifest, i);
  *piece = number;
  switch (node->key_kind) {
    case CANON_KEY_STR:
      if (node->key_size && memchr(node->key, 0, node->key_size))
        return refuse(f, i, "its key holds a NUL, which no name in %s can", f->rules->format);
      if (text_utf8_prefix(node->key, node->key_size, 0) != node->key_size)
        return refuse(f, i, "its key holds a lone surrogate, which is no UTF-8; leave it out with --exclude");
      *piece = node->key;
      *size = node->key_size;
      return CANON_OK;
    case CANON_KEY_INDEX: snprintf(number, LONGEST_NUMBER, "%" PRIu64, f->children[i]); break;
    case CANON_KEY_INT:
      if (f->separator && print_integer(node->key, node->key_size, number)) break;
      return refuse(f, i, "its key is an integer, and a name in %s is text; %s", f->rules->format,
                    f->separator ? "leave it out with --exclude" : "--flatten makes text of it");
    default: return refuse(f, i, "its key is no text; leave it out with --exclude");
  }
  *size = strlen(number);
  return CANON_OK;
}

/* The name from the root down to a node: its pieces are put down from the end. */
static int32_t add_name(flattener *f, uint64_t node, flat_kind kind) {
  const char *suffix = kind == FLAT_JSON ? ".json" : "";
  uint64_t total = strlen(suffix), size = 0, between = f->separator ? strlen(f->separator) : 0;
  const char *piece;
  char number[LONGEST_NUMBER];
  int32_t code = CANON_OK;
  for (uint64_t i = node; i && !code; i = canon_manifest_node(f->manifest, i)->parent) {
    code = piece_of(f, i, &piece, &size, number);
    total += size + (i == node ? 0 : between);
  }
  if (!code && total > f->rules->name_most)
    code = refuse(f, node, "a name of %" PRIu64 " bytes, more than the %" PRIu64 " that %s holds", total,
                  f->rules->name_most, f->rules->format);
  if (code) return code;
  char *name = arena_alloc(f->job, &f->names->memory, total + 1), *at = name + total - strlen(suffix);
  if (!name) return canon_failed(f->job);
  strcpy(at, suffix);
  for (uint64_t i = node; i && !code; i = canon_manifest_node(f->manifest, i)->parent) {
    code = piece_of(f, i, &piece, &size, number);
    if (i != node) at = (char *)memcpy(at - between, f->separator, between);
    at -= size;
    if (size) memcpy(at, piece, size);
  }
  f->names->all[f->names->n++] = (flat_name){name, total, node, kind};
  return code;
}

static int is_json(const flattener *f, uint64_t i) {
  return i && f->separator && f->rules->takes_values && !f->holds[i];
}

static int32_t take_node(flattener *f, uint64_t i, uint64_t *nodes_in) {
  const canon_node *node = canon_manifest_node(f->manifest, i);
  if (node->kind == CANON_NODE_TENSOR) return add_name(f, i, FLAT_TENSOR);
  if (i && f->rules->takes_values && node->kind == CANON_NODE_BYTES) return add_name(f, i, FLAT_BYTES);
  if (is_json(f, i)) return add_name(f, i, FLAT_JSON);
  if (!is_container(node))
    return refuse(
        f, i, "%s holds tensors only, this is %s; leave it out with --tensors-only or --exclude%s", f->rules->format,
        kind_name(node->kind),
        f->rules->takes_values && i && node->kind != CANON_NODE_OPAQUE ? ", or write it as JSON with --flatten" : "");
  if (node->type) return refuse(f, i, "%s has no %.200s; leave it out with --exclude", f->rules->format, node->type);
  if (f->separator) {
    if (i && !nodes_in[i])
      return refuse(f, i, "%s without anything in it has no place in %s; leave it out with --exclude",
                    kind_name(node->kind), f->rules->format);
    return CANON_OK;
  }
  if (!i && node->kind == CANON_NODE_DICT) return CANON_OK;
  return refuse(f, i,
                "%s holds a flat dict of tensors, this is %s; --flatten joins the keys, --select takes a part of "
                "the tree",
                f->rules->format, kind_name(node->kind));
}

static int compare_names(const void *left, const void *right) {
  const flat_name *a = left, *b = right;
  int order = memcmp(a->text, b->text, a->size < b->size ? a->size : b->size);
  return order ? order : a->size < b->size ? -1 : a->size > b->size;
}

static int32_t sort_names(const flattener *f) {
  flat_names *names = f->names;
  char place[TEXT_PLACE_BYTES];
  qsort(names->all, names->n, sizeof *names->all, compare_names);
  for (uint64_t i = 1; i < names->n; i++)
    if (compare_names(&names->all[i - 1], &names->all[i]) == 0)
      return refuse(f, names->all[i].node,
                    "its name is '%.100s', as is that of %s; choose another separator: --flatten=SEPARATOR",
                    names->all[i].text, text_place(f->manifest, names->all[i - 1].node, place));
  return CANON_OK;
}

/* The place of each node in its container, and what each container holds. */
static uint64_t *survey(flattener *f) {
  const canon_manifest *manifest = f->manifest;
  uint64_t *nodes_in = canon_alloc(f->job, manifest->n_nodes * sizeof *nodes_in);
  for (uint64_t i = 1; nodes_in && i < manifest->n_nodes; i++)
    f->children[i] = nodes_in[canon_manifest_node(manifest, i)->parent]++;
  for (uint64_t i = manifest->n_nodes - 1; nodes_in && i; i--) {
    const canon_node *node = canon_manifest_node(manifest, i);
    f->holds[i] |= node->kind == CANON_NODE_TENSOR || node->kind == CANON_NODE_BYTES;
    f->holds[node->parent] |= f->holds[i];
  }
  return nodes_in;
}

static int32_t take_nodes(flattener *f) {
  const canon_manifest *manifest = f->manifest;
  uint64_t passed_over = CANON_NONE; /* nodes below it come right behind it */
  int32_t code = CANON_OK;
  uint64_t *nodes_in = survey(f);
  if (!nodes_in) return canon_failed(f->job);
  for (uint64_t i = 0; i < manifest->n_nodes && !code; i++) {
    if (i && passed_over != CANON_NONE && canon_manifest_node(manifest, i)->parent >= passed_over) continue;
    passed_over = i == f->rules->except || is_json(f, i) ? i : CANON_NONE;
    if (i != f->rules->except) code = take_node(f, i, nodes_in);
  }
  canon_free(f->job, nodes_in);
  return code || !f->separator ? code : sort_names(f);
}

static int32_t name_root(flattener *f) {
  if (!f->rules->root_name) return refuse(f, 0, "%s", f->rules->root_help);
  const char *name = f->rules->root_name;
  uint64_t size = strlen(name);
  if (size > f->rules->name_most)
    return refuse(f, 0, "a name of %" PRIu64 " bytes, more than the %" PRIu64 " that %s holds", size,
                  f->rules->name_most, f->rules->format);
  f->names->all[f->names->n++] = (flat_name){name, size, 0, FLAT_TENSOR};
  return CANON_OK;
}

int32_t flat_names_make(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                        const flat_rules *rules, flat_names *names) {
  const canon_value *flatten = job->host->param(job, instance, "flatten");
  flattener f = {.job = job, .manifest = manifest, .rules = rules, .names = names};
  if (flatten) f.separator = *flatten->text ? flatten->text : "/";
  names->all = canon_alloc(job, manifest->n_nodes * sizeof *names->all);
  f.children = names->all ? canon_alloc(job, manifest->n_nodes * sizeof *f.children) : NULL;
  f.holds = f.children ? canon_alloc(job, manifest->n_nodes) : NULL;
  int32_t code = !f.holds                                                      ? canon_failed(job)
                 : canon_manifest_node(manifest, 0)->kind == CANON_NODE_TENSOR ? name_root(&f)
                                                                               : take_nodes(&f);
  canon_free(job, f.holds);
  canon_free(job, f.children);
  return code;
}

void flat_names_free(canon_job *job, flat_names *names) {
  arena_free(job, &names->memory);
  canon_free(job, names->all);
  *names = (flat_names){.all = NULL};
}
