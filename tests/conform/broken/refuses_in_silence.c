/* SPDX-License-Identifier: MIT
 * refuses_in_silence.c: refuses a tree without saying why. */
#include "one.h"

static int32_t silent_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest) {
  (void)job, (void)instance, (void)manifest;
  return CANON_E_UNSUPPORTED;
}
#define ONE_CAN_WRITE silent_can_write

#include "one_plugin.h"
