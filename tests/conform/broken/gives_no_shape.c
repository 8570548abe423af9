/* SPDX-License-Identifier: MIT
 * gives_no_shape.c: leaves NULL where a shape must be. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_MANIFEST shapeless_manifest
static int32_t shapeless_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  ((struct one *)reader)->tensor.shape = NULL;
  return one_manifest(job, reader, manifest);
}

#include "one_plugin.h"
