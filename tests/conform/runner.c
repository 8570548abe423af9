/* SPDX-License-Identifier: MIT
 * runner.c: one rule, one process. What the child found lies in memory that it shares with its parent. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/conform/conform.h"

/* Written by the child, read when it is gone. */
struct shared {
  struct verdict verdict;
  int ended;
  char step[512];
};

static struct shared *shared;
static unsigned seconds_a_step;

void step(const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(shared->step, sizeof shared->step, format, args);
  va_end(args);
  alarm(seconds_a_step);
}

void count_case(void) { shared->verdict.cases++; }

static _Noreturn void end(enum outcome outcome, const char *format, va_list args) {
  vsnprintf(shared->verdict.text, sizeof shared->verdict.text, format, args);
  shared->verdict.outcome = outcome;
  shared->ended = 1;
  _exit(0); /* threads that are still in the plugin too */
}

void broken(const char *format, ...) {
  va_list args;
  va_start(args, format);
  end(OUTCOME_BROKEN, format, args);
}

void nothing_to_do(const char *format, ...) {
  va_list args;
  va_start(args, format);
  end(OUTCOME_NOTHING, format, args);
}

void no_memory(void) { broken("canon-conform itself is out of memory"); }

void *need(void *memory) {
  if (!memory) no_memory();
  return memory;
}

static int capture(void) {
  int descriptor = memfd_create("canon-conform", MFD_CLOEXEC);
  if (descriptor < 0) return -1;
  return descriptor;
}

static _Noreturn void child(const struct rule *rule, const struct subject *subject, int output) {
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  step("%s", rule->name);
  rule->run(subject);
  fflush(stdout);
  fflush(stderr);
  shared->ended = 1;
  _exit(0);
}

static void say(struct verdict *verdict, const char *format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(verdict->text, sizeof verdict->text, format, args);
  va_end(args);
  verdict->outcome = OUTCOME_BROKEN;
}

/* How the child died, if it did not get to its end; then what it printed. */
static void judge(struct verdict *verdict, int status, int output) {
  char printed[400] = "";
  ssize_t n = pread(output, printed, sizeof printed - 1, 0);
  printed[n > 0 ? n : 0] = 0;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    say(verdict, "%s: it did not come back within %u s", shared->step, seconds_a_step);
  else if (WIFSIGNALED(status))
    say(verdict, "%s: it died of %s; %s", shared->step, strsignal(WTERMSIG(status)),
        WTERMSIG(status) == SIGSEGV ? "behind each block that the host gives lies memory that nobody may touch"
                                    : "run it in a debugger");
  else if (!shared->ended)
    say(verdict, "%s: it ended the process with status %d; a plugin never exits %s%s", shared->step,
        WEXITSTATUS(status), *printed ? "\n" : "", printed);
  else if (*printed && verdict->outcome != OUTCOME_BROKEN)
    say(verdict, "it printed, which a plugin never does (canon_log tells the user): %s", printed);
}

struct verdict run_rule(const struct rule *rule, const struct subject *subject, unsigned seconds) {
  seconds_a_step = seconds;
  if (!shared) shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct verdict verdict = {.outcome = OUTCOME_BROKEN};
  int output = capture();
  if (shared == MAP_FAILED || output < 0) {
    say(&verdict, "canon-conform cannot start a test: %s", strerror(errno));
    return verdict;
  }
  memset(shared, 0, sizeof *shared);
  fflush(stdout); /* or the child has it too */
  pid_t pid = fork();
  if (pid == 0) child(rule, subject, output);
  int status = 0;
  while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  verdict = shared->verdict;
  if (pid < 0) say(&verdict, "canon-conform cannot start a test: %s", strerror(errno));
  else judge(&verdict, status, output);
  close(output);
  return verdict;
}
