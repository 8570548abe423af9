/* SPDX-License-Identifier: MIT
 * facets.h: looks through what plugins declare: transforms, formats and their options, each array by its plugin's
 * stride. */
#ifndef CANON_CLI_FACETS_H
#define CANON_CLI_FACETS_H

#include <canon/canon.h>

#include "cli/words.h"

/* The options of a format or of a transform. */
typedef struct facet_options {
  const canon_option *options;
  uint64_t n;
  uint32_t stride;
} facet_options;

facet_options facet_options_of_format(const canon_format *format);
facet_options facet_options_of_transform(const canon_transform *transform);
canon_option facet_option(facet_options options, uint64_t i);
int facet_find_option(facet_options options, const char *name, canon_option *found);
/* Is it one of a verb that takes (TAKES_*) this? */
int facet_option_applies(const canon_option *option, uint32_t takes);

canon_variant facet_variant(const canon_transform *transform, uint64_t i);
/* Variants from *i on that say the same of themselves, with their names as "f16, bf16"; *i becomes the next one. */
canon_variant facet_variants_alike(const canon_transform *transform, uint64_t *i, char *names, size_t size);
const char *facet_guarantee(uint32_t guarantee); /* "EXACT" */
canon_shorthand facet_shorthand(const canon_transform *transform, uint64_t i);

/* NULL: there is none. */
const canon_format *facet_find_format(const canon_context *context, const char *name);
const canon_format *facet_find_format_with(const canon_context *context, const char *option, uint32_t takes,
                                           canon_option *found);
const canon_transform *facet_find_transform(const canon_context *context, const char *name);
const canon_transform *facet_find_transform_with(const canon_context *context, const char *option, canon_option *found);
const canon_transform *facet_find_shorthand(const canon_context *context, const char *option, const char **variant);

/* Offers every option that a plugin declares, of transforms and of formats as `takes` (TAKES_*) says. */
void facet_offer_options(const canon_context *context, uint32_t takes, words_nearest *nearest);

#endif
