/* SPDX-License-Identifier: MIT
 * compare_check.c: see compare_check.h. The presets, the rows that fit a tensor, and how elements fare by them. */
#include "core/job/compare_check.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/model/glob.h"
#include "core/numerics/kernels.h"

/* ---- presets ---- */

#define ROW(type, r, a) \
  { .dtype = type, .rtol = r, .atol = a }

/* torch.allclose and numpy.allclose have one default for all dtypes. */
static const canon_tolerance allclose_rows[] = {ROW(0, 1e-5, 1e-8)};

/* tests/test_optim.py of bitsandbytes: f32, bf16, and else; what is no float has to be equal. */
static const canon_tolerance bitsandbytes_rows[] = {
    ROW(CANON_F32, 1e-5, 1e-6),
    ROW(CANON_BF16, 1e-2, 1e-3),
    ROW(CANON_F16, 1e-3, 1e-4),
    ROW(CANON_F64, 1e-3, 1e-4),
};

/* torch/testing/_comparison.py */
static const canon_tolerance assert_close_rows[] = {
    ROW(CANON_F16, 1e-3, 1e-5), ROW(CANON_BF16, 1.6e-2, 1e-5), ROW(CANON_F32, 1.3e-6, 1e-5), ROW(CANON_F64, 1e-7, 1e-7),
    ROW(CANON_C32, 1e-3, 1e-5), ROW(CANON_C64, 1.3e-6, 1e-5),  ROW(CANON_C128, 1e-7, 1e-7),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define PRESET(name, arithmetic, rows) \
  { name, CANON_ARITHMETIC_##arithmetic, 0, rows, COUNT(rows) }

static const canon_check presets[] = {
    PRESET("torch", TORCH, allclose_rows),
    PRESET("numpy", NUMPY, allclose_rows),
    PRESET("bitsandbytes", TORCH, bitsandbytes_rows),
    PRESET("assert_close", TORCH, assert_close_rows),
};

const canon_check *canon_check_preset_at(uint64_t i) { return i < COUNT(presets) ? &presets[i] : NULL; }

const canon_check *canon_check_preset(const char *name) {
  for (size_t i = 0; i < COUNT(presets); i++)
    if (strcmp(presets[i].name, name) == 0) return &presets[i];
  return NULL;
}

/* ---- elements ---- */

static void give_up(struct verdict *v) { v->least_rtol = v->least_atol = (double)NAN; }

static int add_unequal(struct verdict *v, const struct rule *rule, const struct couple *couple, uint64_t ulp) {
  if (rule->flags & CANON_TOLERANCE_ULP && ulp <= rule->ulp) return 1;
  if (!isnan(v->least_rtol))
    v->least_rtol = close_least_rtol(rule->arithmetic, rule->dtype, couple, v->least_rtol, rule->atol);
  if (!isnan(v->least_atol))
    v->least_atol = close_least_atol(rule->arithmetic, rule->dtype, couple, rule->rtol, v->least_atol);
  return close_enough(rule->arithmetic, rule->dtype, couple, rule->rtol, rule->atol);
}

/* Whether it passes. */
static int add_couple(struct verdict *v, const struct rule *rule, const struct couple *couple, enum relation relation,
                      uint64_t ulp) {
  if (relation == RELATION_EQUAL || (relation == RELATION_BOTH_NAN && rule->equal_nan)) return 1;
  if (relation == RELATION_UNEQUAL) return add_unequal(v, rule, couple, ulp);
  give_up(v);
  return 0;
}

/* A complex number is NaN if a part of it is, and infinite likewise. */
static enum relation whole_relation(const struct comparand *c) {
  int a_nan = 0, b_nan = 0, infinite = 0, equal = 1;
  for (uint32_t i = 0; i < c->couple.parts; i++) {
    double a = c->couple.a[i].value, b = c->couple.b[i].value;
    a_nan |= isnan(a) != 0;
    b_nan |= isnan(b) != 0;
    infinite |= isinf(a) || isinf(b);
    equal &= a == b;
  }
  if (a_nan || b_nan) return a_nan && b_nan ? RELATION_BOTH_NAN : RELATION_HOPELESS;
  return equal ? RELATION_EQUAL : infinite ? RELATION_HOPELESS : RELATION_UNEQUAL;
}

static int add_parts(struct verdict *v, const struct rule *rule, const struct comparand *c) {
  int passes = 1;
  for (uint32_t i = 0; i < c->couple.parts; i++) {
    struct couple part = {.a = {c->couple.a[i]}, .b = {c->couple.b[i]}, .parts = 1};
    passes &= add_couple(v, rule, &part, c->relation[i], c->ulp[i]);
  }
  return passes;
}

/* Two equal numbers are near each other, too; with a NaN or an infinity the distance is neither near nor far. */
uint32_t verdicts_settle(struct verdicts *verdicts, const struct rules *rules, uint32_t rule, const double *a,
                         const double *b, uint32_t n, uint32_t *rest) {
  const struct rule *r = &rules->items[rule];
  struct verdict *v = &verdicts->items[rule];
  const struct margin given = close_margin(r->arithmetic, r->dtype, r->rtol, r->atol);
  const struct margin least_rtol = close_margin(r->arithmetic, r->dtype, v->least_rtol, r->atol);
  const struct margin least_atol = close_margin(r->arithmetic, r->dtype, r->rtol, v->least_atol);
  const int no_rtol = isnan(v->least_rtol) != 0, no_atol = isnan(v->least_atol) != 0;
  const int by_ulp = (r->flags & CANON_TOLERANCE_ULP) != 0;
  uint32_t open = 0, far = 0;
  for (uint32_t i = 0; i < n; i++) {
    double distance = fabs(a[i] - b[i]), magnitude = fabs(b[i]);
    int is_far = margin_is_far(&given, distance, magnitude);
    int is_known = (by_ulp == 0) & (is_far | margin_is_close(&given, distance, magnitude)) &
                   (no_rtol | margin_is_close(&least_rtol, distance, magnitude)) &
                   (no_atol | margin_is_close(&least_atol, distance, magnitude));
    rest[open] = i;
    open += (uint32_t)!is_known;
    far += (uint32_t)(is_known & is_far);
  }
  v->failing += far;
  return open;
}

/* Below it a smallest tolerance stays as it is. NaN: it does everywhere. */
static int line_of(const struct rule *r, double rtol, double atol, const struct distances *d,
                   struct difference_line *line) {
  struct difference_line far;
  struct margin margin = close_margin(r->arithmetic, r->dtype, rtol, atol);
  if (!isnan(rtol) && !isnan(atol)) return margin_lines(&margin, d, line, &far);
  *line = (struct difference_line){HUGE_VAL, 0};
  return 1;
}

/* Where changes are exact, nothing but the largest one matters to an exact rule that has no rtol; and without atol a
 * line is exact, too, if its product with 24 bits is. */
static void settle_exactly(const struct rule *r, struct verdict *v, double distance, uint32_t exact_bits,
                           struct difference_lines *lines) {
  uint64_t bits;
  if (r->arithmetic != CANON_ARITHMETIC_EXACT || r->flags & CANON_TOLERANCE_ULP) return;
  memcpy(&bits, &v->least_rtol, sizeof bits);
  if (exact_bits <= 24 && r->atol == 0 && !isnan(v->least_rtol) && !(bits & 0xFFFFFF))
    lines->known[0] = (struct difference_line){0, v->least_rtol};
  if (r->rtol != 0 || isnan(v->least_atol)) return;
  if (v->least_atol < distance) v->least_atol = distance;
  lines->known[1] = (struct difference_line){HUGE_VAL, 0};
}

int32_t verdicts_settle_all(struct verdicts *verdicts, const struct rules *rules, uint32_t rule,
                            const struct distances *d, uint32_t exact_bits, uint32_t *rest) {
  const struct differences_kernels *kernels = dispatch_differences();
  const struct rule *r = &rules->items[rule];
  struct verdict *v = &verdicts->items[rule];
  const struct margin given = close_margin(r->arithmetic, r->dtype, r->rtol, r->atol);
  const int by_ulp = (r->flags & CANON_TOLERANCE_ULP) != 0;
  struct difference_lines lines = {.ulp = by_ulp ? r->ulp < UINT32_MAX ? (uint32_t)r->ulp : UINT32_MAX : 0};
  if (by_ulp && !d->ulp) return NOT_SETTLED;
  if (!margin_lines(&given, d, &lines.near, &lines.far)) return NOT_SETTLED;
  if (!line_of(r, v->least_rtol, r->atol, d, &lines.known[0])) return NOT_SETTLED;
  if (!line_of(r, r->rtol, v->least_atol, d, &lines.known[1])) return NOT_SETTLED;
  if (exact_bits) settle_exactly(r, v, d->reach, exact_bits, &lines);
  /* What a smaller tolerance passes, this one does; with none at all, none that moved passes. */
  int all_pass = v->least_rtol <= r->rtol || v->least_atol <= r->atol;
  int none_pass = r->arithmetic == CANON_ARITHMETIC_EXACT && r->rtol == 0 && r->atol == 0;
  if (!by_ulp && (all_pass || none_pass) && kernels->known(d, &lines)) {
    v->failing += none_pass ? d->moved : 0;
    return 0;
  }
  uint32_t n;
  v->failing += kernels->settle(d, &lines, rest, &n);
  return (int32_t)n;
}

void verdicts_add_to(struct verdicts *verdicts, const struct rules *rules, uint32_t i, const struct comparand *c) {
  const struct rule *rule = &rules->items[i];
  struct verdict *v = &verdicts->items[i];
  int passes;
  if (c->couple.parts == 1) {
    passes = add_couple(v, rule, &c->couple, c->relation[0], c->ulp[0]);
  } else if (close_takes_whole(rule->arithmetic, rule->dtype)) {
    passes = add_couple(v, rule, &c->couple, whole_relation(c), c->ulp[0] > c->ulp[1] ? c->ulp[0] : c->ulp[1]);
  } else {
    passes = add_parts(v, rule, c);
  }
  v->failing += !passes;
}

void verdicts_add(struct verdicts *verdicts, const struct rules *rules, const struct comparand *c) {
  for (uint32_t i = 0; i < rules->n; i++) verdicts_add_to(verdicts, rules, i, c);
}

static double larger(double a, double b) { return isnan(a) || isnan(b) ? (double)NAN : a > b ? a : b; }

void verdicts_merge(struct verdicts *into, const struct verdicts *from, const struct rules *rules) {
  for (uint32_t i = 0; i < rules->n; i++) {
    struct verdict *a = &into->items[i];
    const struct verdict *b = &from->items[i];
    a->failing += b->failing;
    a->least_rtol = larger(a->least_rtol, b->least_rtol);
    a->least_atol = larger(a->least_atol, b->least_atol);
  }
}

/* ---- checks ---- */

struct row {
  const canon_tolerance *tolerance;
  uint32_t check;
  struct glob *glob; /* NULL: every path */
  uint64_t *state, *next;
  int used;
};

struct checks {
  const canon_check *checks;
  uint64_t n;
  struct row *rows; /* of all checks, in order */
  uint64_t n_rows;
};

static int is_tolerance(double value) { return isfinite(value) && value >= 0; }

static int32_t row_new(canon_job *job, struct row *row) {
  const canon_tolerance *t = row->tolerance;
  const char *where = t->where ? t->where : "a tolerance";
  if (!is_tolerance(t->rtol) || !is_tolerance(t->atol))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%s: rtol and atol are finite numbers from 0 on", where);
  if (!t->pattern) return CANON_OK;
  row->glob = glob_compile(t->pattern);
  row->state = row->glob ? mem_alloc(glob_words(row->glob) * sizeof *row->state) : NULL;
  row->next = row->state ? mem_alloc(glob_words(row->glob) * sizeof *row->next) : NULL;
  return row->next ? CANON_OK : canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
}

static const canon_tolerance *row_at(const canon_check *check, uint64_t i) { return &check->rows[i]; }

int32_t checks_new(canon_job *job, const canon_check *checks, uint64_t n, struct checks **made) {
  struct checks *c = mem_alloc(sizeof *c);
  uint64_t rows = 0;
  *made = c;
  for (uint64_t i = 0; i < n; i++) rows += checks[i].n_rows;
  if (c) c->rows = mem_alloc(rows * sizeof *c->rows);
  if (!c || !c->rows) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  if (n > CANON_MAX_CHECKS)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%" PRIu64 " checks at once, %d are the most", n,
                      CANON_MAX_CHECKS);
  c->checks = checks;
  c->n = n;
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < n; i++)
    for (uint64_t k = 0; !code && k < checks[i].n_rows; k++) {
      struct row *row = &c->rows[c->n_rows++];
      *row = (struct row){.tolerance = row_at(&checks[i], k), .check = (uint32_t)i};
      code = row_new(job, row);
    }
  return code;
}

void checks_free(struct checks *c) {
  if (!c) return;
  for (uint64_t i = 0; i < c->n_rows; i++) {
    glob_free(c->rows[i].glob);
    mem_free(c->rows[i].state);
    mem_free(c->rows[i].next);
  }
  mem_free(c->rows);
  mem_free(c);
}

/* The path itself, or a container that it lies in. */
static int fits_path(struct row *row, const char *path) {
  if (!row->glob || strcmp(row->tolerance->pattern, path) == 0) return 1;
  glob_start(row->glob, row->state);
  while (!glob_accepts(row->glob, row->state)) {
    if (!*path) return 0;
    size_t n = 1 + strcspn(path + 1, "/");
    glob_feed(row->glob, row->state, path, n, row->next);
    uint64_t *before = row->state;
    row->state = row->next;
    row->next = before;
    path += n;
  }
  return 1;
}

/* Each of its tolerances is for some paths. */
static uint32_t is_by_path(const canon_check *check) {
  for (uint64_t i = 0; i < check->n_rows; i++)
    if (!row_at(check, i)->pattern) return 0;
  return 1;
}

void checks_apply(struct checks *c, const char *path, uint32_t dtype, struct rules *rules) {
  rules->items[0] = (struct rule){.dtype = dtype, .equal_nan = 1};
  rules->n = (uint32_t)c->n + 1;
  rules->need_nan = 0;
  for (uint64_t i = 0; i < c->n; i++) {
    struct rule rule = {.arithmetic = c->checks[i].arithmetic, .dtype = dtype, .is_unnamed = is_by_path(&c->checks[i])};
    rule.equal_nan = c->checks[i].flags & CANON_CHECK_EQUAL_NAN;
    rules->need_nan |= !rule.equal_nan;
    rules->items[i + 1] = rule;
  }
  for (uint64_t i = 0; i < c->n_rows; i++) {
    struct row *row = &c->rows[i];
    struct rule *rule = &rules->items[row->check + 1];
    int fits = (!row->tolerance->dtype || row->tolerance->dtype == dtype) && fits_path(row, path);
    if (!fits) continue;
    rule->is_unnamed = 0;
    rule->flags = row->tolerance->flags;
    rule->rtol = row->tolerance->rtol;
    rule->atol = row->tolerance->atol;
    rule->ulp = row->tolerance->ulp;
  }
}

void checks_see(struct checks *c, const char *path) {
  for (uint64_t i = 0; i < c->n_rows; i++)
    if (!c->rows[i].used) c->rows[i].used = fits_path(&c->rows[i], path);
}

int32_t checks_all_used(canon_job *job, const struct checks *c) {
  for (uint64_t i = 0; i < c->n_rows; i++) {
    const canon_tolerance *t = c->rows[i].tolerance;
    if (c->rows[i].used || !t->pattern) continue;
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "%s: no tensor has a path like \"%s\"",
                      t->where ? t->where : "a tolerance", t->pattern);
  }
  return CANON_OK;
}
