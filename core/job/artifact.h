/* SPDX-License-Identifier: MIT
 * artifact.h: what stands behind canon_artifact: a source, its reader, the selected tree. */
#ifndef CANON_JOB_ARTIFACT_H
#define CANON_JOB_ARTIFACT_H

#include "core/host/context.h"
#include "core/io/source.h"
#include "core/job/pipeline.h"
#include "core/model/digest.h"
#include "core/model/tree.h"

struct canon_artifact {
  canon_context *context;
  struct job *job;
  char *name; /* as given */
  canon_source *source;
  const struct registered_format *format;
  const char *plugin;
  canon_instance *instance;
  void *reader;
  struct tree *tree;
  uint8_t (*sha256)[SHA256_BYTES]; /* one a node, after a digest */
  int expansion_checked;           /* its own tree's, and found good */
  uint64_t bytes;                  /* then: what its tensors come to */
};

/* May it be read in any order and from several threads at once? A format that reads its files through others promises
 * that for itself alone: theirs must as well. */
int artifact_is_random(const canon_artifact *artifact);
/* Elements of a tensor of the tree, by its index there. */
int32_t artifact_read(const canon_artifact *artifact, canon_job *job, uint64_t node, uint64_t first, uint64_t count,
                      void *dst);
/* The same by the reader's own index, as another tree made of this artifact keeps it in `origin`. */
int32_t artifact_read_origin(const canon_artifact *artifact, canon_job *job, uint64_t origin, uint64_t first,
                             uint64_t count, void *dst);
/* Tensors that view, expand or share may claim far more than the file holds; reading all of that is refused beyond the
 * context's limit. bytes gets what they come to. */
int32_t artifact_check_expansion(canon_artifact *artifact, uint64_t *bytes);
/* Fills in artifact->sha256 of these nodes, which are tensors. */
int32_t artifact_digest_tensors(canon_artifact *artifact, const uint64_t *nodes, uint64_t n);
canon_tensor artifact_tensor(const canon_node *node);

#endif
