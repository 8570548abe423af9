/* SPDX-License-Identifier: MIT
 * reader.c: an open folder: the trees of its files below the dicts of its folders, and their elements.
 * Two passes: every file is opened and its nodes are counted; then all nodes are laid out in preorder, which the names
 * are in already, since they are sorted by bytes. */
#include <stdlib.h>
#include <string.h>

#include "formats/folder/folder.h"

typedef struct folder_member {
  const char *name;
  const canon_source *source;
  canon_part *part;        /* NULL: its bytes */
  canon_manifest manifest; /* of the part */
  uint64_t first;          /* its root's index in the tree */
  uint64_t size;           /* shape of its bytes */
} folder_member;

typedef struct folder_reader {
  folder_member *members; /* sorted by name, so by first */
  uint64_t n_members;
  canon_node *nodes;
  uint64_t n_nodes;               /* laid out so far */
  uint64_t storages;              /* ids given so far */
  uint64_t open[CANON_MAX_DEPTH]; /* nodes of the folders around the member */
  canon_detail details[2];
} folder_reader;

static int32_t open_members(canon_job *job, const canon_source *source, folder_reader *reader, uint64_t *n_nodes);
static int32_t lay_out_member(canon_job *job, folder_reader *reader, uint64_t i);

int32_t folder_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **out) {
  (void)instance;
  folder_reader *reader = canon_alloc(job, sizeof *reader);
  if (!reader) return canon_failed(job);
  *out = reader;
  uint64_t n_nodes = 1, bytes;
  int32_t code = open_members(job, source, reader, &n_nodes);
  if (code) return code;
  if (!canon_mul(n_nodes, sizeof *reader->nodes, &bytes)) bytes = UINT64_MAX;
  reader->nodes = canon_alloc(job, bytes);
  if (!reader->nodes) return canon_failed(job);
  reader->nodes[reader->n_nodes++] = (canon_node){.kind = CANON_NODE_DICT, .parent = CANON_NONE};
  for (uint64_t i = 0; !code && i < reader->n_members; i++) code = lay_out_member(job, reader, i);
  return code;
}

/* A file whose name says one format and whose bytes say none, or another, is damaged or misnamed: to take what is left
 * of it for data would be wrong without a word. */
static int32_t check_format(canon_job *job, const folder_member *member) {
  const char *named = job->host->name_format(job, member->name);
  const char *found = member->part ? job->host->part_format(job, member->part) : NULL;
  if (!named || (found && !strcmp(named, found))) return CANON_OK;
  return canon_fail(job, CANON_E_MALFORMED, 0,
                    "%.200s has a name for a file of format %s, but %s%s; get it again if it is damaged, or rename it",
                    member->name, named, found ? "is one of format " : "no format knows what is in it",
                    found ? found : "");
}

static int32_t open_member(canon_job *job, const canon_source *folder, uint64_t i, folder_member *member) {
  member->name = job->host->member_name(job, folder, i);
  int32_t code = job->host->member_open(job, folder, i, &member->source);
  if (!code) code = job->host->part_open(job, member->source, &member->part, &member->manifest);
  if (!code) code = check_format(job, member);
  if (!code && !member->part) member->size = job->host->source_size(job, member->source);
  return code;
}

static uint32_t depth_of(const char *name) {
  uint32_t depth = 0;
  for (; *name; name++) depth += *name == '/';
  return depth;
}

static int32_t open_members(canon_job *job, const canon_source *source, folder_reader *reader, uint64_t *n_nodes) {
  uint64_t n = job->host->member_count(job, source), bytes, as_bytes = 0;
  if (!canon_mul(n, sizeof *reader->members, &bytes)) bytes = UINT64_MAX;
  reader->members = canon_alloc(job, bytes + 1);
  if (!reader->members) return canon_failed(job);
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < n; i++) {
    folder_member *member = &reader->members[reader->n_members++];
    code = job->host->tick(job, 0, 0);
    if (!code) code = open_member(job, source, i, member);
    if (code) return code;
    uint32_t depth = depth_of(member->name), shared = i ? folder_shared_depth(member[-1].name, member->name) : 0;
    if (depth >= CANON_MAX_DEPTH)
      return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "%.60s... lies in more than %d folders", member->name,
                        CANON_MAX_DEPTH);
    if (member->part && !member->manifest.n_nodes)
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "the format of %s gave no nodes", member->name);
    if (!canon_add(*n_nodes, depth - shared, n_nodes) ||
        !canon_add(*n_nodes, member->part ? member->manifest.n_nodes : 1, n_nodes))
      *n_nodes = UINT64_MAX;
    as_bytes += !member->part;
  }
  reader->details[0] = (canon_detail){.name = "files", .number = (int64_t)n};
  reader->details[1] = (canon_detail){.name = "files_as_bytes", .number = (int64_t)as_bytes};
  return code;
}

static void set_key(canon_node *node, uint64_t parent, const char *name, uint64_t size) {
  node->parent = parent;
  node->key_kind = folder_is_utf8(name, size) ? CANON_KEY_STR : CANON_KEY_BYTES;
  node->key = name;
  node->key_size = size;
}

/* The folders around a member that the one before it was not in; *name becomes what is left: the file's own. */
static uint64_t lay_out_folders(folder_reader *reader, uint64_t i, const char **name) {
  const char *whole = reader->members[i].name;
  uint32_t shared = i ? folder_shared_depth(reader->members[i - 1].name, whole) : 0, depth = 0;
  uint64_t parent = 0;
  for (const char *slash; (slash = strchr(*name, '/')); *name = slash + 1, depth++) {
    if (depth >= shared) {
      canon_node *folder = &reader->nodes[reader->n_nodes];
      *folder = (canon_node){.kind = CANON_NODE_DICT};
      set_key(folder, parent, *name, (uint64_t)(slash - *name));
      reader->open[depth] = reader->n_nodes++;
    }
    parent = reader->open[depth];
  }
  return parent;
}

static int by_number(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

/* Two files' storages may have one number, and are two: each file's are numbered on from those before. */
static int32_t renumber_storages(canon_job *job, folder_reader *reader, canon_node *nodes, uint64_t n) {
  uint64_t count = 0, distinct = 0;
  uint64_t *ids = canon_alloc(job, n * sizeof *ids + 1);
  if (!ids) return canon_failed(job);
  for (uint64_t i = 0; i < n; i++)
    if (nodes[i].kind == CANON_NODE_TENSOR && nodes[i].storage != CANON_NONE) ids[count++] = nodes[i].storage;
  if (count) qsort(ids, count, sizeof *ids, by_number);
  for (uint64_t i = 0; i < count; i++)
    if (!i || ids[i] != ids[distinct - 1]) ids[distinct++] = ids[i];
  for (uint64_t i = 0; i < n; i++) {
    if (nodes[i].kind != CANON_NODE_TENSOR || nodes[i].storage == CANON_NONE) continue;
    const uint64_t *found = bsearch(&nodes[i].storage, ids, distinct, sizeof *ids, by_number);
    nodes[i].storage = reader->storages + (uint64_t)(found - ids);
  }
  reader->storages += distinct;
  canon_free(job, ids);
  return CANON_OK;
}

static int32_t lay_out_part(canon_job *job, folder_reader *reader, const folder_member *member) {
  canon_node *nodes = reader->nodes + member->first;
  uint64_t n = member->manifest.n_nodes;
  for (uint64_t i = 0; i < n; i++) {
    nodes[i] = *canon_manifest_node(&member->manifest, i);
    if (nodes[i].kind == CANON_NODE_REF) nodes[i].target += member->first;
    if (i && nodes[i].parent >= i)
      return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "the format of %s gave nodes that are no tree", member->name);
    nodes[i].parent += member->first;
  }
  return renumber_storages(job, reader, nodes, n);
}

static int32_t lay_out_member(canon_job *job, folder_reader *reader, uint64_t i) {
  folder_member *member = &reader->members[i];
  const char *name = member->name;
  uint64_t parent = lay_out_folders(reader, i, &name);
  canon_node *root = &reader->nodes[reader->n_nodes];
  member->first = reader->n_nodes;
  int32_t code = CANON_OK;
  if (member->part) {
    code = lay_out_part(job, reader, member);
    reader->n_nodes += member->manifest.n_nodes;
  } else {
    *root = (canon_node){.kind = CANON_NODE_TENSOR,
                         .attribute_size = sizeof(canon_attribute),
                         .dtype = CANON_U8,
                         .rank = 1,
                         .shape = &member->size,
                         .storage = CANON_NONE,
                         .storage_bytes = member->size};
    reader->n_nodes++;
  }
  set_key(root, parent, name, strlen(name));
  return code;
}

int32_t folder_manifest(canon_job *job, void *self, canon_manifest *manifest) {
  folder_reader *reader = self;
  (void)job;
  manifest->node_size = sizeof(canon_node);
  manifest->nodes = reader->nodes;
  manifest->n_nodes = reader->n_nodes;
  manifest->details = reader->details;
  manifest->n_details = sizeof reader->details / sizeof reader->details[0];
  manifest->detail_size = sizeof(canon_detail);
  return CANON_OK;
}

/* The last member that begins at or before a node; NULL: none does. */
static const folder_member *member_of(const folder_reader *reader, uint64_t node) {
  uint64_t low = 0, high = reader->n_members;
  while (low < high) {
    uint64_t middle = low + (high - low) / 2;
    if (reader->members[middle].first <= node) low = middle + 1;
    else high = middle;
  }
  return low ? &reader->members[low - 1] : NULL;
}

int32_t folder_read(canon_job *job, void *self, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  const folder_reader *reader = self;
  const folder_member *member = node < reader->n_nodes ? member_of(reader, node) : NULL;
  uint64_t n_nodes = member && member->part ? member->manifest.n_nodes : 1;
  if (!member || node - member->first >= n_nodes || reader->nodes[node].kind != CANON_NODE_TENSOR)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "node %" PRIu64 " is no tensor", node);
  if (member->part) return job->host->part_read(job, member->part, node - member->first, first, count, dst);
  if (first > member->size || count > member->size - first)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%" PRIu64 " bytes from %" PRIu64 " of %s, which has %" PRIu64,
                      count, first, member->name, member->size);
  return job->host->source_read(job, member->source, first, dst, count);
}

/* The host closes the parts and the members. */
void folder_close(canon_job *job, void *self) {
  folder_reader *reader = self;
  canon_free(job, reader->nodes);
  canon_free(job, reader->members);
  canon_free(job, reader);
}
