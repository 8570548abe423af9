/* SPDX-License-Identifier: MIT
 * session.h: what one run of the program stands in: descriptors, environment, plugins, signals, progress. */
#ifndef CANON_CLI_SESSION_H
#define CANON_CLI_SESSION_H

#include "cli/options.h"

/* First of all: descriptors 0 to 2 are open, so that no file of ours becomes one; a closed pipe is an error, not a
 * signal. */
void session_prepare(void);

/* A context with its plugins: the built-in ones unless CANON_BUILTIN_PLUGINS=0, those of every --plugin-dir that is
 * left in argv, and those of CANON_PLUGIN_PATH; the kernels as CANON_CPU caps them. NULL after an error was printed. */
canon_context *session_open(const cli_options *options);
/* Threads, limits, warnings, progress. 0, or 2 after an error was printed. */
int session_configure(canon_context *context, const cli_options *options);

/* From here on the first SIGINT, SIGTERM or SIGHUP asks the job to stop and clean up; a second one kills. */
void session_catch_signals(void);
/* Dies of the signal that was caught, if any, as whoever sent it expects. */
void session_raise_caught(void);

/* Prints the context's failure; gives its exit status. */
int session_failed(const canon_context *context);

#endif
