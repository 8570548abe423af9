/* SPDX-License-Identifier: MIT
 * in_order_format.c: nothing is wrong with it. */
#include "one.h"
#include "one_plugin.h"
