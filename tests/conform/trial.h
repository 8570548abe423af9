/* SPDX-License-Identifier: MIT
 * trial.h: one use of a transform on one tensor: opened, planned, run, closed; each with a job of its own. */
#ifndef CANON_TESTS_TRIAL_H
#define CANON_TESTS_TRIAL_H

#include "tests/conform/conform.h"

struct trial {
  const struct subject *subject;
  const canon_transform *transform;
  const char *variant;
  canon_tensor in;
  char label[200]; /* "--cast f16 of f32 [3, 5]" */
};

struct use {
  const struct trial *trial;
  canon_job *job;
  canon_instance *instance;
  void *self;
  int opened; /* open() took the variant */
  canon_plan plan;
  canon_cut *whole; /* as planned; longer than this host's struct: those of the future are */
};

/* Opens and plans. A failure is for the rule to judge; close it in any case. */
int32_t use_open(const struct trial *trial, struct use *use);
void use_close(struct use *use);
uint64_t use_counts(const struct use *use, const canon_count **counts);

/* A block with these in, out, sizes and place, its struct longer than this host's. */
canon_block *block_new(const struct use *use, const canon_block *part);
void block_free(canon_block *block);

/* Elements of the input: any bits, or small whole numbers that every transform of numbers takes. */
enum pattern { PATTERN_BITS, PATTERN_NUMBERS, PATTERNS };
void *input_values(const struct use *use, enum pattern pattern, uint64_t *n);

typedef void (*trial_fn)(const struct trial *trial);
/* Every transform, variant, dtype and some shapes. */
void each_trial(const struct subject *subject, trial_fn fn);
/* Refused by plan(), map(), ...: with a status that says whose fault it is. */
void judge_transform(const struct trial *trial, const char *call, int32_t code, const char *text);
/* Two uses of one trial counted the same for the report. */
void compare_counts(const struct use *a, const struct use *b, const char *how);

static inline uint64_t fewer(uint64_t a, uint64_t b) { return a < b ? a : b; }

#endif
