/* SPDX-License-Identifier: MIT
 * compare_check.h: the checks of a comparison as they apply to one pair of tensors, and what they come to. */
#ifndef CANON_JOB_COMPARE_CHECK_H
#define CANON_JOB_COMPARE_CHECK_H

#include <canon/canon.h>

#include "core/job/compare_close.h"

/* A check's row for one tensor. The rule before all others is the exact one with nothing allowed, which nobody is told
 * passes or fails: its smallest tolerances are those of the tensor. */
struct rule {
  uint32_t arithmetic, dtype;
  uint32_t flags; /* CANON_TOLERANCE_* */
  uint32_t equal_nan;
  uint32_t is_unnamed; /* no tolerance of a check by paths is for this tensor: it has to be equal */
  double rtol, atol;
  uint64_t ulp;
};

enum { MAX_RULES = CANON_MAX_CHECKS + 1 };

struct rules {
  struct rule items[MAX_RULES];
  uint32_t n;
  uint32_t need_nan; /* NaN with equal bits fails some of them */
};

struct verdict {
  uint64_t failing;
  double least_rtol, least_atol; /* NaN: none */
};

struct verdicts {
  struct verdict items[MAX_RULES];
};

/* How two elements, or parts of them, stand to each other: a tolerance is asked only where both are finite and unequal.
 */
enum relation { RELATION_EQUAL, RELATION_UNEQUAL, RELATION_BOTH_NAN, RELATION_HOPELESS };

struct comparand {
  struct couple couple;
  enum relation relation[2]; /* of each part */
  uint64_t ulp[2];           /* CANON_NONE: no float */
};

/* Pairs of one part, as doubles: those that change nothing of what a rule knows, but how many fail it, are done with;
 * rest gets the indices of the others, for verdicts_add_to. */
uint32_t verdicts_settle(struct verdicts *verdicts, const struct rules *rules, uint32_t rule, const double *a,
                         const double *b, uint32_t n, uint32_t *rest);
/* The same by kernels. exact_bits: how many bits numbers have at most, if each change is exact; else 0. NOT_SETTLED:
 * these numbers are no case for them, and nothing is done. */
enum { NOT_SETTLED = -1 };
int32_t verdicts_settle_all(struct verdicts *verdicts, const struct rules *rules, uint32_t rule,
                            const struct distances *distances, uint32_t exact_bits, uint32_t *rest);
void verdicts_add_to(struct verdicts *verdicts, const struct rules *rules, uint32_t rule,
                     const struct comparand *comparand);
void verdicts_add(struct verdicts *verdicts, const struct rules *rules, const struct comparand *comparand);
void verdicts_merge(struct verdicts *into, const struct verdicts *from, const struct rules *rules);

/* The checks that a user gave, with their patterns compiled. */
struct checks;

/* CANON_E_USAGE names what is wrong with them. */
int32_t checks_new(canon_job *job, const canon_check *checks, uint64_t n, struct checks **made);
void checks_free(struct checks *checks);
void checks_apply(struct checks *checks, const char *path, uint32_t dtype, struct rules *rules);
/* Once for each path; after all of them, a pattern that fitted none is CANON_E_USAGE. */
void checks_see(struct checks *checks, const char *path);
int32_t checks_all_used(canon_job *job, const struct checks *checks);

#endif
