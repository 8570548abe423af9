/* SPDX-License-Identifier: MIT
 * returns_no_status.c: returns a number that is no status. */
#include "one.h"

static int32_t odd_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  (void)job, (void)instance, (void)manifest;
  return 1;
}
#define ONE_CAN_WRITE odd_can_write

#include "one_plugin.h"
