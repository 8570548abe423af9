/* SPDX-License-Identifier: MIT
 * session.c: see session.h. */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/report.h"

static volatile sig_atomic_t caught_signal;

void session_prepare(void) {
  /* Opened the wrong way round, so that using one still fails. */
  static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};
  for (int descriptor = 0; descriptor <= 2; descriptor++)
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[descriptor]) != descriptor)
      _exit(2);
  signal(SIGPIPE, SIG_IGN);
}

/* ---- plugins ---- */

static char *path_add(char *path, const char *folders) {
  if (!folders || !*folders) return path;
  size_t length = path ? strlen(path) : 0;
  path = report_resize(path, length + strlen(folders) + 2, 1);
  if (length) path[length++] = ':';
  strcpy(path + length, folders);
  return path;
}

static int is_folder(const char *name) {
  struct stat status;
  if (stat(name, &status) != 0) {
    report_error("--plugin-dir %s: %s", name, strerror(errno));
    return 0;
  }
  if (!S_ISDIR(status.st_mode))
    report_error("--plugin-dir %s: it is no folder; name the folder that the plugin lies in", name);
  return S_ISDIR(status.st_mode);
}

/* Options can be read only when the plugins that declare them are known, so --plugin-dir is looked for ahead of the
 * rest. */
static int path_of_options(const cli_options *options, char **path) {
  static const char option[] = "--plugin-dir";
  const size_t length = sizeof option - 1;
  for (size_t i = 0; i < options->plugin_dir.n; i++) {
    if (!is_folder(options->plugin_dir.items[i])) return 0;
    *path = path_add(*path, options->plugin_dir.items[i]);
  }
  for (int i = options->at; i < options->argc && strcmp(options->argv[i], "--") != 0; i++) {
    const char *word = options->argv[i], *folder = NULL;
    if (strncmp(word, option, length) != 0) continue;
    if (word[length] == '=') folder = word + length + 1;
    else if (!word[length] && i + 1 < options->argc) folder = options->argv[++i];
    if (!folder) continue;
    if (!is_folder(folder)) return 0;
    *path = path_add(*path, folder);
  }
  return 1;
}

/* CANON_CPU names the kernels that none above is taken of. */
static int kernels_failed(canon_context *context) {
  const char *name = getenv("CANON_CPU");
  if (!name || !*name || canon_context_kernels(context, name) == CANON_OK) return 0;
  report_error("CANON_CPU: %s", canon_context_error(context)->text);
  return 1;
}

canon_context *session_open(const cli_options *options) {
  const char *builtin = getenv("CANON_BUILTIN_PLUGINS");
  char *path = NULL;
  canon_context *context = NULL;
  if (path_of_options(options, &path)) {
    path = path_add(path, getenv("CANON_PLUGIN_PATH"));
    context = canon_context_new();
    if (!context) report_error("out of memory");
  }
  int failed = context && kernels_failed(context);
  if (context && !failed && canon_context_load(context, path, builtin && strcmp(builtin, "0") == 0)) {
    session_failed(context);
    failed = 1;
  }
  if (failed) {
    canon_context_free(context);
    context = NULL;
  }
  free(path);
  return context;
}

/* ---- the job ---- */

static void hear(void *user, int32_t importance, const char *text) {
  (void)user;
  if (importance >= CANON_LOG_WARNING) report_warning("%s", text);
  else report_note("%s", text);
}

static int32_t proceed(void *user, uint64_t done, uint64_t total) {
  (void)user;
  if (!caught_signal) report_progress(done, total);
  return caught_signal != 0;
}

static void warn_of_missing_folders(void) {
  const char *path = getenv("CANON_PLUGIN_PATH");
  for (size_t n; path && *path; path += n + (path[n] == ':')) {
    struct stat status;
    char folder[4096];
    n = strcspn(path, ":");
    if (!n || n >= sizeof folder) continue;
    snprintf(folder, sizeof folder, "%.*s", (int)n, path);
    if (stat(folder, &status) != 0)
      report_warning("CANON_PLUGIN_PATH: %s: %s; make it, or leave it out", folder, strerror(errno));
  }
}

int session_configure(canon_context *context, const cli_options *options) {
  report_level(options->quiet ? REPORT_QUIET : options->verbose ? REPORT_VERBOSE : REPORT_NORMAL);
  warn_of_missing_folders();
  canon_context_listen(context, &(canon_listener){.log = hear, .progress = proceed});
  int32_t code = CANON_OK;
  if (options->threads != CLI_DEFAULT) code = canon_context_threads(context, (uint32_t)options->threads);
  if (!code && options->limit_expand != CLI_DEFAULT) code = canon_context_limit_expand(context, options->limit_expand);
  return code ? session_failed(context) : 0;
}

int session_failed(const canon_context *context) {
  const canon_error *error = canon_context_error(context);
  if (!caught_signal) report_error("%s", error->text);
  return error->status;
}

/* ---- signals ---- */

static void catch_signal(int number) { caught_signal = number; }

void session_catch_signals(void) {
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  struct sigaction action = {.sa_handler = catch_signal, .sa_flags = (int)SA_RESETHAND};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction before;
    if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(numbers[i], &action, NULL);
  }
}

void session_raise_caught(void) {
  if (!caught_signal) return;
  signal(caught_signal, SIG_DFL);
  raise(caught_signal);
}
