/* SPDX-License-Identifier: MIT
 * completion.h: scripts with which a shell completes a command line, made of options.def and of what plugins
 * declare. */
#ifndef CANON_CLI_COMPLETION_H
#define CANON_CLI_COMPLETION_H

#include <canon/canon.h>

/* shell: bash, zsh or fish. Gives the exit status, after an error was printed where there is no such shell. */
int completion_print(const canon_context *context, const char *shell);

#endif
