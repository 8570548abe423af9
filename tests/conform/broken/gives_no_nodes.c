/* SPDX-License-Identifier: MIT
 * gives_no_nodes.c: says how many nodes there are, and gives none. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_MANIFEST nodeless_manifest
static int32_t nodeless_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  (void)job, (void)reader;
  manifest->n_nodes = 1;
  return CANON_OK;
}

#include "one_plugin.h"
