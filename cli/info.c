/* SPDX-License-Identifier: MIT
 * info.c: canon info: lists one file after the other. No tensor is read unless --digest or --stats asks. */
#include "cli/facets.h"
#include "cli/listing.h"
#include "cli/report.h"
#include "cli/session.h"
#include "cli/verbs.h"

static int settings_belong(const canon_context *context, const canon_artifact *artifact, const cli_options *options) {
  const canon_format *format = facet_find_format(context, canon_artifact_format(artifact));
  for (size_t i = 0; format && i < options->settings.n; i++) {
    canon_option option;
    if (facet_find_option(facet_options_of_format(format), options->settings.items[i].key, &option)) continue;
    report_error("%s: it is %s, which has no option --%s", canon_artifact_name(artifact), format->name,
                 options->settings.items[i].key);
    return 0;
  }
  return 1;
}

static int show(canon_context *context, const char *name, const cli_options *options, int first) {
  canon_open_options open = {.from = options->from,
                             .settings = options->settings.items,
                             .n_settings = options->settings.n,
                             .selection = options_selection(options)};
  canon_artifact *artifact;
  if (canon_artifact_open(context, name, &open, &artifact)) return session_failed(context);
  int status = settings_belong(context, artifact, options) ? 0 : 2;
  if (!status) {
    struct listing listing;
    if (listing_fill(&listing, artifact, options->digest, options->stats)) {
      status = session_failed(context);
    } else {
      if (!options->json && !first) report_text("\n");
      (options->json ? listing_print_json : listing_print)(&listing, artifact, options->digest, options->stats);
    }
    listing_free(&listing);
  }
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
