/* SPDX-License-Identifier: MIT
 * hides_an_option.c: declares an option that canon itself has. */
#include "one.h"

static const canon_option force = {"force", NULL, "write whatever it costs", CANON_OPTION_FLAG, 0};
#define ONE_OPTION force

#include "one_plugin.h"
