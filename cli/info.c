/* SPDX-License-Identifier: MIT
 * info.c: canon info: lists one file after the other. No tensor is read unless --digest or --stats asks. */
#include "cli/artifact.h"
#include "cli/listing.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/verbs.h"

static int show(canon_context *context, const char *name, const cli_options *options, int first) {
  int status;
  canon_artifact *artifact = artifact_open(context, name, options, &status);
  if (!artifact) return status;
  struct listing listing;
  if (listing_fill(&listing, artifact, options->digest, options->stats)) {
    status = session_failed(context);
  } else {
    if (!options->json && !first) report_text("\n");
    (options->json ? listing_print_json : listing_print)(&listing, artifact, options->digest, options->stats);
  }
  listing_free(&listing);
  canon_artifact_close(artifact);
  return status;
}

int info_run(canon_context *context, const cli_options *options) {
  if (!options->operands.n) {
    report_error("info needs a FILE; see canon help info");
    return 2;
  }
  int worst = 0, shown = 0;
  for (size_t i = 0; i < options->operands.n && !report_broken(); i++) {
    int status = show(context, options->operands.items[i], options, !shown);
    if (!status) shown = 1;
    if (status > worst) worst = status;
  }
  return worst;
}
