/* SPDX-License-Identifier: MIT
 * fails_to_probe.c: fails where the file is another format's. */
#include "one.h"

#define ONE_PROBE fails_probe
static int32_t fails_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  int32_t code = one_probe(job, source, bits);
  return code || *bits ? code : canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "it is not mine");
}

#include "one_plugin.h"
