/* SPDX-License-Identifier: MIT
 * main.c: the command line, from words to exit status: 0 done, 1 something differs, 2 trouble,
 * 3 input refused. */
#include "cli/report.h"
#include "cli/session.h"
#include "cli/verbs.h"

static int run_verb(cli_options *options) {
  canon_context *context = session_open(options);
  if (!context) return 2;
  int status = options_parse(options, context);
  if (status || options->version) {
    if (!status) report_text("canon %s\n", canon_version());
  } else if (options->help) {
    help_verb(context, options->verb);
  } else {
    status = session_configure(context, options);
    if (!status) status = options->verb->run(context, options);
  }
  canon_context_free(context);
  return status;
}

static int run(cli_options *options, int argc, char **argv) {
  int status = options_start(options, argc, argv);
  if (status) return status;
  if (options->version) {
    report_text("canon %s\n", canon_version());
    return 0;
  }
  if (options->verb) return run_verb(options);
  if (options->help) {
    help_overview();
    return 0;
  }
  report_usage(
      "usage: canon VERB [OPTION]... [FILE]...\n"
      "       canon help lists the verbs, canon info FILE shows what a file holds\n");
  return 2;
}

int main(int argc, char **argv) {
  cli_options options;
  session_prepare();
  int status = run(&options, argc, argv);
  options_free(&options);
  status = report_close(status);
  session_raise_caught();
  return status;
}
