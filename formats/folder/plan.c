/* SPDX-License-Identifier: MIT
 * plan.c: which nodes of a tree become files, and what they are called. Below the root, from the outside in:
 *
 *   its key has the suffix of a format    a file of that format with all that is below it
 *   a dict with entries                   a folder, unless it stands for something else (a sparse tensor)
 *   anything else, with --suffix          a file KEY.SUFFIX
 *   a u8 vector                           a file of these bytes
 *
 * What is none of these is refused, and so is a key that is no name for a file. */
#include <stdlib.h>
#include <string.h>

#include "formats/folder/folder.h"

typedef struct planner {
  canon_job *job;
  const canon_manifest *manifest;
  const char *suffix; /* NULL: none */
  folder_plan *plan;
  uint32_t depth; /* folders around the node */
  struct {
    uint64_t node, length; /* of its path, with the slash */
  } open[CANON_MAX_DEPTH + 1];
  char path[FOLDER_PATH_BYTES];
} planner;

static int32_t find_suffix(planner *p, const canon_instance *instance);
static int32_t plan_nodes(planner *p);
static int32_t check_names(canon_job *job, const folder_plan *plan);

static const char *kind_name(const canon_node *node) {
  static const char *const NAMES[] = {"a tensor", "a dict", "a list",      "a tuple",         "a set",
                                      "None",     "a bool", "an integer",  "a float",         "a complex number",
                                      "text",     "bytes",  "a reference", "an opaque object"};
  if (node->kind == CANON_NODE_DICT && node->type) return node->type;
  return node->kind >= 1 && node->kind <= sizeof NAMES / sizeof NAMES[0] ? NAMES[node->kind - 1] : "an unknown node";
}

int32_t folder_plan_make(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                         folder_plan *plan) {
  const canon_node *root = canon_manifest_node(manifest, 0);
  *plan = (folder_plan){0};
  if (root->kind != CANON_NODE_DICT || root->type)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "a folder holds named files, and this is %s without a name; choose another format",
                      kind_name(root));
  planner *p = canon_alloc(job, sizeof *p);
  if (!p) return canon_failed(job);
  p->job = job;
  p->manifest = manifest;
  p->plan = plan;
  int32_t code = find_suffix(p, instance);
  if (!code) code = plan_nodes(p);
  if (!code) code = check_names(job, plan);
  canon_free(job, p);
  return code;
}

/* With or without its dot. */
static int32_t find_suffix(planner *p, const canon_instance *instance) {
  const canon_value *value = p->job->host->param(p->job, instance, "suffix");
  if (!value) return CANON_OK;
  char name[32];
  p->suffix = value->text[0] == '.' ? value->text + 1 : value->text;
  snprintf(name, sizeof name, "x.%s", p->suffix);
  if (strlen(p->suffix) < sizeof name - 2 && p->job->host->name_format(p->job, name)) return CANON_OK;
  return canon_fail(p->job, CANON_E_USAGE, CANON_NONE,
                    "--suffix %.100s is that of no format that is written; see canon plugins", value->text);
}

void folder_plan_free(canon_job *job, folder_plan *plan) {
  canon_free(job, plan->files);
  canon_free(job, plan->text);
  *plan = (folder_plan){0};
}

/* Room for one more in an array that doubles. */
static int reserve(canon_job *job, void **array, uint64_t *room, uint64_t needed, uint64_t size) {
  uint64_t more = *room ? *room : 64, bytes;
  if (needed <= *room) return 1;
  while (more < needed && more <= UINT64_MAX / 2) more *= 2;
  if (!canon_mul(more, size, &bytes)) bytes = UINT64_MAX;
  void *grown = canon_resize(job, *array, bytes);
  if (!grown) return 0;
  *array = grown;
  *room = more;
  return 1;
}

static int32_t add_file(planner *p, uint64_t length, const folder_file *file) {
  folder_plan *plan = p->plan;
  void *files = plan->files, *text = plan->text;
  int room = reserve(p->job, &files, &plan->files_room, plan->n_files + 1, sizeof *plan->files);
  plan->files = files;
  if (room) room = reserve(p->job, &text, &plan->text_room, plan->text_size + length + 1, 1);
  plan->text = text;
  if (!room) return canon_failed(p->job);
  plan->files[plan->n_files] = *file;
  plan->files[plan->n_files++].path = plan->text_size;
  memcpy(plan->text + plan->text_size, p->path, length);
  plan->text[plan->text_size + length] = 0;
  plan->text_size += length + 1;
  return CANON_OK;
}

static uint64_t subtree_end(const canon_manifest *manifest, uint64_t node) {
  uint64_t end = node + 1;
  while (end < manifest->n_nodes && canon_manifest_node(manifest, end)->parent >= node) end++;
  return end;
}

/* "sub/x", which is where the node would be. A key that is no name is shown as far as it goes. */
static const char *shown_path(planner *p, const canon_node *node) {
  uint64_t at = p->depth ? p->open[p->depth - 1].length : 0;
  int is_text = node->key_kind == CANON_KEY_STR || node->key_kind == CANON_KEY_BYTES;
  uint64_t most = sizeof p->path - 1 - at, n = is_text && node->key ? node->key_size : 0;
  if (n > most) n = most;
  if (n > 100) n = 100;
  if (n) memcpy(p->path + at, node->key, n);
  p->path[at + n] = 0;
  return p->path;
}

static int32_t refuse_name(planner *p, const canon_node *node, const char *problem) {
  uint64_t at = p->depth ? p->open[p->depth - 1].length : 0;
  char folder[200] = "the folder";
  if (at > 1) snprintf(folder, sizeof folder, "%.*s", (int)(at - 1 < 150 ? at - 1 : 150), p->path);
  return canon_fail(p->job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "a key in %s %s, so it names no file%s%.100s; rename it, leave it out with --exclude, or choose "
                    "another format",
                    folder, problem, *shown_path(p, node) && p->path[at] ? ": " : "", p->path + at);
}

static int32_t refuse_kind(planner *p, const canon_node *node) {
  return canon_fail(p->job, CANON_E_UNSUPPORTED, CANON_NONE,
                    "%s is %s, and its name does not tell a format to write; give all such names one with "
                    "--suffix npy or --suffix pt, leave it out with --exclude, or choose another format",
                    shown_path(p, node),
                    node->kind == CANON_NODE_DICT && !node->type ? "a dict without entries" : kind_name(node));
}

/* Appends to the path of the folder around; 0: too long. */
static int spell(planner *p, const canon_node *node, const char *suffix, uint64_t *length) {
  uint64_t at = p->depth ? p->open[p->depth - 1].length : 0, n = suffix ? strlen(suffix) + 1 : 0;
  if (at + node->key_size + n + 2 > sizeof p->path) return 0;
  memcpy(p->path + at, node->key, node->key_size);
  at += node->key_size;
  if (n) p->path[at] = '.';
  if (n) memcpy(p->path + at + 1, suffix, n - 1);
  *length = at + n;
  p->path[*length] = 0;
  return 1;
}

static int32_t too_long(planner *p, const canon_node *node) {
  return refuse_name(p, node, "makes a path longer than a system takes");
}

static int32_t open_folder(planner *p, uint64_t i, uint64_t length) {
  int32_t code = add_file(p, length, &(folder_file){.node = i, .end = i + 1, .is_folder = 1});
  if (p->depth > CANON_MAX_DEPTH)
    return canon_fail(p->job, CANON_E_LIMIT, CANON_NONE, "more than %d folders inside each other", CANON_MAX_DEPTH);
  p->path[length] = '/';
  p->open[p->depth].node = i;
  p->open[p->depth++].length = length + 1;
  return code;
}

/* *next: the node to go on with. */
static int32_t plan_node(planner *p, uint64_t i, uint64_t *next) {
  const canon_manifest *manifest = p->manifest;
  const canon_node *node = canon_manifest_node(manifest, i);
  const char *problem = folder_name_problem(node);
  uint64_t length;
  if (problem) return refuse_name(p, node, problem);
  if (!spell(p, node, NULL, &length)) return too_long(p, node);
  int is_file = p->job->host->name_format(p->job, p->path) != NULL;
  *next = i + 1;
  int has_entries = i + 1 < manifest->n_nodes && canon_manifest_node(manifest, i + 1)->parent == i;
  if (!is_file && node->kind == CANON_NODE_DICT && has_entries && !node->type) return open_folder(p, i, length);
  uint64_t end = *next = subtree_end(manifest, i);
  if (is_file) return add_file(p, length, &(folder_file){.node = i, .end = end});
  if (p->suffix) {
    if (!spell(p, node, p->suffix, &length)) return too_long(p, node);
    if (node->key_size + strlen(p->suffix) + 1 > FOLDER_NAME_BYTES)
      return refuse_name(p, node, "with its suffix is longer than the 255 bytes of a file's name");
    return add_file(p, length, &(folder_file){.node = i, .end = end});
  }
  if (node->kind != CANON_NODE_TENSOR || node->dtype != CANON_U8 || node->rank != 1) return refuse_kind(p, node);
  return add_file(p, length, &(folder_file){.node = i, .end = end, .is_bytes = 1});
}

static int32_t plan_nodes(planner *p) {
  int32_t code = CANON_OK;
  for (uint64_t i = 1; !code && i < p->manifest->n_nodes;) {
    uint64_t parent = canon_manifest_node(p->manifest, i)->parent;
    while (p->depth && p->open[p->depth - 1].node != parent) p->depth--;
    code = plan_node(p, i, &i);
  }
  return code;
}

static int by_path(const void *a, const void *b) {
  return folder_path_compare(*(const char *const *)a, *(const char *const *)b);
}

/* Two names that are one file, here or where capitals do not count. */
static int32_t check_names(canon_job *job, const folder_plan *plan) {
  const char **paths = canon_alloc(job, plan->n_files * sizeof *paths + 1);
  if (!paths) return canon_failed(job);
  for (uint64_t i = 0; i < plan->n_files; i++) paths[i] = plan->text + plan->files[i].path;
  if (plan->n_files) qsort(paths, plan->n_files, sizeof *paths, by_path);
  int32_t code = CANON_OK;
  for (uint64_t i = 1; !code && i < plan->n_files; i++)
    if (!folder_path_compare(paths[i - 1], paths[i]))
      code =
          canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                     "%s and %s are one name where capitals do not count; rename one, or leave it out with --exclude",
                     paths[i - 1], paths[i]);
  canon_free(job, paths);
  return code;
}

canon_node *folder_subtree(canon_job *job, const canon_manifest *whole, const folder_file *file, canon_manifest *part) {
  uint64_t n = file->end - file->node;
  canon_node *nodes = canon_alloc(job, n * sizeof *nodes);
  for (uint64_t i = 0; nodes && i < n; i++) {
    nodes[i] = *canon_manifest_node(whole, file->node + i);
    nodes[i].parent -= file->node;
  }
  if (!nodes) return NULL;
  nodes[0].parent = CANON_NONE;
  nodes[0].key_kind = CANON_KEY_NONE_AT_ROOT;
  nodes[0].key = NULL;
  nodes[0].key_size = 0;
  *part = (canon_manifest){.struct_size = sizeof *part,
                           .node_size = sizeof(canon_node),
                           .nodes = nodes,
                           .n_nodes = n,
                           .detail_size = sizeof(canon_detail)};
  return nodes;
}
