/* SPDX-License-Identifier: MIT
 * leaks.c: forgets to free what it took. */
#include "one.h"

static void leaks_close(canon_job *job, void *reader) { (void)job, (void)reader; }
#define ONE_CLOSE leaks_close

#include "one_plugin.h"
