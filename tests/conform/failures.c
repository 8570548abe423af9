/* SPDX-License-Identifier: MIT
 * failures.c: every call of the host fails once: no memory, a disk that does not read, a disk that is full, a user who
 * stops the job. The plugin must give the failure back and leave nothing behind that a later call trips over. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/conform/writing.h"

/* All of a flow's calls of one kind fail in turn, the first ones each and of many only some. */
static uint64_t next_call(uint64_t n) { return n < 150 ? n + 1 : n + n / 6; }

static void judge(const char *label, enum hook hook, uint64_t n, int32_t code) {
  if (!code)
    broken("%s: call %" PRIu64 " of %s() failed, and everything went on as if it had not; return what it returned",
           label, n, watch_hook_name(hook));
  count_case();
}

/* ---- reading ---- */

static int32_t read_once(const struct subject *subject, const canon_format *format, const struct input *input) {
  enum { MOST = 1 << 16 };
  struct reading r;
  int32_t code = reading_open(subject, format, input, input->bytes, input->size, &r);
  for (uint64_t i = 0; !code && i < r.manifest.n_nodes; i++) {
    uint64_t n = reading_elements(&r, i, MOST);
    uint8_t *dst = n ? need(fence_alloc(n * reading_size(&r, i), reading_size(&r, i), 0)) : NULL;
    if (dst) code = reading_read(&r, r.job, i, 0, n, dst);
    fence_free(dst);
  }
  reading_close(&r);
  return code;
}

static void fail_reading(const struct subject *subject, const canon_format *format, const struct input *input) {
  static const enum hook hooks[] = {HOOK_ALLOC, HOOK_READ, HOOK_TICK, HOOK_SCRATCH, HOOK_WRITE};
  for (size_t h = 0; h < sizeof hooks / sizeof *hooks; h++) {
    for (uint64_t n = 1;; n = next_call(n)) {
      watch_fail(hooks[h], n);
      int32_t code = read_once(subject, format, input);
      if (!watch_failed()) break;
      judge(input->label, hooks[h], n, code);
    }
    watch_fail(HOOK_NONE, 0);
  }
}

void rule_read_failures(const struct subject *subject) { each_input(subject, fail_reading); }

/* ---- writing ---- */

static int32_t write_once(const struct subject *subject, const canon_format *format, const struct sapling *sapling,
                          const struct tree *tree) {
  struct writing w;
  int32_t code = writing_check(subject, format, sapling->name, tree, &w);
  if (!code) code = writing_begin(&w);
  for (int done = 0; !code && !done;) code = writing_tensor(&w, 50, NULL, NULL, &done);
  if (!code) code = writing_end(&w);
  writing_free(&w);
  return code;
}

/* Given up after begin, and after each tensor. */
static void give_up(const struct subject *subject, const canon_format *format, const struct sapling *sapling,
                    const struct tree *tree) {
  enum { MOST = 5 };
  int done = 0;
  for (int tensors = 0; !done && tensors < MOST; tensors++) {
    struct writing w;
    if (writing_check(subject, format, sapling->name, tree, &w) || writing_begin(&w))
      broken("%s: %s", sapling->name, failure_text(w.job));
    for (int i = 0; !done && i < tensors; i++)
      if (writing_tensor(&w, 1, NULL, NULL, &done)) broken("%s: %s", sapling->name, failure_text(w.job));
    writing_free(&w);
    count_case();
  }
}

static void fail_writing(const struct subject *subject, const canon_format *format, const struct sapling *sapling,
                         const struct tree *tree) {
  static const enum hook hooks[] = {HOOK_ALLOC, HOOK_WRITE, HOOK_TICK, HOOK_SCRATCH, HOOK_READ};
  if (write_once(subject, format, sapling, tree)) return; /* it is refused */
  give_up(subject, format, sapling, tree);
  for (size_t h = 0; h < sizeof hooks / sizeof *hooks; h++) {
    for (uint64_t n = 1;; n = next_call(n)) {
      watch_fail(hooks[h], n);
      int32_t code = write_once(subject, format, sapling, tree);
      if (!watch_failed()) break;
      judge(sapling->name, hooks[h], n, code);
    }
    watch_fail(HOOK_NONE, 0);
  }
}

void rule_write_failures(const struct subject *subject) {
  enum { SMALL = 1 << 20 };
  const canon_format *format;
  int any = 0;
  for (uint64_t k = 0; (format = own_format(subject, k)); k++) {
    for (size_t i = 0; format->begin && i < sapling_count(); i++) {
      struct sapling sapling = sapling_grow(i);
      canon_job *job = watch_job(subject, sapling.name);
      struct tree *tree = NULL, *canonical = NULL;
      if (tree_resolve(job, &sapling.manifest, &tree) || tree_canonical(job, tree, 0, &canonical))
        broken("%s", failure_text(job));
      uint64_t n = 0, most = 0;
      for (uint64_t m = 0; m < canonical->n_nodes; m++)
        if (canonical->nodes[m].kind == CANON_NODE_TENSOR &&
            canon_elements(canonical->nodes[m].shape, canonical->nodes[m].rank, &n) && n > most)
          most = n;
      if (most < SMALL && canonical->n_nodes < 1000) fail_writing(subject, format, &sapling, canonical);
      tree_free(canonical);
      tree_free(tree);
      watch_job_free(job);
      sapling_free(&sapling);
    }
    any |= format->begin != NULL;
  }
  if (!any) nothing_to_do("it has no format that it writes");
}
