/* SPDX-License-Identifier: MIT
 * verbs.h: one function a verb; its file is named after it. Each gives the exit status. */
#ifndef CANON_CLI_VERBS_H
#define CANON_CLI_VERBS_H

#include "cli/options.h"

int convert_run(canon_context *context, const cli_options *options);
int info_run(canon_context *context, const cli_options *options);
int diff_run(canon_context *context, const cli_options *options);
int digest_run(canon_context *context, const cli_options *options);
int verify_run(canon_context *context, const cli_options *options);
int plugins_run(canon_context *context, const cli_options *options);
int help_run(canon_context *context, const cli_options *options);

/* What --help shows: of canon itself, and of a verb. */
void help_overview(void);
void help_verb(const canon_context *context, const cli_verb *verb);

#endif
