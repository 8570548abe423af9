/* SPDX-License-Identifier: MIT
 * artifact.c: see artifact.h. */
#include "cli/artifact.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/facets.h"
#include "cli/report.h"
#include "cli/session.h"

static int has_option(const canon_context *context, const canon_artifact *artifact, const cli_options *options,
                      const char *name) {
  const canon_format *format = facet_find_format(context, canon_artifact_format(artifact));
  uint32_t takes = options->recorded ? TAKES_WRITING : TAKES_FORMATS;
  canon_option option;
  return !format ||
         (facet_find_option(facet_options_of_format(format), name, &option) && facet_option_applies(&option, takes));
}

static int settings_belong(const canon_context *context, const canon_artifact *artifact, const cli_options *options) {
  for (size_t i = 0; i < options->settings.n; i++) {
    if (has_option(context, artifact, options, options->settings.items[i].key)) continue;
    report_error("%s: it is %s, which has no option --%s", canon_artifact_name(artifact),
                 canon_artifact_format(artifact), options->settings.items[i].key);
    return 0;
  }
  return 1;
}

int artifact_options_fit(const canon_context *context, const canon_artifact *a, const canon_artifact *b,
                         const cli_options *options) {
  const char *one = canon_artifact_format(a), *other = canon_artifact_format(b);
  for (size_t i = 0; i < options->settings.n; i++) {
    const char *key = options->settings.items[i].key;
    if (has_option(context, a, options, key) || has_option(context, b, options, key)) continue;
    if (strcmp(one, other) == 0) report_error("format %s has no option --%s", one, key);
    else report_error("neither format %s nor %s has an option --%s", one, other, key);
    return 0;
  }
  return 1;
}

canon_artifact *artifact_open_one(canon_context *context, const char *name, const cli_options *options, int *status) {
  canon_open_options open = {.from = options->from,
                             .settings = options->settings.items,
                             .n_settings = options->settings.n,
                             .selection = options_selection(options)};
  canon_artifact *artifact;
  *status = 0;
  if (canon_artifact_open(context, name, &open, &artifact) == 0) return artifact;
  *status = session_failed(context);
  return NULL;
}

canon_artifact *artifact_open(canon_context *context, const char *name, const cli_options *options, int *status) {
  canon_artifact *artifact = artifact_open_one(context, name, options, status);
  if (!artifact || settings_belong(context, artifact, options)) return artifact;
  canon_artifact_close(artifact);
  *status = 2;
  return NULL;
}

int artifact_digest(canon_context *context, canon_artifact *artifact, canon_digest *digest) {
  return canon_artifact_digest(artifact, digest) ? session_failed(context) : 0;
}

static int is_there(const char *name, size_t length) {
  char *file = report_resize(NULL, length + 1, 1);
  memcpy(file, name, length);
  file[length] = 0;
  int there = strcmp(file, "-") == 0 || access(file, F_OK) == 0;
  free(file);
  return there;
}

size_t artifact_file_length(const char *name) {
  size_t whole = strlen(name);
  if (is_there(name, whole)) return whole;
  for (const char *at = name; (at = strstr(at, "#/")); at++)
    if (is_there(name, (size_t)(at - name))) return (size_t)(at - name);
  return whole;
}

int artifact_is_tensor(const canon_artifact *artifact, uint64_t node) {
  return canon_manifest_node(canon_artifact_manifest(artifact), node)->kind == CANON_NODE_TENSOR;
}
