/* SPDX-License-Identifier: MIT
 * in_order_transform.c: nothing is wrong with it. */
#include "map.h"
#include "map_plugin.h"
