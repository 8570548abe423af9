/* SPDX-License-Identifier: MIT
 * check.c: what msgpack can hold, asked before there is an output, and the ways out where it cannot. */
#include <string.h>

#include "formats/msgpack/msgpack.h"
#include "formats/msgpack/pack.h"

int32_t msgpack_dialect(canon_job *job, const canon_instance *instance, uint32_t *dialect) {
  const canon_value *option = job->host->param(job, instance, "dialect");
  *dialect = MSGPACK_NUMPY;
  if (!option || !strcmp(option->text, "numpy")) return CANON_OK;
  *dialect = MSGPACK_FLAX;
  if (!strcmp(option->text, "flax")) return CANON_OK;
  return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--dialect %s is neither numpy nor flax", option->text);
}

uint8_t *msgpack_in_lists(canon_job *job, const canon_manifest *manifest) {
  uint8_t *in_lists = canon_alloc(job, manifest->n_nodes);
  for (uint64_t i = 1; in_lists && i < manifest->n_nodes; i++) {
    uint64_t parent = canon_manifest_node(manifest, i)->parent;
    in_lists[i] = in_lists[parent] || canon_manifest_node(manifest, parent)->kind != CANON_NODE_DICT;
  }
  return in_lists;
}

int msgpack_integer(const void *bytes, uint64_t size, int *is_negative, uint64_t *integer) {
  const uint8_t *at = bytes;
  *is_negative = at[size - 1] >= 0x80;
  if (size > 9 || (size == 9 && at[8] != 0)) return 0;
  *integer = *is_negative ? UINT64_MAX : 0;
  if (size < 8) *integer <<= 8 * size;
  else *integer = 0;
  for (uint64_t i = 0; i < size && i < 8; i++) *integer |= (uint64_t)at[i] << 8 * i;
  return 1;
}

uint64_t msgpack_tensor_bytes(const canon_node *tensor) {
  uint64_t bytes = canon_dtype_size(tensor->dtype);
  for (uint32_t i = 0; i < tensor->rank; i++) bytes *= tensor->shape[i];
  return bytes;
}

typedef struct checker {
  canon_job *job;
  const canon_manifest *manifest;
  uint32_t dialect;
  const uint8_t *in_lists;
  struct dict_facts *facts; /* one a node */
} checker;

#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static int32_t
refuse(const checker *c, uint64_t node, const char *format, ...) {
  char text[600], place[TEXT_PLACE_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return canon_fail(c->job, CANON_E_UNSUPPORTED, CANON_NONE, "%s: %s", text_place(c->manifest, node, place), text);
}

/* Dicts that would be taken for something else */

enum { ND = 1, TYPE = 2, KIND = 4, SHAPE = 8, DATA = 16, COMPLEX = 32, CHUNKS = 64 };
static const struct {
  const char *name;
  uint8_t flag;
} WORDS[] = {{"nd", ND},     {"type", TYPE},       {"kind", KIND},          {"shape", SHAPE},
             {"data", DATA}, {"complex", COMPLEX}, {MSGPACK_CHUNKS, CHUNKS}};

struct dict_facts {
  uint64_t children;
  uint8_t words; /* keys of WORDS, bytes or str */
  uint8_t words_as_bytes;
};

static void note_child(const checker *c, const canon_node *node) {
  struct dict_facts *parent = &c->facts[node->parent];
  parent->children++;
  if (node->key_kind != CANON_KEY_STR && node->key_kind != CANON_KEY_BYTES) return;
  for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
    if (strlen(WORDS[i].name) != node->key_size || memcmp(WORDS[i].name, node->key, node->key_size) != 0) continue;
    parent->words |= WORDS[i].flag;
    if (node->key_kind == CANON_KEY_BYTES) parent->words_as_bytes |= WORDS[i].flag;
  }
}

/* What msgpack-numpy takes by some bytes keys, flax by one key, and canon by all of them. */
static int is_misleading(const struct dict_facts *dict) {
  static const uint8_t WHOLE[] = {ND | TYPE | DATA, ND | TYPE | DATA | SHAPE, ND | TYPE | DATA | SHAPE | KIND,
                                  COMPLEX | DATA};
  if (dict->words & CHUNKS) return 1;
  if ((dict->words_as_bytes & (ND | TYPE | DATA)) == (ND | TYPE | DATA)) return 1;
  if ((dict->words_as_bytes & (COMPLEX | DATA)) == (COMPLEX | DATA)) return 1;
  for (size_t i = 0; i < sizeof WHOLE; i++) {
    uint64_t words = 0;
    for (uint8_t rest = WHOLE[i]; rest; rest &= (uint8_t)(rest - 1)) words++;
    if (dict->words == WHOLE[i] && dict->children == words) return 1;
  }
  return 0;
}

static int32_t check_container(const checker *c, uint64_t i, const canon_node *node) {
  if (c->facts[i].children > MSGPACK_MOST)
    return refuse(c, i, "%" PRIu64 " entries, more than msgpack counts; choose another format", c->facts[i].children);
  if (node->kind != CANON_NODE_DICT) return CANON_OK;
  if (node->type) return refuse(c, i, "msgpack has no %.200s; leave it out with --exclude", node->type);
  if (is_misleading(&c->facts[i]))
    return refuse(c, i,
                  "readers would take a dict with these keys for an array or a complex number; leave it out with "
                  "--exclude, or choose another format");
  return CANON_OK;
}

/* Leaves */

static int32_t check_tensor(const checker *c, uint64_t i, const canon_node *node) {
  const char *name = canon_dtype_name(node->dtype);
  if (c->dialect == MSGPACK_NUMPY && !msgpack_descr_of(node->dtype))
    return refuse(c, i, "msgpack-numpy has no dtype for %s; %s--cast it to f32, or choose another format", name,
                  msgpack_name_of(node->dtype) ? "write it with --dialect flax, " : "");
  if (!msgpack_name_of(node->dtype))
    return refuse(c, i, "flax has no dtype for %s; --cast it to another, or choose another format", name);
  uint64_t bytes = msgpack_tensor_bytes(node), most = MSGPACK_MOST;
  if (c->dialect == MSGPACK_FLAX)
    most = c->in_lists[i] ? MSGPACK_MOST - 1024 : UINT64_MAX; /* an ext has a shape as well */
  if (bytes <= most) return CANON_OK;
  if (c->dialect == MSGPACK_FLAX)
    return refuse(c, i,
                  "%" PRIu64 " bytes, of which msgpack holds %" PRIu64
                  " in one value, and flax takes chunks together in dicts alone, not in lists; choose another format",
                  bytes, most);
  return refuse(c, i,
                "%" PRIu64 " bytes, of which msgpack holds %" PRIu64
                " in one value; write it with --dialect flax, which makes chunks of it, or choose another format",
                bytes, most);
}

static int32_t check_text(const checker *c, uint64_t i, const void *text, uint64_t size, int is_str, const char *what) {
  if (size > MSGPACK_MOST)
    return refuse(c, i, "%s of %" PRIu64 " bytes, more than msgpack holds; choose another format", what, size);
  if (is_str && text_utf8_prefix(text, size, 0) != size)
    return refuse(c, i, "%s with a lone surrogate, which is no UTF-8; leave it out with --exclude", what);
  return CANON_OK;
}

static int32_t check_integer(const checker *c, uint64_t i, const void *bytes, uint64_t size, const char *what) {
  int is_negative;
  uint64_t integer;
  if (msgpack_integer(bytes, size, &is_negative, &integer)) return CANON_OK;
  return refuse(c, i, "%s of more than 64 bits, which msgpack does not hold; leave it out with --exclude", what);
}

static int32_t check_key(const checker *c, uint64_t i, const canon_node *node) {
  if (node->key_kind == CANON_KEY_TUPLE)
    return refuse(c, i, "its key is a tuple, of which canon has the text alone; leave it out with --exclude");
  if (node->key_kind == CANON_KEY_INT) return check_integer(c, i, node->key, node->key_size, "its key is an integer");
  if (node->key_kind != CANON_KEY_STR && node->key_kind != CANON_KEY_BYTES) return CANON_OK;
  return check_text(c, i, node->key, node->key_size, node->key_kind == CANON_KEY_STR, "its key is a text");
}

static int32_t check_value(const checker *c, uint64_t i, const canon_node *node) {
  switch (node->kind) {
    case CANON_NODE_TENSOR: return check_tensor(c, i, node);
    case CANON_NODE_SET:
      return refuse(c, i, "msgpack has no set; leave it out with --exclude, or choose another format");
    case CANON_NODE_INT: return check_integer(c, i, node->data, node->data_size, "an integer");
    case CANON_NODE_STR: return check_text(c, i, node->data, node->data_size, 1, "a text");
    case CANON_NODE_BYTES: return check_text(c, i, node->data, node->data_size, 0, "a value");
    case CANON_NODE_OPAQUE:
      return refuse(
          c, i,
          "%.200s is opaque to canon, so it cannot be written; leave it out with --exclude, or take --tensors-only",
          node->type);
    default: return CANON_OK;
  }
}

static int32_t check_nodes(const checker *c) {
  const canon_manifest *manifest = c->manifest;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (i) note_child(c, node);
    code = check_key(c, i, node);
    if (!code) code = check_value(c, i, node);
  }
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++)
    code = check_container(c, i, canon_manifest_node(manifest, i));
  return code;
}

int32_t msgpack_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  checker c = {.job = job, .manifest = manifest};
  int32_t code = msgpack_dialect(job, instance, &c.dialect);
  if (code) return code;
  uint8_t *in_lists = msgpack_in_lists(job, manifest);
  c.in_lists = in_lists;
  c.facts = in_lists ? canon_alloc(job, manifest->n_nodes * sizeof *c.facts) : NULL;
  code = c.facts ? check_nodes(&c) : canon_failed(job);
  canon_free(job, in_lists);
  canon_free(job, c.facts);
  return code;
}
