/* SPDX-License-Identifier: MIT
 * digest.c: the two digests of an artifact, line by line as docs/digests.md says. */
#include "core/model/digest.h"

#include <inttypes.h>

#include "core/base/mem.h"
#include "core/base/sort.h"
#include "core/model/model.h"

struct line {
  size_t path, path_bytes; /* in paths */
  uint64_t node;
};

struct lines {
  const struct tree *tree;
  struct text paths; /* escaped, one behind the other */
  struct line *lines;
  uint64_t *order;
};

/* A line is a line: what would end it is escaped, as sha256sum does. A NUL, which is c0 80 in a path, is one here. */
static void add_one_line(struct text *text, const char *s, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '\xc0' && i + 1 < n && s[i + 1] == '\x80') {
      text_char(text, 0);
      i++;
      continue;
    }
    const char *escape = s[i] == '\\' ? "\\\\" : s[i] == '\n' ? "\\n" : s[i] == '\r' ? "\\r" : NULL;
    if (escape) {
      text_string(text, escape);
    } else {
      text_char(text, s[i]);
    }
  }
}

/* The path of every node, in the order of the canonical tree. */
static int32_t collect(canon_job *job, const struct arrangement *a, struct lines *l) {
  size_t ends[CANON_MAX_DEPTH + 1]; /* of the paths of the open containers, in path */
  struct text path = {0}, token = {0};
  struct walk walk;
  uint64_t node, place, n = 0;
  walk_start(&walk, a, 0);
  while (walk_next(&walk, &node, &place) && !l->paths.failed) {
    uint32_t depth = walk.depth - (uint32_t)tree_is_container(&a->tree->nodes[node]);
    text_cut(&path, depth ? ends[depth - 1] : 0);
    if (depth) {
      text_cut(&token, 0);
      token_text(&token, &a->tree->nodes[node], place);
      text_char(&path, '/');
      add_one_line(&path, token.bytes, token.size);
    }
    if (walk.depth > depth) ends[depth] = path.size;
    l->lines[n++] = (struct line){l->paths.size, path.size, node};
    text_add(&l->paths, path.bytes, path.size);
    l->paths.failed |= path.failed | token.failed;
  }
  text_free(&path);
  text_free(&token);
  return l->paths.failed ? model_no_memory(job) : CANON_OK;
}

static int compare_lines(const void *context, uint64_t x, uint64_t y) {
  const struct lines *l = context;
  const struct line *a = &l->lines[x], *b = &l->lines[y];
  return value_compare(CANON_NODE_STR, l->paths.bytes + a->path, a->path_bytes, l->paths.bytes + b->path,
                       b->path_bytes);
}

/* Lines of one path, which keys of several kinds may share, stay in the order of the canonical tree. */
static void put_in_order(struct lines *l) {
  uint64_t n = l->tree->n_nodes;
  for (uint64_t i = 0; i < n; i++) l->order[i] = i;
  sort_indexes(l->order, l->order + n, n, compare_lines, l);
}

static void add_tensor(struct text *text, const canon_node *node, const uint8_t *sha256) {
  text_hex(text, sha256, SHA256_BYTES);
  text_printf(text, " %s [", canon_dtype_name(node->dtype));
  for (uint32_t i = 0; i < node->rank; i++) text_printf(text, "%s%" PRIu64, i ? "," : "", node->shape[i]);
  text_char(text, ']');
}

static void add_value(struct text *text, const canon_node *node) {
  if (tree_is_container(node)) {
    text_string(text, node->kind == CANON_NODE_DICT ? "dict {}" : "list []");
  } else {
    text_printf(text, "%s ", canon_kind_name(node->kind));
    value_json(text, node, 1);
  }
}

static int32_t hash(canon_job *job, const struct lines *l, const uint8_t (*sha256)[SHA256_BYTES],
                    canon_digest *digest) {
  struct sha256 tensors = {0}, all = {0};
  struct text text = {0};
  sha256_start(&tensors);
  sha256_start(&all);
  for (uint64_t i = 0; i < l->tree->n_nodes && !text.failed; i++) {
    const struct line *line = &l->lines[l->order[i]];
    const canon_node *node = &l->tree->nodes[line->node];
    int is_tensor = node->kind == CANON_NODE_TENSOR;
    if (tree_is_container(node) && l->tree->end[line->node] > line->node + 1) continue;
    text_cut(&text, 0);
    if (is_tensor) {
      add_tensor(&text, node, sha256[line->node]);
    } else {
      add_value(&text, node);
    }
    text_char(&text, ' ');
    text_add(&text, l->paths.bytes + line->path, line->path_bytes);
    text_char(&text, '\n');
    if (is_tensor) sha256_add(&tensors, text.bytes, text.size);
    sha256_add(&all, text.bytes, text.size);
  }
  int done = sha256_end(&tensors, digest->tensors) & sha256_end(&all, digest->tree);
  int32_t code = text.failed ? model_no_memory(job) : CANON_OK;
  if (!code && !done) code = canon_fail(job, CANON_E_MEMORY, CANON_NONE, "libcrypto gives no SHA-256");
  sha256_free(&tensors);
  sha256_free(&all);
  text_free(&text);
  return code;
}

int32_t digest_compute(canon_job *job, const struct tree *tree, const uint8_t (*sha256)[SHA256_BYTES],
                       canon_digest *digest) {
  struct arrangement arrangement;
  int32_t code = arrange(job, tree, 0, &arrangement);
  if (code) return code;
  struct lines l = {.tree = tree};
  l.lines = model_array(tree->n_nodes, sizeof *l.lines);
  l.order = model_array(2 * tree->n_nodes, sizeof *l.order);
  code = l.lines && l.order ? collect(job, &arrangement, &l) : model_no_memory(job);
  if (!code) put_in_order(&l);
  if (!code) code = hash(job, &l, sha256, digest);
  mem_free(l.lines);
  mem_free(l.order);
  text_free(&l.paths);
  arrangement_free(&arrangement);
  return code;
}
