/* SPDX-License-Identifier: MIT
 * facets.c: see facets.h. */
#include "cli/facets.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"

/* Element i of a plugin's array: what an older plugin does not have is zero. */
static void take(void *dst, size_t size, const void *array, uint32_t stride, uint64_t i) {
  memset(dst, 0, size);
  memcpy(dst, (const char *)array + i * stride, stride < size ? stride : size);
}

facet_options facet_options_of_format(const canon_format *format) {
  return (facet_options){format->options, format->n_options, format->option_size};
}

facet_options facet_options_of_transform(const canon_transform *transform) {
  return (facet_options){transform->options, transform->n_options, transform->option_size};
}

canon_option facet_option(facet_options options, uint64_t i) {
  canon_option option;
  take(&option, sizeof option, options.options, options.stride, i);
  return option;
}

int facet_find_option(facet_options options, const char *name, canon_option *found) {
  for (uint64_t i = 0; i < options.n; i++) {
    *found = facet_option(options, i);
    if (found->name && strcmp(found->name, name) == 0) return 1;
  }
  return 0;
}

int facet_option_applies(const canon_option *option, uint32_t takes) {
  int only_writes = (option->flags & (CANON_OPTION_READ | CANON_OPTION_WRITE)) == CANON_OPTION_WRITE;
  return !only_writes || takes & TAKES_WRITING;
}

canon_variant facet_variant(const canon_transform *transform, uint64_t i) {
  canon_variant variant;
  take(&variant, sizeof variant, transform->variants, transform->variant_size, i);
  return variant;
}

canon_shorthand facet_shorthand(const canon_transform *transform, uint64_t i) {
  canon_shorthand shorthand;
  take(&shorthand, sizeof shorthand, transform->shorthands, transform->shorthand_size, i);
  return shorthand;
}

static int alike(canon_variant a, canon_variant b) {
  return a.guarantee == b.guarantee && a.summary && b.summary && strcmp(a.summary, b.summary) == 0;
}

canon_variant facet_variants_alike(const canon_transform *transform, uint64_t *i, char *names, size_t size) {
  canon_variant first = facet_variant(transform, *i), next = first;
  size_t used = 0;
  do {
    int n = snprintf(names + used, size - used, "%s%s", used ? ", " : "", next.name ? next.name : "?");
    if (n > 0) used += (size_t)n < size - used ? (size_t)n : size - used - 1;
    if (++*i < transform->n_variants) next = facet_variant(transform, *i);
  } while (*i < transform->n_variants && alike(first, next));
  return first;
}

const char *facet_guarantee(uint32_t guarantee) {
  static const char *const names[] = {[CANON_EXACT] = "EXACT", [CANON_FIXED] = "FIXED", [CANON_LOOSE] = "LOOSE"};
  return guarantee >= CANON_EXACT && guarantee <= CANON_LOOSE ? names[guarantee] : "?";
}

const canon_format *facet_find_format(const canon_context *context, const char *name) {
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, NULL);
    if (strcmp(format->name, name) == 0) return format;
  }
  return NULL;
}

const canon_format *facet_find_format_with(const canon_context *context, const char *option, uint32_t takes,
                                           canon_option *found) {
  for (uint64_t i = 0; i < canon_format_count(context); i++) {
    const canon_format *format = canon_format_at(context, i, NULL);
    if (facet_find_option(facet_options_of_format(format), option, found) && facet_option_applies(found, takes))
      return format;
  }
  return NULL;
}

const canon_transform *facet_find_transform(const canon_context *context, const char *name) {
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, NULL);
    if (strcmp(transform->name, name) == 0) return transform;
  }
  return NULL;
}

const canon_transform *facet_find_transform_with(const canon_context *context, const char *option,
                                                 canon_option *found) {
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, NULL);
    if (facet_find_option(facet_options_of_transform(transform), option, found)) return transform;
  }
  return NULL;
}

const canon_transform *facet_find_shorthand(const canon_context *context, const char *option, const char **variant) {
  for (uint64_t i = 0; i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, NULL);
    for (uint64_t k = 0; k < transform->n_shorthands; k++) {
      canon_shorthand shorthand = facet_shorthand(transform, k);
      if (!shorthand.option || strcmp(shorthand.option, option) != 0) continue;
      *variant = shorthand.variant;
      return transform;
    }
  }
  return NULL;
}

static void offer_options(facet_options options, uint32_t takes, words_nearest *nearest) {
  for (uint64_t i = 0; i < options.n; i++) {
    canon_option option = facet_option(options, i);
    if (option.name && facet_option_applies(&option, takes)) words_nearest_offer(nearest, option.name);
  }
}

void facet_offer_options(const canon_context *context, uint32_t takes, words_nearest *nearest) {
  for (uint64_t i = 0; takes & TAKES_STEPS && i < canon_transform_count(context); i++) {
    const canon_transform *transform = canon_transform_at(context, i, NULL);
    words_nearest_offer(nearest, transform->name);
    for (uint64_t k = 0; k < transform->n_shorthands; k++) {
      canon_shorthand shorthand = facet_shorthand(transform, k);
      if (shorthand.option) words_nearest_offer(nearest, shorthand.option);
    }
    offer_options(facet_options_of_transform(transform), takes, nearest);
  }
  for (uint64_t i = 0; takes & TAKES_FORMATS && i < canon_format_count(context); i++)
    offer_options(facet_options_of_format(canon_format_at(context, i, NULL)), takes, nearest);
}
