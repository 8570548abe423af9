/* SPDX-License-Identifier: MIT
 * places_over.c: takes trees of many tensors, and places them all at one byte. */
#include "one.h"

#define ONE_CAN_WRITE over_can_write
static int32_t over_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  uint64_t tensors = 0;
  for (uint64_t i = 0; i < manifest->n_nodes; i++)
    tensors += canon_manifest_node(manifest, i)->kind == CANON_NODE_TENSOR;
  return tensors > 1 ? CANON_OK : one_can_write(job, instance, manifest);
}

#include "one_plugin.h"
