/* SPDX-License-Identifier: MIT
 * manual.h: manual pages in roff: the prose of docs/man, in which the tables of options.def and of the plugins are put.
 */
#ifndef CANON_CLI_MANUAL_H
#define CANON_CLI_MANUAL_H

#include "cli/options.h"

/* The page of a verb, or of canon itself where verb is NULL. Gives the exit status. */
int manual_print(const canon_context *context, const cli_verb *verb);

#endif
