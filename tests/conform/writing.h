/* SPDX-License-Identifier: MIT
 * writing.h: one tree on its way through the plugin's writer, call by call, as job/convert.c makes them. */
#ifndef CANON_TESTS_WRITING_H
#define CANON_TESTS_WRITING_H

#include "core/io/sink.h"
#include "tests/conform/conform.h"

struct writing {
  const struct subject *subject;
  const canon_format *format;
  const char *label;
  canon_job *job;
  canon_instance *instance;
  canon_manifest *manifest; /* with nodes longer than this host's */
  canon_sink *sink;
  char path[4096]; /* of a folder that is written */
  void *writer;
  canon_written *written;     /* likewise longer */
  uint64_t n_tensors, tensor; /* all; the next */
  uint64_t node;
  struct extent {
    const canon_sink *sink;
    uint64_t offset, bytes;
  } * extents;
};

/* What tensor `ordinal` (counted in order of nodes) holds; NULL: fill_values. */
typedef const uint8_t *(*values_fn)(void *ctx, uint64_t ordinal);

/* `tree` is canonical. Each gives a failure for the rule to judge. */
int32_t writing_check(const struct subject *subject, const canon_format *format, const char *label,
                      const struct tree *tree, struct writing *writing);
int32_t writing_begin(struct writing *writing);
/* The next tensor, in pieces of so many elements where the format is given elements. 0 left: *done. */
int32_t writing_tensor(struct writing *writing, uint64_t piece, values_fn values, void *ctx, int *done);
int32_t writing_end(struct writing *writing);
void writing_free(struct writing *writing); /* in any case */

/* After end: what was written, as an input. It lives as long as the writing. */
struct input writing_input(struct writing *writing);
void writing_digest(struct writing *writing, uint8_t digest[32]);

#endif
