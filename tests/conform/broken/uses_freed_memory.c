/* SPDX-License-Identifier: MIT
 * uses_freed_memory.c: uses a block after it freed it. */
#include "one.h"

#define ONE_RELEASE freed_release
static void freed_release(canon_job *job, void *writer) {
  canon_free(job, writer);
  *(volatile char *)writer = 0;
}

#include "one_plugin.h"
