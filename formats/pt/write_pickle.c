/* SPDX-License-Identifier: MIT
 * write_pickle.c: a tree as a pickle of protocol 2, with the few opcodes and names that torch's weights_only unpickler
 * takes. No memo: a canonical tree shares nothing, and equal subtrees are equal bytes. */
#include <inttypes.h>
#include <string.h>

#include "formats/pt/pt.h"
#include "formats/pt/write.h"

typedef struct output {
  canon_job *job;
  uint8_t *bytes;
  uint64_t size, capacity;
  int failed; /* no memory */
} output;

static void put(output *out, const void *bytes, uint64_t size) {
  if (!out->failed && size > out->capacity - out->size) {
    uint64_t capacity = out->capacity ? out->capacity : 1024;
    while (capacity - out->size < size) capacity *= 2;
    uint8_t *larger = canon_resize(out->job, out->bytes, capacity);
    if (!larger) out->failed = 1;
    else out->bytes = larger, out->capacity = capacity;
  }
  if (out->failed || !size) return;
  memcpy(out->bytes + out->size, bytes, size);
  out->size += size;
}

static void put_opcodes(output *out, const char *opcodes) { put(out, opcodes, strlen(opcodes)); }

/* GLOBAL */
static void put_global(output *out, const char *module, const char *name) {
  put_opcodes(out, "c");
  put_opcodes(out, module);
  put_opcodes(out, "\n");
  put_opcodes(out, name);
  put_opcodes(out, "\n");
}

/* BINUNICODE */
static void put_text(output *out, const void *text, uint64_t size) {
  uint8_t head[5] = {'X'};
  canon_store_le32(head + 1, (uint32_t)size);
  put(out, head, sizeof head);
  put(out, text, size);
}

static void put_word(output *out, const char *word) { put_text(out, word, strlen(word)); }

/* BININT1, BININT2, BININT, LONG1, LONG4: the first that holds it, as Python chooses. */
static void put_integer(output *out, const uint8_t *bytes, uint64_t size) {
  uint8_t head[9];
  int negative = bytes[size - 1] >= 0x80;
  uint64_t value = 0;
  for (uint64_t i = size; size <= 4 && i-- > 0;) value = value << 8 | bytes[i];
  if (size <= 2 && !negative && value <= 0xFF) {
    head[0] = 'K';
    head[1] = (uint8_t)value;
    put(out, head, 2);
  } else if (size <= 3 && !negative && value <= 0xFFFF) {
    head[0] = 'M';
    canon_store_le16(head + 1, (uint16_t)value);
    put(out, head, 3);
  } else if (size <= 4) {
    head[0] = 'J';
    canon_store_le32(head + 1, (uint32_t)value | (negative && size < 4 ? 0xFFFFFFFFu << (8 * size) : 0));
    put(out, head, 5);
  } else {
    head[0] = size <= 0xFF ? 0x8A : 0x8B;
    canon_store_le32(head + 1, (uint32_t)size);
    put(out, head, size <= 0xFF ? 2 : 5);
    put(out, bytes, size);
  }
}

static void put_count(output *out, uint64_t value) {
  uint8_t bytes[9] = {0};
  canon_store_le64(bytes, value);
  uint64_t size = 9;
  while (size > 1 && bytes[size - 1] == 0 && bytes[size - 2] < 0x80) size--;
  put_integer(out, bytes, size);
}

/* BINFLOAT */
static void put_float(output *out, const uint8_t *little) {
  uint8_t bytes[9] = {'G'};
  for (uint32_t i = 0; i < 8; i++) bytes[1 + i] = little[7 - i];
  put(out, bytes, sizeof bytes);
}

/* Protocol 2 has no bytes: encode(text, 'latin1') */
static void put_bytes(output *out, const uint8_t *bytes, uint64_t size) {
  uint8_t head[5] = {'X'};
  uint64_t length = size;
  for (uint64_t i = 0; i < size; i++) length += bytes[i] >> 7;
  put_global(out, "_codecs", "encode");
  canon_store_le32(head + 1, (uint32_t)length);
  put(out, head, sizeof head);
  for (uint64_t i = 0; i < size; i++) {
    uint8_t pair[2] = {(uint8_t)(0xC0 | bytes[i] >> 6), (uint8_t)(0x80 | (bytes[i] & 0x3F))};
    if (bytes[i] < 0x80) put(out, &bytes[i], 1);
    else put(out, pair, 2);
  }
  put_word(out, "latin1");
  put_opcodes(out, "\x86R");
}

static void put_extents(output *out, const uint64_t *extents, uint32_t n) {
  static const char *const SHORT[] = {")", "\x85", "\x86", "\x87"};
  if (n > 3) put_opcodes(out, "(");
  for (uint32_t i = 0; i < n; i++) put_count(out, extents[i]);
  put_opcodes(out, n > 3 ? "t" : SHORT[n]);
}

int pt_is_untyped(uint32_t dtype) { return pt_storage_name(dtype) == NULL; }

/* _rebuild_tensor_v2((storage), 0, size, stride, False, OrderedDict()), v3 with the dtype behind it */
static void put_tensor(output *out, const canon_node *node, uint64_t number) {
  uint64_t strides[CANON_MAX_RANK], elements = 0, step = 1;
  int is_untyped = pt_is_untyped(node->dtype);
  char key[24];
  canon_elements(node->shape, node->rank, &elements);
  for (uint32_t i = node->rank; i-- > 0;) { /* as torch counts where an extent is 0 */
    strides[i] = step;
    step *= node->shape[i] ? node->shape[i] : 1;
  }
  put_global(out, "torch._utils", is_untyped ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2");
  put_opcodes(out, "((");
  put_word(out, "storage");
  if (is_untyped) put_global(out, "torch.storage", "UntypedStorage");
  else put_global(out, "torch", pt_storage_name(node->dtype));
  snprintf(key, sizeof key, "%" PRIu64, number);
  put_word(out, key);
  put_word(out, "cpu");
  put_count(out, elements * (is_untyped ? canon_dtype_size(node->dtype) : 1));
  put_opcodes(out, "tQ");
  put_count(out, 0);
  put_extents(out, node->shape, node->rank);
  put_extents(out, strides, node->rank);
  put_opcodes(out, "\x89");
  put_global(out, "collections", "OrderedDict");
  put_opcodes(out, ")R");
  if (is_untyped) put_global(out, "torch", pt_dtype_name(node->dtype));
  put_opcodes(out, "tR");
}

static void put_key(output *out, const canon_node *node) {
  switch (node->key_kind) {
    case CANON_KEY_STR: put_text(out, node->key, node->key_size); break;
    case CANON_KEY_BYTES: put_bytes(out, node->key, node->key_size); break;
    case CANON_KEY_INT: put_integer(out, node->key, node->key_size); break;
    case CANON_KEY_BOOL: put_opcodes(out, *(const uint8_t *)node->key ? "\x88" : "\x89"); break;
    case CANON_KEY_NONE: put_opcodes(out, "N"); break;
    case CANON_KEY_FLOAT: put_float(out, node->key); break;
    default: break; /* places in sequences; pt_can_write refused the rest */
  }
}

static void put_leaf(output *out, const canon_node *node) {
  const uint8_t *data = node->data;
  switch (node->kind) {
    case CANON_NODE_NONE: put_opcodes(out, "N"); break;
    case CANON_NODE_BOOL: put_opcodes(out, data[0] ? "\x88" : "\x89"); break;
    case CANON_NODE_INT: put_integer(out, data, node->data_size); break;
    case CANON_NODE_FLOAT: put_float(out, data); break;
    case CANON_NODE_COMPLEX:
      put_global(out, "builtins", "complex");
      put_float(out, data);
      put_float(out, data + 8);
      put_opcodes(out, "\x86R");
      break;
    case CANON_NODE_STR: put_text(out, data, node->data_size); break;
    case CANON_NODE_BYTES: put_bytes(out, data, node->data_size); break;
    default: break;
  }
}

/* What opens a container and what closes it, without and with children. */
static const struct {
  const char *open, *close, *empty;
} CONTAINERS[] = {
    [CANON_NODE_DICT] = {"}(", "u", "}"},
    [CANON_NODE_LIST] = {"](", "e", "]"},
    [CANON_NODE_TUPLE] = {"(", "t", ")"},
    [CANON_NODE_SET] = {"](", "e\x85R", "]\x85R"},
};

static int is_container(uint32_t kind) { return kind >= CANON_NODE_DICT && kind <= CANON_NODE_SET; }

int32_t pt_pickle_manifest(canon_job *job, const canon_manifest *manifest, uint8_t **bytes, uint64_t *size) {
  output out = {.job = job};
  uint64_t number = 0, i = 0, open = CANON_NONE; /* open: the innermost container */
  put_opcodes(&out, "\x80\x02");
  for (; i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    for (; open != node->parent; open = canon_manifest_node(manifest, open)->parent)
      put_opcodes(&out, CONTAINERS[canon_manifest_node(manifest, open)->kind].close);
    put_key(&out, node);
    if (node->kind == CANON_NODE_TENSOR) put_tensor(&out, node, number++);
    if (!is_container(node->kind)) {
      put_leaf(&out, node);
      continue;
    }
    if (node->kind == CANON_NODE_SET) put_global(&out, "builtins", "set");
    int is_empty = i + 1 == manifest->n_nodes || canon_manifest_node(manifest, i + 1)->parent != i;
    put_opcodes(&out, is_empty ? CONTAINERS[node->kind].empty : CONTAINERS[node->kind].open);
    if (!is_empty) open = i;
  }
  for (; open != CANON_NONE; open = canon_manifest_node(manifest, open)->parent)
    put_opcodes(&out, CONTAINERS[canon_manifest_node(manifest, open)->kind].close);
  put_opcodes(&out, ".");
  if (out.failed) {
    canon_free(job, out.bytes);
    return canon_failed(job);
  }
  *bytes = out.bytes;
  *size = out.size;
  return CANON_OK;
}
