/* SPDX-License-Identifier: MIT
 * takes_every_tree.c: takes trees that it cannot hold. */
#include "one.h"

static int32_t every_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  uint64_t tensors = 0;
  for (uint64_t i = 0; i < manifest->n_nodes; i++)
    tensors += canon_manifest_node(manifest, i)->kind == CANON_NODE_TENSOR;
  return tensors == 1 && manifest->n_nodes == 2 ? CANON_OK : one_can_write(job, instance, manifest);
}
#define ONE_CAN_WRITE every_can_write

#include "one_plugin.h"
