/* SPDX-License-Identifier: MIT
 * lacks_read.c: has NULL where a function is required. */
#include "one.h"

#define ONE_READ NULL

#include "one_plugin.h"
