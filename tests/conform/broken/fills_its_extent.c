/* SPDX-License-Identifier: MIT
 * fills_its_extent.c: puts something into a reserved member of an extent. */
#include "one.h"

#define ONE_PLACE filling_place
static int32_t filling_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent) {
  extent->reserved = 1;
  return one_place(job, writer, node, extent);
}

#include "one_plugin.h"
