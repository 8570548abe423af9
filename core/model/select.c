/* SPDX-License-Identifier: MIT
 * select.c: a part of a tree: marks what is taken and what is left out, then copies what remains. */
#include <inttypes.h>

#include "core/base/mem.h"
#include "core/model/glob.h"
#include "core/model/model.h"

enum { TAKEN = 1, LEFT_OUT = 2, KEPT = 4 };

struct selecting {
  canon_job *job;
  const struct tree *tree; /* its root is what the paths begin at */
  uint8_t *marks;          /* of each node */
};

static void mark_subtree(struct selecting *s, uint64_t node, uint8_t mark) {
  for (uint64_t i = node; i < s->tree->end[node]; i++) s->marks[i] |= mark;
}

/* Patterns */

static int32_t nothing_matches(const struct selecting *s, const char *pattern) {
  enum { SHOWN = 3 };
  const struct tree *tree = s->tree;
  struct text text = {0};
  uint64_t leaves = 0;
  text_string(&text, "nothing matches ");
  quoted_text(&text, pattern, strlen(pattern));
  text_string(&text, *pattern && *pattern != '/' && *pattern != '*' ? "; a path begins with a slash: there is "
                                                                    : "; there is ");
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    if (tree->end[i] > i + 1) continue;
    if (leaves++ >= SHOWN) continue;
    if (leaves > 1) text_string(&text, ", ");
    quoted_path(&text, tree, i);
  }
  if (leaves > SHOWN) text_printf(&text, " and %" PRIu64 " more", leaves - SHOWN);
  return model_fail(s->job, CANON_E_IO, &text);
}

/* Feeds a node's part of its path to the state of its container. */
static void feed_node(struct glob *glob, const struct tree *tree, uint64_t node, const uint64_t *above,
                      struct text *token, uint64_t *state) {
  text_cut(token, 0);
  text_char(token, '/');
  token_text(token, &tree->nodes[node], tree->place[node]);
  glob_feed(glob, above, token->bytes, token->failed ? 0 : token->size, state);
}

/* states: one for each container that may be open, and one more. A subtree that matches as a whole, or in which nothing
 * can match, is not entered. */
static uint64_t mark_matches(struct selecting *s, struct glob *glob, uint64_t *states, struct text *token,
                             uint8_t mark) {
  const struct tree *tree = s->tree;
  size_t words = glob_words(glob);
  uint64_t open_end[CANON_MAX_DEPTH + 1], matches = 0;
  uint32_t depth = 0;
  glob_start(glob, states);
  for (uint64_t i = 0; i < tree->n_nodes && !token->failed;) {
    while (depth && open_end[depth - 1] <= i) depth--;
    uint64_t *state = states + depth * words;
    if (i) feed_node(glob, tree, i, state - words, token, state);
    if (glob_accepts(glob, state)) {
      mark_subtree(s, i, mark);
      matches++;
    } else if (tree_is_container(&tree->nodes[i]) && glob_alive(state)) {
      open_end[depth++] = tree->end[i];
      i++;
      continue;
    }
    i = tree->end[i];
  }
  return matches;
}

static uint64_t deepest(const struct tree *tree) {
  uint64_t open_end[CANON_MAX_DEPTH + 1], depth = 0, most = 0;
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    while (depth && open_end[depth - 1] <= i) depth--;
    if (!tree_is_container(&tree->nodes[i])) continue;
    open_end[depth++] = tree->end[i];
    if (depth > most) most = depth;
  }
  return most;
}

static int32_t mark_glob(struct selecting *s, const char *pattern, uint8_t mark) {
  struct glob *glob = glob_compile(pattern);
  if (!glob) return model_no_memory(s->job);
  struct text token = {0};
  uint64_t matches = 0;
  uint64_t *states = model_array((deepest(s->tree) + 1) * glob_words(glob), sizeof *states);
  if (states) matches = mark_matches(s, glob, states, &token, mark);
  int failed = !states || token.failed;
  mem_free(states);
  text_free(&token);
  glob_free(glob);
  if (failed) return model_no_memory(s->job);
  return matches ? CANON_OK : nothing_matches(s, pattern);
}

/* A pattern that is the path of a node means that node, whatever characters are in it. */
static int32_t mark_pattern(struct selecting *s, const char *pattern, uint8_t mark) {
  struct lookup lookup = path_lookup(s->tree, pattern);
  switch (lookup.result) {
    case LOOKUP_FOUND: mark_subtree(s, lookup.node, mark); return CANON_OK;
    case LOOKUP_AMBIGUOUS:
    case LOOKUP_NO_MEMORY: return path_complain(s->job, s->tree, pattern, &lookup);
    default: return mark_glob(s, pattern, mark);
  }
}

/* What remains */

/* From the last node to the first, so that a container knows what was kept of its children. */
static int32_t decide(struct selecting *s, const canon_selection *selection) {
  const struct tree *tree = s->tree;
  for (uint64_t i = tree->n_nodes; i--;) {
    const canon_node *node = &tree->nodes[i];
    int wanted = (s->marks[i] & TAKEN) && !(s->marks[i] & LEFT_OUT);
    int is_whole = tree_is_container(node) ? tree->end[i] == i + 1 && (!selection->tensors_only || i == 0)
                                           : !selection->tensors_only || node->kind == CANON_NODE_TENSOR;
    if (wanted && is_whole) s->marks[i] |= KEPT;
    if (i && (s->marks[i] & KEPT)) s->marks[node->parent] |= KEPT;
  }
  if (s->marks[0] & KEPT) return CANON_OK;
  return canon_fail(s->job, CANON_E_IO, CANON_NONE, "nothing is left of the selection%s",
                    selection->tensors_only ? "; there is no tensor in it" : "");
}

/* The nodes [root, end) of a tree, of those the kept ones (marks NULL: all) as a tree of their own. */
static struct tree *copy_part(canon_job *job, const struct tree *from, uint64_t root, const uint8_t *marks) {
  struct {
    uint64_t end, node;
  } open[CANON_MAX_DEPTH + 1];
  uint32_t depth = 0;
  uint64_t n = 0;
  for (uint64_t i = root; i < from->end[root]; i++) n += !marks || (marks[i] & KEPT);
  struct tree *part = tree_new(job, &from->manifest, n, from->n_origins);
  if (!part) return NULL;
  for (uint64_t i = root; i < from->end[root]; i++) {
    if (marks && !(marks[i] & KEPT)) continue;
    while (depth && open[depth - 1].end <= i) depth--;
    uint64_t node =
        tree_push(part, &from->nodes[i], depth ? open[depth - 1].node : CANON_NONE, from->origin[i], from->place[i]);
    if (!tree_is_container(&from->nodes[i])) continue;
    open[depth].end = from->end[i];
    open[depth++].node = node;
  }
  tree_finish(part);
  return part;
}

static int32_t mark_all(struct selecting *s, const canon_selection *selection) {
  int32_t code = CANON_OK;
  if (selection->n_select == 0) mark_subtree(s, 0, TAKEN);
  for (uint64_t i = 0; !code && i < selection->n_select; i++) code = mark_pattern(s, selection->select[i], TAKEN);
  for (uint64_t i = 0; !code && i < selection->n_exclude; i++) code = mark_pattern(s, selection->exclude[i], LEFT_OUT);
  return code ? code : decide(s, selection);
}

int32_t tree_select(canon_job *job, const struct tree *tree, const char *pointer_root, const canon_selection *selection,
                    struct tree **selected) {
  uint64_t root = 0;
  *selected = NULL;
  int32_t code = pointer_root ? tree_find(job, tree, pointer_root, &root) : CANON_OK;
  if (code) return code;
  int is_all = selection->n_select == 0 && selection->n_exclude == 0 && !selection->tensors_only;
  struct tree *part = root || is_all ? copy_part(job, tree, root, NULL) : NULL;
  if ((root || is_all) && !part) return canon_failed(job);
  if (is_all) {
    *selected = part;
    return CANON_OK;
  }
  const struct tree *from = part ? part : tree;
  struct selecting s = {job, from, model_array(from->n_nodes, sizeof *s.marks)};
  code = s.marks ? mark_all(&s, selection) : model_no_memory(job);
  if (!code) *selected = copy_part(job, from, 0, s.marks);
  if (!code && !*selected) code = canon_failed(job);
  mem_free(s.marks);
  tree_free(part);
  return code;
}
