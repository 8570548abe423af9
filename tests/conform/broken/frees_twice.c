/* SPDX-License-Identifier: MIT
 * frees_twice.c: frees a block twice. */
#include "one.h"

#define ONE_RELEASE twice_release
static void twice_release(canon_job *job, void *writer) {
  canon_free(job, writer);
  canon_free(job, writer);
}

#include "one_plugin.h"
