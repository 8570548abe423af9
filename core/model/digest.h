/* SPDX-License-Identifier: MIT
 * digest.h: canon1-tensors and canon1-tree of a tree whose tensors' digests are known (docs/digests.md). */
#ifndef CANON_MODEL_DIGEST_H
#define CANON_MODEL_DIGEST_H

#include "core/base/sha256.h"
#include "core/model/tree.h"

/* sha256: of each node, only the tensors' are looked at. The paths are those of the canonical tree, so that an artifact
 * and what it is converted to have one digest. */
int32_t digest_compute(canon_job *job, const struct tree *tree, const uint8_t (*sha256)[SHA256_BYTES],
                       canon_digest *digest);

#endif
