/* SPDX-License-Identifier: MIT
 * checks.h: digests that are computed again and compared, for canon verify. */
#ifndef CANON_CLI_CHECKS_H
#define CANON_CLI_CHECKS_H

#include "cli/options.h"
#include "cli/sums.h"

/* CHECK_FAILED: an error was printed. CHECK_ABSENT: it may be missing, and is. */
enum { CHECK_OK, CHECK_DIFFERS, CHECK_FAILED, CHECK_ABSENT };

struct check {
  struct sum sum;         /* whose file may be in another folder than the one we are in, */
  const char *name;       /* so this is opened */
  const cli_options *how; /* and so */
  int may_be_absent;
  int result;
  uint8_t actual[SUM_BYTES]; /* where the result is one of the first two */
};

struct checks {
  struct check *items;
  size_t n;
};

void checks_add(struct checks *checks, struct check check);
/* Gives the exit status. Each check is told when it is done. */
int checks_run(canon_context *context, struct checks *checks, void (*tell)(const struct check *check));
void checks_free(struct checks *checks);

#endif
