/* SPDX-License-Identifier: MIT
 * diff.h: one run of canon diff, as its printers see it. */
#ifndef CANON_CLI_DIFF_H
#define CANON_CLI_DIFF_H

#include "cli/diff_checks.h"

/* Borrowed from diff.c for the time of printing. */
struct diff {
  canon_artifact *a, *b;
  const canon_comparison *comparison;
  uint64_t max;   /* rows at most, of what is not the same; CLI_DEFAULT: everything */
  uint32_t allow; /* CANON_CLASS_*: the gravest that passes */
  const struct diff_checks *checks;
  int stats;        /* are asked for in print */
  char **key_kinds; /* of tensors, then of values; NULL where the path alone tells them */
  uint64_t n_key_kinds;
};

int diff_passes(const struct diff *diff);
/* Every tensor by this check. */
int diff_check_passes(const struct diff *diff, uint64_t check);

void diff_print(const struct diff *diff);
void diff_print_json(const struct diff *diff);

/* Of a node of either side; ends the program where there is no memory. */
const canon_node *diff_node(const canon_artifact *artifact, uint64_t node);
const char *diff_path(canon_artifact *artifact, uint64_t node);
const char *diff_value(canon_artifact *artifact, uint64_t node);

/* "int": where another row has the same path; else NULL. Of the side that diff_owner names. */
const char *diff_tensor_key_kind(const struct diff *diff, uint64_t tensor);
const char *diff_value_key_kind(const struct diff *diff, uint64_t value);

/* The side that has the row: a, unless only b does. */
canon_artifact *diff_owner(const struct diff *diff, uint64_t a);
/* The index of an element of a tensor, one number a dimension. */
void diff_index(const canon_node *node, uint64_t element, uint64_t index[CANON_MAX_RANK]);

/* A distance in ulp that this share of the elements that differ stays within, as far as the bins tell. */
uint64_t diff_quantile(const canon_difference *d, const canon_diff_stats *stats, double share);

/* Rows, or columns, of a tensor in which something differs. */
struct diff_hit {
  const char *one;                /* "row" */
  uint64_t count, n, first, last; /* of the tensor; that are hit, or CANON_NONE: not counted; CANON_NONE and 0: none */
};

struct diff_hit diff_hit_rows(const canon_diff_stats *stats);
struct diff_hit diff_hit_columns(const canon_diff_stats *stats);
/* "none", "one", "block" (all from the first to the last), "all", "scattered"; NULL: not counted. */
const char *diff_hit_pattern(const struct diff_hit *hit);
enum { DIFF_HIT_WORDS = 128 };
/* "32 of 4096 (one block, 64..95)" */
const char *diff_hit_words(char text[DIFF_HIT_WORDS], const struct diff_hit *hit);

struct diff_counts {
  uint64_t tensors, other_tensors;                /* all; those that are not the same */
  uint64_t values, other_values, volatile_values; /* the last: not compared, nor among values */
  uint64_t elements, differing;                   /* of the tensors that were compared */
};

struct diff_counts diff_count(const struct diff *diff);

#endif
