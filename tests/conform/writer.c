/* SPDX-License-Identifier: MIT
 * writer.c: what a format must do with a tree that it is given: refuse it by name, or write it so that reading it back
 * gives the same tree, with the same bytes each time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/host/job.h"
#include "core/io/folder.h"
#include "tests/conform/writing.h"

static int writes(const canon_format *format) { return format->begin != NULL; }

static void judge_refusal(const char *label, int32_t code, const char *text) {
  if (code == CANON_E_UNSUPPORTED || code == CANON_E_LIMIT || code == CANON_E_USAGE) return;
  broken("%s: can_write() fails with %" PRId32
         " (%s); what cannot be written is CANON_E_UNSUPPORTED, LIMIT, or USAGE where an option helps",
         label, code, text);
}

/* ---- read back and compare ---- */

struct comparison {
  const char *label;
  const struct tree *wrote, *read;
  uint64_t skip; /* nodes of `read` before the root of `wrote`: 1 where a lone tensor got a name */
};

static uint32_t kind_class(uint32_t kind) { return kind == CANON_NODE_TUPLE ? CANON_NODE_LIST : kind; }

static int same_bytes(const void *a, uint64_t n, const void *b, uint64_t m) {
  return n == m && (n == 0 || memcmp(a, b, n) == 0);
}

static const char *node_difference(const canon_node *a, const canon_node *b, int keys) {
  if (kind_class(a->kind) != kind_class(b->kind)) return "kind";
  if (keys && (a->key_kind != b->key_kind || !same_bytes(a->key, a->key_size, b->key, b->key_size))) return "key";
  if (a->kind == CANON_NODE_TENSOR) {
    if (a->dtype != b->dtype) return "dtype";
    return same_bytes(a->shape, a->rank * sizeof *a->shape, b->shape, b->rank * sizeof *b->shape) ? NULL : "shape";
  }
  if (a->kind >= CANON_NODE_DICT && a->kind <= CANON_NODE_SET) return NULL;
  return same_bytes(a->data, a->data_size, b->data, b->data_size) ? NULL : "value";
}

static void compare_trees(struct comparison *c) {
  if (c->wrote->nodes[0].kind == CANON_NODE_TENSOR && c->read->n_nodes == 2 &&
      c->read->nodes[0].kind == CANON_NODE_DICT)
    c->skip = 1;
  if (c->read->n_nodes - c->skip != c->wrote->n_nodes)
    broken("%s: read back it has %" PRIu64 " nodes, %" PRIu64
           " were written; can_write() must refuse what the format cannot hold",
           c->label, c->read->n_nodes, c->wrote->n_nodes);
  for (uint64_t i = 0; i < c->wrote->n_nodes; i++) {
    const char *what = node_difference(&c->wrote->nodes[i], &c->read->nodes[i + c->skip], i > 0);
    if (what)
      broken("%s: read back, node %" PRIu64 " of the canonical tree has another %s (kind %" PRIu32 ", dtype %" PRIu32
             ", was kind %" PRIu32 ", dtype %" PRIu32 ")",
             c->label, i, what, c->read->nodes[i + c->skip].kind, c->read->nodes[i + c->skip].dtype,
             c->wrote->nodes[i].kind, c->wrote->nodes[i].dtype);
  }
}

static void compare_values(const struct comparison *c, struct reading *r, values_fn values, void *ctx) {
  uint64_t ordinal = 0;
  for (uint64_t i = 0; i < c->wrote->n_nodes; i++) {
    const canon_node *node = &c->wrote->nodes[i];
    if (node->kind != CANON_NODE_TENSOR) continue;
    uint64_t n = 0, bytes, origin = c->read->origin[i + c->skip];
    canon_elements(node->shape, node->rank, &n);
    bytes = n * canon_dtype_size(node->dtype);
    uint8_t *wrote = need(malloc(bytes + 1)), *read = need(fence_alloc(bytes, canon_dtype_size(node->dtype), 0x5a));
    if (values) memcpy(wrote, values(ctx, ordinal), bytes);
    else fill_values(node->dtype, ordinal, wrote, n);
    if (n && reading_read(r, r->job, origin, 0, n, read)) broken("%s: %s", c->label, failure_text(r->job));
    for (uint64_t k = 0; k < bytes; k++)
      if (wrote[k] != read[k])
        broken("%s: read back, element %" PRIu64 " of node %" PRIu64 " (%s) is not what was written", c->label,
               k / canon_dtype_size(node->dtype), i, canon_dtype_name(node->dtype));
    fence_free(read);
    free(wrote);
    ordinal++;
  }
}

static void read_back(struct writing *w, const struct tree *tree, values_fn values, void *ctx) {
  struct reading r;
  struct input input = writing_input(w);
  char label[200];
  snprintf(label, sizeof label, "%s, written and read back", w->label);
  input.label = label;
  if (reading_open(w->subject, w->format, &input, input.bytes, input.size, &r))
    broken("%s: it cannot read what it wrote: %s", w->label, failure_text(r.job));
  struct comparison c = {.label = w->label, .wrote = tree};
  struct tree *canonical = NULL;
  if (tree_canonical(r.job, r.tree, 0, &canonical)) broken("%s: %s", label, failure_text(r.job));
  c.read = canonical;
  compare_trees(&c);
  compare_values(&c, &r, values, ctx);
  tree_free(canonical);
  reading_close(&r);
}

/* ---- one tree ---- */

/* 1: written and ended. 0: refused. */
static int write_all(const struct subject *subject, const canon_format *format, const char *label,
                     const struct tree *tree, uint64_t piece, values_fn values, void *ctx, struct writing *w) {
  int32_t code = writing_check(subject, format, label, tree, w);
  if (code) {
    judge_refusal(label, code, failure_text(w->job));
    return 0;
  }
  code = writing_begin(w);
  for (int done = 0; !code && !done;) code = writing_tensor(w, piece, values, ctx, &done);
  if (!code) code = writing_end(w);
  if (code) broken("%s: can_write() takes it, then writing fails: %s", label, failure_text(w->job));
  return 1;
}

static struct tree *canonical_of(canon_job *job, const canon_manifest *manifest) {
  struct tree *tree = NULL, *canonical = NULL;
  if (tree_resolve(job, manifest, &tree) || tree_canonical(job, tree, 0, &canonical)) broken("%s", failure_text(job));
  tree_free(tree);
  return canonical;
}

/* Kept as an input for the rules about readers; only small ones, and not one for each dtype. */
static void keep_output(struct writing *w, size_t i) {
  enum { SMALL = 100000 };
  struct input written = writing_input(w);
  char path[4200];
  snprintf(path, sizeof path, "%s/%03zu-%s", w->subject->folder, i, w->format->name);
  if (written.folder) {
    rename(written.path, path);
    return;
  }
  FILE *file = written.size <= SMALL ? fopen(path, "wb") : NULL;
  if (!file) return;
  fwrite(written.bytes, 1, written.size, file);
  fclose(file);
}

typedef void (*tree_fn)(const struct subject *subject, const canon_format *format, const char *label,
                        const struct tree *tree, size_t i);

static void each_sapling(const struct subject *subject, tree_fn fn) {
  const canon_format *format;
  int any = 0;
  for (uint64_t k = 0; (format = own_format(subject, k)); k++) {
    for (size_t i = 0; writes(format) && i < sapling_count(); i++) {
      struct sapling sapling = sapling_grow(i);
      canon_job *job = watch_job(subject, sapling.name);
      struct tree *tree = canonical_of(job, &sapling.manifest);
      fn(subject, format, sapling.name, tree, i);
      tree_free(tree);
      watch_job_free(job);
      sapling_free(&sapling);
    }
    any |= writes(format);
  }
  if (!any) nothing_to_do("it has no format that it writes");
}

static uint64_t bytes_of(const struct tree *tree) {
  uint64_t sum = 0;
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    uint64_t n = 0;
    if (tree->nodes[i].kind != CANON_NODE_TENSOR) continue;
    canon_elements(tree->nodes[i].shape, tree->nodes[i].rank, &n);
    sum += n * canon_dtype_size(tree->nodes[i].dtype);
  }
  return sum;
}

static const uint64_t most_bytes = (uint64_t)1 << 30; /* that are really written */

static void write_and_compare(const struct subject *subject, const canon_format *format, const char *label,
                              const struct tree *tree, size_t i) {
  struct writing w;
  count_case();
  if (bytes_of(tree) > most_bytes) {
    int32_t code = writing_check(subject, format, label, tree, &w);
    if (code) judge_refusal(label, code, failure_text(w.job));
    else if (writing_begin(&w)) broken("%s: can_write() takes it, then begin() fails: %s", label, failure_text(w.job));
  } else if (write_all(subject, format, label, tree, 64, NULL, NULL, &w)) {
    read_back(&w, tree, NULL, NULL);
    keep_output(&w, i);
  }
  writing_free(&w);
}

void rule_trees(const struct subject *subject) { each_sapling(subject, write_and_compare); }

/* ---- the same bytes ---- */

/* Two writers of one tree at a time, whose calls take turns and whose pieces are of other sizes. */
static void write_twice(const struct subject *subject, const canon_format *format, const char *label,
                        const struct tree *tree, size_t i) {
  (void)i;
  struct writing a, b;
  if (bytes_of(tree) > most_bytes) return;
  int32_t code = writing_check(subject, format, label, tree, &a),
          again = writing_check(subject, format, label, tree, &b);
  if (code != again) broken("%s: can_write() gives %" PRId32 ", then %" PRId32, label, code, again);
  if (!code) code = writing_begin(&a);
  if (!code) code = writing_begin(&b);
  int a_done = again != 0, b_done = again != 0;
  while (!code && (!a_done || !b_done)) {
    code = writing_tensor(&a, UINT64_MAX, NULL, NULL, &a_done);
    if (!code) code = writing_tensor(&b, 3, NULL, NULL, &b_done);
  }
  if (!again) {
    if (!code) code = writing_end(&a);
    if (!code) code = writing_end(&b);
    if (code) broken("%s: two writers at a time: %s%s", label, failure_text(a.job), failure_text(b.job));
    uint8_t first[32], second[32];
    writing_digest(&a, first);
    writing_digest(&b, second);
    if (memcmp(first, second, sizeof first) != 0)
      broken("%s: written twice at a time, in pieces of other sizes, it gives other bytes", label);
    count_case();
  }
  writing_free(&a);
  writing_free(&b);
}

void rule_bytes(const struct subject *subject) { each_sapling(subject, write_twice); }

/* ---- inputs ---- */

struct originals {
  const struct tree *tree;
  struct content *values;
  uint64_t tensors[1]; /* origins, in order; as many as there are */
};

static const uint8_t *original_values(void *ctx, uint64_t ordinal) {
  const struct originals *originals = ctx;
  static const uint8_t none;
  const uint8_t *at = originals->values[originals->tensors[ordinal]].at;
  return at ? at : &none;
}

static void rewrite(const struct subject *subject, const canon_format *format, const struct input *input) {
  struct reading r;
  struct writing w;
  struct tree *tree = NULL;
  if (!writes(format)) return;
  if (reading_open(subject, format, input, input->bytes, input->size, &r)) broken("%s", failure_text(r.job));
  if (tree_canonical(r.job, r.tree, 0, &tree)) broken("%s: %s", input->label, failure_text(r.job));
  if (bytes_of(tree) <= most_bytes / 4) {
    struct originals *originals = need(malloc(sizeof *originals + tree->n_nodes * sizeof *originals->tensors));
    uint64_t n = 0;
    for (uint64_t i = 0; i < tree->n_nodes; i++)
      if (tree->nodes[i].kind == CANON_NODE_TENSOR) originals->tensors[n++] = tree->origin[i];
    originals->tree = tree;
    originals->values = reading_values(&r, most_bytes);
    if (write_all(subject, format, input->label, tree, 1000, original_values, originals, &w)) {
      read_back(&w, tree, original_values, originals);
      count_case();
    }
    writing_free(&w);
    values_free(originals->values, r.manifest.n_nodes);
    free(originals);
  }
  tree_free(tree);
  reading_close(&r);
}

void rule_roundtrip(const struct subject *subject) {
  const canon_format *format;
  int any = 0;
  for (uint64_t i = 0; (format = own_format(subject, i)); i++) any |= writes(format);
  if (!any) nothing_to_do("it has no format that it writes");
  each_input(subject, rewrite);
}
