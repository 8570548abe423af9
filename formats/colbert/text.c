/* SPDX-License-Identifier: MIT
 * text.c: a dict of the tree as the text of metadata.json or plan.json, and what in it tells of the run. */
#include <string.h>

#include "formats/colbert/colbert.h"
#include "formats/common/json_text.h"

/* Where and how an index was built; none of it matters to who reads the index. Sorted. */
static const char *const RUN_KEYS[] = {"avoid_fork_if_possible",
                                       "experiment",
                                       "gpus",
                                       "index_name",
                                       "index_path",
                                       "index_root",
                                       "name",
                                       "nranks",
                                       "overwrite",
                                       "rank",
                                       "resume",
                                       "root"};

const char *colbert_run_key(size_t i) { return i < sizeof RUN_KEYS / sizeof *RUN_KEYS ? RUN_KEYS[i] : NULL; }

typedef struct request {
  const colbert_text *asked;
  uint64_t root;
} request;

static int is_key(const canon_node *node, const char *key) {
  return node->key_kind == CANON_KEY_STR && node->key_size == strlen(key) &&
         memcmp(node->key, key, node->key_size) == 0;
}

int colbert_tells_of_run(const canon_manifest *manifest, uint64_t i, uint64_t root) {
  const canon_node *node = canon_manifest_node(manifest, i), *parent = canon_manifest_node(manifest, node->parent);
  if (parent->parent != root || !is_key(parent, "config")) return 0;
  for (size_t k = 0; colbert_run_key(k); k++)
    if (is_key(node, colbert_run_key(k))) return 1;
  return 0;
}

static const char *instead_of(const void *context, const canon_manifest *manifest, uint64_t i) {
  const request *of = context;
  const canon_node *node = canon_manifest_node(manifest, i);
  if (of->asked->drop_run && colbert_tells_of_run(manifest, i, of->root)) return "";
  return of->asked->one_chunk && node->parent == of->root && is_key(node, "num_chunks") ? "1" : NULL;
}

int32_t colbert_text_make(canon_job *job, const colbert_text *asked, uint64_t node, const char *member, char **bytes,
                          uint64_t *size, uint64_t *dropped) {
  const request of = {asked, node};
  const json_text_rules rules = {.member = member, .instead = instead_of, .context = &of};
  return json_text_make(job, asked->manifest, node, &rules, bytes, size, dropped);
}
