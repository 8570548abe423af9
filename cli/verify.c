/* SPDX-License-Identifier: MIT
 * verify.c: canon verify: computes again the digests that a list or a record names, and
 * compares. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/checks.h"
#include "cli/json.h"
#include "cli/record.h"
#include "cli/report.h"
#include "cli/verbs.h"

/* ---- the list ---- */

enum { MOST_BYTES = 1 << 30 }; /* a list of millions of lines */

static int read_whole(int descriptor, const char *name, char **text, size_t *size) {
  size_t room = 0;
  for (*size = 0;;) {
    if (*size + 1 >= room) *text = report_resize(*text, room = 2 * room + (1 << 16), 1); /* a byte stays free */
    ssize_t n = read(descriptor, *text + *size, room - 1 - *size);
    if (n == 0) return 0;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      report_error("%s: cannot read: %s", name, strerror(errno));
      return 2;
    }
    *size += (size_t)n;
    if (*size <= MOST_BYTES) continue;
    report_error("%s: it is larger than a list may be (1 GiB)", name);
    return 3;
  }
}

static int read_list(const char *name, char **text, size_t *size) {
  if (strcmp(name, "-") == 0) return read_whole(STDIN_FILENO, "standard input", text, size);
  int descriptor = open(name, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    report_error("%s: cannot open: %s", name, strerror(errno));
    return 2;
  }
  int status = read_whole(descriptor, name, text, size);
  close(descriptor);
  return status;
}

/* ---- what is told ---- */

static const char *const results[] = {"ok", "differs", "not checked", "absent"};

static void tell(const struct check *check) {
  if (check->result == CHECK_FAILED) return; /* its error says so */
  report_line("%s (%s): %s", sum_names[check->sum.scheme], check->sum.file, results[check->result]);
}

/* With --quiet. */
static void tell_differences(const struct check *check) {
  if (check->result == CHECK_DIFFERS) tell(check);
}

static void print_json(const char *name, const struct checks *checks) {
  json_writer json = {0};
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.verify/1");
  json_string(&json, "list", name);
  json_open(&json, "results", '[');
  for (size_t i = 0; i < checks->n; i++) {
    const struct check *check = &checks->items[i];
    json_open(&json, NULL, '{');
    json_string(&json, "scheme", sum_names[check->sum.scheme]);
    json_string(&json, "file", check->sum.file);
    json_string(&json, "result", results[check->result]);
    json_hex(&json, "expected", check->sum.digest, SUM_BYTES);
    if (check->result == CHECK_OK || check->result == CHECK_DIFFERS)
      json_hex(&json, "actual", check->actual, SUM_BYTES);
    json_close(&json, '}');
  }
  json_close(&json, ']');
  json_close(&json, '}');
  json_end(&json);
}

static int begins_as_json(const char *text, size_t size) {
  while (size && *text && strchr(" \t\r\n", *text)) text++, size--;
  return size && *text == '{';
}

static int verify_list(canon_context *context, const char *name, const cli_options *options) {
  char *text = NULL;
  size_t size = 0;
  struct sums sums = {0};
  struct record_read told = {0};
  struct checks checks = {0};
  const char *shown = strcmp(name, "-") == 0 ? "standard input" : name;
  int status = read_list(name, &text, &size);
  if (!status && begins_as_json(text, size)) {
    status = record_checks(shown, text, size, options, &told, &checks);
  } else if (!status) {
    status = sums_parse(shown, text, size, &sums);
    for (size_t i = 0; i < sums.n; i++)
      checks_add(&checks, (struct check){.sum = sums.items[i], .name = sums.items[i].file, .how = options});
  }
  if (!status) {
    status = checks_run(context, &checks, options->json ? NULL : options->quiet ? tell_differences : tell);
    if (options->json) print_json(name, &checks);
  }
  checks_free(&checks);
  record_read_free(&told);
  sums_free(&sums);
  free(text);
  return status;
}

int verify_run(canon_context *context, const cli_options *options) {
  if (!options->operands.n) {
    report_error("verify needs a list; see canon help verify");
    return 2;
  }
  int worst = 0;
  for (size_t i = 0; i < options->operands.n && !report_broken(); i++) {
    int status = verify_list(context, options->operands.items[i], options);
    if (status > worst) worst = status;
  }
  return worst;
}
