/* SPDX-License-Identifier: MIT
 * shouts_its_name.c: has a name that no option could have. */
#include "one.h"

#define ONE_NAME "One"

#include "one_plugin.h"
