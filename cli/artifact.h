/* SPDX-License-Identifier: MIT
 * artifact.h: opens an operand as the options of its verb say, for the verbs that read. */
#ifndef CANON_CLI_ARTIFACT_H
#define CANON_CLI_ARTIFACT_H

#include "cli/options.h"

/* NULL and the exit status after an error was printed, which is also given for an option of another format. */
canon_artifact *artifact_open(canon_context *context, const char *name, const cli_options *options, int *status);

/* The same, but an option may be that of another format: of several artifacts it is enough if one has it. */
canon_artifact *artifact_open_one(canon_context *context, const char *name, const cli_options *options, int *status);
/* 0 after an error was printed: an option that neither of the two has. */
int artifact_options_fit(const canon_context *context, const canon_artifact *a, const canon_artifact *b,
                         const cli_options *options);

/* Gives the exit status. */
int artifact_digest(canon_context *context, canon_artifact *artifact, canon_digest *digest);

/* Bytes of the file's name in FILE#/pointer, as canon_artifact_open cuts it: all of it where there is no pointer. */
size_t artifact_file_length(const char *name);

int artifact_is_tensor(const canon_artifact *artifact, uint64_t node);

#endif
