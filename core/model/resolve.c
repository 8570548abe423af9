/* SPDX-License-Identifier: MIT
 * resolve.c: a reader's manifest into a tree without REF nodes. */
#include <inttypes.h>

#include "core/base/mem.h"
#include "core/model/model.h"

/* The children still to come of a container that is open in the new tree. */
struct frame {
  uint64_t next, end; /* in the raw manifest */
  uint64_t node;      /* in the tree */
};

static const uint64_t no_shape[1];

/* Node `meaning` with the key of node `named`. */
static canon_node node_for(const canon_manifest *raw, uint64_t meaning, uint64_t named) {
  canon_node node = model_raw_node(raw, meaning);
  if (named != meaning) {
    canon_node name = model_raw_node(raw, named);
    node.key_kind = name.key_kind;
    node.key = name.key;
    node.key_size = name.key_size;
  }
  if (node.kind == CANON_NODE_TENSOR && !node.shape) node.shape = no_shape;
  node.target = 0;
  return node;
}

static void expand(const canon_manifest *raw, const struct raw_fact *facts, struct tree *tree) {
  struct frame frames[CANON_MAX_DEPTH + 1];
  uint32_t depth = 0;
  uint64_t named = 0, parent = CANON_NONE;
  for (;;) {
    uint64_t meaning = facts[named].meaning;
    canon_node node = node_for(raw, meaning, named);
    uint64_t i = tree_push(tree, &node, parent, meaning, facts[named].place);
    if (tree_is_container(&node)) frames[depth++] = (struct frame){meaning + 1, facts[meaning].end, i};
    while (depth && frames[depth - 1].next == frames[depth - 1].end) depth--;
    if (depth == 0) break;
    named = frames[depth - 1].next;
    parent = frames[depth - 1].node;
    frames[depth - 1].next = facts[named].end;
  }
  tree_finish(tree);
}

/* A tensor that is in the tree twice shares its bytes with itself, also where the reader gave it no storage. */
static int32_t show_sharing(canon_job *job, struct tree *tree) {
  uint8_t *times = model_array(tree->n_origins, sizeof *times);
  if (!times) return model_no_memory(job);
  for (uint64_t i = 0; i < tree->n_nodes; i++)
    if (times[tree->origin[i]] < 2) times[tree->origin[i]]++;
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    canon_node *node = &tree->nodes[i];
    if (node->kind == CANON_NODE_TENSOR && node->storage == CANON_NONE && times[tree->origin[i]] > 1)
      node->storage = CANON_NONE - 1 - tree->origin[i];
  }
  mem_free(times);
  return CANON_OK;
}

/* Long keys around many nodes make paths that are out of proportion to the file. */
static int32_t check_paths(canon_job *job, const struct tree *tree) {
  uint64_t open_end[CANON_MAX_DEPTH + 1], open_bytes[CANON_MAX_DEPTH + 1], total = 0;
  uint64_t most = TREE_BYTES + TREE_PATH * tree->n_nodes;
  struct text token = {0};
  uint32_t depth = 0;
  for (uint64_t i = 0; i < tree->n_nodes && total <= most && !token.failed; i++) {
    while (depth && open_end[depth - 1] <= i) depth--;
    text_cut(&token, 0);
    if (i) token_text(&token, &tree->nodes[i], tree->place[i]);
    uint64_t bytes = (depth ? open_bytes[depth - 1] : 0) + token.size + 1;
    total += bytes;
    if (!tree_is_container(&tree->nodes[i])) continue;
    open_end[depth] = tree->end[i];
    open_bytes[depth++] = bytes;
  }
  int failed = token.failed;
  text_free(&token);
  if (failed) return model_no_memory(job);
  if (total <= most) return CANON_OK;
  return canon_fail(job, CANON_E_LIMIT, CANON_NONE,
                    "the paths of its %" PRIu64 " nodes are longer than %" PRIu64 " bytes together", tree->n_nodes,
                    most);
}

int32_t tree_resolve(canon_job *job, const canon_manifest *raw, struct tree **tree) {
  *tree = NULL;
  int32_t code = raw_check_frame(job, raw);
  if (code) return code;
  struct raw_fact *facts = model_array(raw->n_nodes, sizeof *facts);
  if (!facts) return model_no_memory(job);
  struct tree *t = NULL;
  code = raw_check(job, raw, facts);
  if (!code) t = tree_new(job, raw, facts[0].nodes, raw->n_nodes);
  if (t) expand(raw, facts, t);
  mem_free(facts);
  if (!code && !t) return canon_failed(job);
  if (!code) code = show_sharing(job, t);
  if (!code) code = check_paths(job, t);
  if (code) {
    tree_free(t);
    return code;
  }
  *tree = t;
  return CANON_OK;
}
