/* SPDX-License-Identifier: MIT
 * replaces_the_struct.c: replaces a struct that may be longer than it knows. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_MANIFEST replaces_manifest
static int32_t replaces_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  (void)job;
  *manifest = (canon_manifest){.struct_size = sizeof *manifest, .node_size = sizeof(canon_node), .n_nodes = 1};
  manifest->nodes = &((struct one *)reader)->tensor;
  return CANON_OK;
}

#include "one_plugin.h"
