/* SPDX-License-Identifier: MIT
 * compare.h: what the files of a comparison share: compare.c matches two trees, compare_tensor.c takes a pair of
 * tensors through threads, compare_block.c looks at elements, compare_rows.c at the order of rows. Nobody else includes
 * it. */
#ifndef CANON_JOB_COMPARE_H
#define CANON_JOB_COMPARE_H

#include <pthread.h>

#include "core/job/artifact.h"
#include "core/job/compare_check.h"
#include "core/job/compare_map.h"
#include "core/job/compare_stats.h"
#include "core/numerics/layout.h"
#include "core/numerics/sums.h"

/* What a dtype is made of: elements of one part, complex ones of two. */
struct element {
  uint32_t dtype, size;              /* of a part */
  uint32_t parts, kind;              /* CANON_KIND_* of a part */
  const struct float_layout *layout; /* NULL: no float */
};

/* What was seen of the differences so far. Nothing in it depends on the order in which blocks came. */
struct tally {
  uint64_t differing, first;
  uint64_t rising, falling, nan, infinite, zero_signs, nan_bits, nan_pairs;
  uint64_t nan_a, nan_b; /* NaN on that side alone */
  double max_abs;        /* floats: exact, rounded once */
  uint64_t max_whole;    /* integers */
  uint64_t max_ulp;
  uint64_t worst, worst_ulp; /* CANON_NONE: none */
  struct sums absolute;      /* of |a - b| */
  struct sums change;        /* of b - a */
  struct verdicts verdicts;
  struct cases cases;
};

struct side {
  canon_artifact *artifact;
  uint64_t node;
};

/* Two tensors of one dtype and shape. */
struct pair {
  struct side a, b;
  struct element element;
  uint64_t elements; /* of the tensor */
  uint64_t row;      /* elements of a row of the first axis */
  uint32_t equal;    /* CANON_EQUAL_* */
  const struct rules *rules;
  struct marks *marks; /* NULL: no statistics */
  struct map *map;     /* NULL: no map, and no cases */
  struct progress *progress;
};

enum { COMPARE_BLOCK = 256 << 10 }; /* bytes of each side, so that both stay in a core's second-level cache */

struct element element_of(uint32_t dtype);
void tally_init(struct tally *tally);
void tally_merge(struct tally *into, const struct tally *from, const struct rules *rules);

/* Looks at `count` elements of both sides, the first of which has index `first`. scratch: compare_scratch bytes. */
uint64_t compare_scratch(void);
/* spread: NULL without marks. */
void compare_block(const struct pair *pair, const void *a, const void *b, uint64_t first, uint64_t count, void *scratch,
                   struct tally *tally, struct spread *spread);

/* `count` elements of one side, on any thread of the comparison's job, whose failure it makes its own. */
int32_t side_read(const struct side *side, canon_job *job, uint64_t first, uint64_t count, void *dst);
/* fn for i in [0, n): on all threads where both formats can be read from several at once, else one after the other. */
int32_t pair_parallel(const struct pair *pair, uint64_t n, int32_t (*fn)(canon_job *job, void *ctx, uint64_t i),
                      void *ctx);

/* The whole pair; fills in what canon_difference says of elements, the verdict, a result for each check, and with
 * pair->marks the statistics, with pair->map the map. */
int32_t compare_tensor(const struct pair *pair, canon_difference *difference, canon_check_result *checks,
                       canon_diff_stats *stats, canon_diff_map *map);

/* Are the rows of b those of a in another order? By a hash of 128 bits. row: elements of one. */
int32_t compare_rows(const struct pair *pair, uint64_t row, int *permuted);

#endif
