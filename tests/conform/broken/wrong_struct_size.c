/* SPDX-License-Identifier: MIT
 * wrong_struct_size.c: says that its format table is shorter than any. */
#include "one.h"

#define ONE_SIZE 16

#include "one_plugin.h"
