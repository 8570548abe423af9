/* SPDX-License-Identifier: MIT
 * takes_memory_of_its_own.c: takes memory that the host does not know of. */
#include "one.h"

#include <stdlib.h>

#define ONE_OPEN takes_open
#define ONE_CLOSE takes_close
static int32_t takes_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  int32_t code = one_open(job, instance, source, reader);
  if (!code) ((struct one *)*reader)->tensor.type = malloc(1);
  return code;
}

static void takes_close(canon_job *job, void *reader) {
  free((void *)(uintptr_t)((struct one *)reader)->tensor.type);
  canon_free(job, reader);
}

#include "one_plugin.h"
