/* SPDX-License-Identifier: MIT
 * fills_reserved.c: puts something into a reserved member. */
#include "one.h"

#define ONE_RESERVED 7

#include "one_plugin.h"
