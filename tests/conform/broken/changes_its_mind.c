/* SPDX-License-Identifier: MIT
 * changes_its_mind.c: tells another tree each time. */
#include "one.h"

#define ONE_READS_ONLY
#define ONE_MANIFEST changes_manifest
static int64_t asked;

static int32_t changes_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  one_manifest(job, reader, manifest);
  struct one *one = reader;
  one->tensor.storage = (uint64_t)asked++;
  return CANON_OK;
}

#include "one_plugin.h"
