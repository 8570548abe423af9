/* SPDX-License-Identifier: MIT
 * canon.h: libcanon, on which the command line stands: artifacts, conversions, plugins.
 * Every function that can fail returns CANON_OK or a CANON_E_* code and leaves a message in the context.
 * A context belongs to one thread at a time; the work inside runs on as many threads as it was given.
 * Unlike the plugin ABI's, the structs here carry no size: they are those of one soname of the library. */
#ifndef CANON_CANON_H
#define CANON_CANON_H

#include "format.h"
#include "transform.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define CANON_API
#else
#define CANON_API __attribute__((visibility("default")))
#endif

typedef struct canon_context canon_context;
typedef struct canon_artifact canon_artifact;

/* The last failure: its code, the exit status that it means (2 or 3), and "FILE: what (byte N); what to do", control
 * characters escaped. Borrowed until the next call on the context. */
typedef struct canon_error {
  int32_t code;
  int32_t status;
  const char *text;
} canon_error;

/* Called from the thread that called the library. */
typedef struct canon_listener {
  void *user;
  void (*log)(void *user, int32_t level, const char *text);       /* CANON_LOG_*; may be NULL */
  int32_t (*progress)(void *user, uint64_t done, uint64_t total); /* bytes; nonzero stops the job; may be NULL */
} canon_listener;

CANON_API const char *canon_version(void);       /* "0.1.0" */
CANON_API int32_t canon_status_of(int32_t code); /* exit status of a code: 0, 2 or 3 */

/* NULL: out of memory. Knows no plugin until canon_context_load. */
CANON_API canon_context *canon_context_new(void);
CANON_API void canon_context_free(canon_context *context);
CANON_API const canon_error *canon_context_error(const canon_context *context);
CANON_API void canon_context_listen(canon_context *context, const canon_listener *listener);
CANON_API int32_t canon_context_threads(canon_context *context, uint32_t threads); /* 0: one a processor */
/* A tensor may grow to more than 16 times its stored bytes only up to this many bytes (default 1 GiB). */
CANON_API int32_t canon_context_limit_expand(canon_context *context, uint64_t bytes);
/* The kernels that compute: "avx2". All of them give the same bits. */
CANON_API const char *canon_kernels(void);
/* Takes no kernels above those, for the whole process; CANON_E_USAGE: there are none of that name, the message lists
 * them. */
CANON_API int32_t canon_context_kernels(canon_context *context, const char *name);

/* Plugins: the built-in ones (unless without_builtin), then every *.so of each folder of the colon-separated path, in
 * sorted order. A plugin that cannot be used is not an error: it is listed with the reason. Once a context. */
CANON_API int32_t canon_context_load(canon_context *context, const char *path, uint32_t without_builtin);

typedef struct canon_plugin_info {
  const canon_plugin *plugin; /* NULL where it could not be read */
  const char *file;           /* NULL: built in */
  const char *problem;        /* why it is not used, or NULL */
} canon_plugin_info;

CANON_API uint64_t canon_plugin_count(const canon_context *context);
CANON_API canon_plugin_info canon_plugin_at(const canon_context *context, uint64_t i);
/* Facets in use; each table is complete (members that an older plugin does not have are NULL). plugin: its place. */
CANON_API uint64_t canon_format_count(const canon_context *context);
CANON_API const canon_format *canon_format_at(const canon_context *context, uint64_t i, uint64_t *plugin);
CANON_API uint64_t canon_transform_count(const canon_context *context);
CANON_API const canon_transform *canon_transform_at(const canon_context *context, uint64_t i, uint64_t *plugin);

/* An option as the user gave it: value "" for a flag. */
typedef struct canon_setting {
  const char *key;
  const char *value;
} canon_setting;

/* Which part of an artifact. Paths are JSON Pointers; in a pattern * and ? do not cross a slash, ** does. A pattern
 * that names a container means all below it. A pattern that matches nothing is CANON_E_IO ("nothing found", status 2).
 */
typedef struct canon_selection {
  const char *const *select;
  uint64_t n_select;
  const char *const *exclude;
  uint64_t n_exclude;
  uint32_t tensors_only; /* other leaves go, and containers that hold no tensor */
  uint32_t reserved;
} canon_selection;

typedef struct canon_open_options {
  const char *from;              /* format name, or NULL: ask the formats */
  const canon_setting *settings; /* of the formats */
  uint64_t n_settings;
  canon_selection selection;
} canon_open_options;

/* name: a file, "-" for standard input, either with "#/pointer" behind it to take a subtree as the root (a file of that
 * very name wins). options may be NULL. Reads no tensor bytes. */
CANON_API int32_t canon_artifact_open(canon_context *context, const char *name, const canon_open_options *options,
                                      canon_artifact **artifact);
CANON_API void canon_artifact_close(canon_artifact *artifact);

/* What it is. Borrowed until close. */
CANON_API const char *canon_artifact_name(const canon_artifact *artifact);   /* as opened */
CANON_API const char *canon_artifact_format(const canon_artifact *artifact); /* "pt" */
CANON_API uint64_t canon_artifact_size(const canon_artifact *artifact);      /* bytes of the file */
/* The selected tree in file order: producer and details as the format tells them, REF nodes replaced by what they mean.
 */
CANON_API const canon_manifest *canon_artifact_manifest(const canon_artifact *artifact);
/* RFC 6901 pointer of a node, UTF-8, "" for the root; a NUL of a key is the two bytes c0 80, which are no UTF-8.
 * Borrowed until close; NULL: out of memory. */
CANON_API const char *canon_artifact_path(canon_artifact *artifact, uint64_t node);
/* A leaf's value as JSON text (RFC 8785; an int or float that JSON cannot hold as a string, bytes as hex). As above. */
CANON_API const char *canon_artifact_value(canon_artifact *artifact, uint64_t node);
/* The lower-case word for a node's kind ("tensor", "dict", "str", ...), of its key ("str", "int", ...), a tensor's
 * elements. */
CANON_API const char *canon_kind_name(uint32_t kind);
CANON_API const char *canon_key_kind_name(uint32_t key_kind);

/* Elements [first, first + count) of a tensor in the machine's byte order. */
CANON_API int32_t canon_artifact_read(canon_artifact *artifact, uint64_t node, uint64_t first, uint64_t count,
                                      void *dst);

/* Digests: SHA-256 of each tensor's logical bytes, and the two of the artifact (docs/digests.md). Reads every tensor
 * once. */
typedef struct canon_digest {
  uint8_t tensors[32]; /* canon1-tensors */
  uint8_t tree[32];    /* canon1-tree */
} canon_digest;

CANON_API int32_t canon_artifact_digest(canon_artifact *artifact, canon_digest *digest);
/* After canon_artifact_digest: the 32 bytes of one tensor. */
CANON_API const uint8_t *canon_artifact_sha256(const canon_artifact *artifact, uint64_t node);

/* Statistics of a float, integer or bool tensor; mean and norm are the exact ones, rounded once to binary64.
 * min and max leave NaN out; with no element left they are NaN, as is the mean. Of 64-bit integers they may be rounded:
 * whole_min and whole_max are exact. */
typedef struct canon_stats {
  uint64_t elements, zeros, nans, infinities;
  double min, max, mean, norm;
  int32_t known; /* 0: the dtype has no order here (complex, bits), only elements counts */
  int32_t whole; /* CANON_KIND_INT, CANON_KIND_UINT: the next two are meant, as int64_t or uint64_t; 0: floats, no
                    element */
  uint64_t whole_min, whole_max;
} canon_stats;

CANON_API int32_t canon_artifact_stats(canon_artifact *artifact, uint64_t node, canon_stats *stats);

/* Comparison: which tensors and values of two artifacts are the same, and by how much the others differ. Tensors are
 * matched by path; both sides are read once, in blocks. docs/diff.md has the words. */
typedef struct canon_comparison canon_comparison;

/* When two elements are the same. */
#define CANON_EQUAL_BITS 0u   /* their bits are */
#define CANON_EQUAL_VALUES 1u /* they compare equal: 0 and -0 do, NaN never does (torch.equal) */

/* What became of a tensor or value. */
#define CANON_DIFF_SAME 0u
#define CANON_DIFF_DIFFERS 1u
#define CANON_DIFF_MISSING 2u /* only in a */
#define CANON_DIFF_EXTRA 3u   /* only in b */
#define CANON_DIFF_MOVED 4u   /* missing in b, but another path there, extra itself, has the same digest */
#define CANON_DIFF_SHAPE 5u
#define CANON_DIFF_DTYPE 6u

/* What a difference looks like, from harmless to grave; the verdict on all is the gravest. */
#define CANON_CLASS_SAME 0u
#define CANON_CLASS_ROUNDING 1u    /* no element by more than 1 ulp */
#define CANON_CLASS_HALF_FLIP 2u   /* the same of 16-bit and smaller floats */
#define CANON_CLASS_PERMUTATION 3u /* the same rows, or elements, in another order */
#define CANON_CLASS_VALUES 4u
#define CANON_CLASS_STRUCTURE 5u /* missing, extra, moved, another shape or dtype */

/* "differs", "half-flip"; NULL for a number that is none. */
CANON_API const char *canon_diff_status_name(uint32_t status);
CANON_API const char *canon_diff_class_name(uint32_t verdict);

/* One tensor. Indexes count elements in C order; CANON_NONE where there is no such element. Of a complex number each
 * part is looked at for itself; elements counts it once. */
typedef struct canon_difference {
  uint32_t status;  /* CANON_DIFF_* */
  uint32_t verdict; /* CANON_CLASS_* */
  uint64_t a, b;    /* nodes; CANON_NONE: none */
  uint64_t elements, differing;
  uint64_t first; /* the first that differs */
  /* Of the pairs of finite numbers; a NaN or infinity on one side alone, or infinities of both signs, count apart. */
  uint32_t measured;             /* 0: the dtype has no differences here (bits), or no such pair */
  uint32_t has_ulp;              /* float types */
  double max_abs, mean_abs;      /* exact, rounded once; the mean is of all elements but those counted apart */
  uint64_t max_ulp;              /* numbers of the type from one to the other; 0 and -0 are one */
  uint64_t worst, worst_ulp;     /* the first with max_abs, with max_ulp */
  uint64_t rising, falling;      /* b above a, b below a */
  uint64_t nan, infinite;        /* NaN on one side; infinity on one side, or of the other sign */
  uint64_t zero_signs, nan_bits; /* the same value in other bits */
  uint64_t
      nan_pairs; /* NaN with the same bits, which CANON_EQUAL_VALUES counts as differing; CANON_NONE: not counted */
  /* The smallest numbers with which it is close in exact arithmetic, the other one being 0, and NaN close to NaN. NaN,
   * and CANON_NONE for ulp: none would do. */
  double least_rtol, least_atol;
  uint64_t least_ulp;
} canon_difference;

/* A leaf that is no tensor, or an empty container. */
typedef struct canon_value_difference {
  uint32_t status; /* never MOVED, SHAPE or DTYPE */
  uint32_t reserved;
  uint64_t a, b;
} canon_value_difference;

#define CANON_COMPARE_FIRST 1u    /* end with the first tensor, in a's order, that is not the same */
#define CANON_COMPARE_STATS 2u    /* canon_comparison_stats too: every element is looked at */
#define CANON_COMPARE_VOLATILE 4u /* values that either side has as CANON_NODE_VOLATILE too */

/* How close two elements have to be. Numbers are close if |a - b| <= atol + rtol * |b|, with CANON_TOLERANCE_ULP also
 * if they are so many numbers of a float type apart; equal ones always are, so are equal infinities. */
#define CANON_TOLERANCE_ULP 1u
typedef struct canon_tolerance {
  const char *pattern; /* of paths, as in canon_selection; NULL: every path */
  const char *where;   /* for the message about a pattern that matches nothing: "line 3 of tolerances", or NULL */
  uint32_t dtype;      /* 0: every dtype */
  uint32_t flags;      /* CANON_TOLERANCE_* */
  double rtol, atol;   /* finite, not negative */
  uint64_t ulp;
} canon_tolerance;

/* In whose arithmetic that is computed. Where a library has none for a dtype it is the exact one. Of complex numbers
 * the exact one takes each part for itself; the others take absolute values. */
#define CANON_ARITHMETIC_EXACT 0u
#define CANON_ARITHMETIC_TORCH 1u /* torch.isclose: each step rounded to the dtype, integers to f32 */
#define CANON_ARITHMETIC_NUMPY 2u /* numpy.isclose: the same, tolerances too; integers to f64 */

#define CANON_CHECK_EQUAL_NAN 1u /* NaN is close to NaN */
typedef struct canon_check {
  const char *name;
  uint32_t arithmetic;         /* CANON_ARITHMETIC_* */
  uint32_t flags;              /* CANON_CHECK_* */
  const canon_tolerance *rows; /* the last one that fits a tensor counts; none: it has to be equal, where all
                                  have patterns as canon_compare_options.equal says */
  uint64_t n_rows;
} canon_check;

#define CANON_MAX_CHECKS 15

/* "torch", "numpy", "bitsandbytes", "assert_close": with the tolerances that these have when they are given none. NULL:
 * no such one. i: all of them, from 0 on. */
CANON_API const canon_check *canon_check_preset(const char *name);
CANON_API const canon_check *canon_check_preset_at(uint64_t i);

/* One tensor that was compared, by one check. least_*: the smallest number (a double) with which it would pass, all
 * else as it is; NaN, and CANON_NONE for ulp, where none would do. */
typedef struct canon_check_result {
  uint32_t passes;
  uint32_t flags;    /* of the tolerance that was used */
  uint64_t failing;  /* elements */
  double rtol, atol; /* that was used */
  uint64_t ulp;
  double least_rtol, least_atol;
} canon_check_result;

/* How the differences of a tensor spread. Norms are exact, rounded once, of the parts that are finite on both sides.
 * Bins count parts that differ and are finite: ulp[i] those of canon_ulp_bin_start(i) up to the start of the next one;
 * relative[i] those with 2^(i - 128) <= |a - b| / |b| < 2^(i - 127), |a - b| rounded, the first and last with all
 * beyond; to_zero where b is 0. */
#define CANON_ULP_BINS 496
#define CANON_RELATIVE_BINS 256
typedef struct canon_diff_stats {
  double norm_a, norm_b, norm_change; /* of a - b */
  double relative_l2;                 /* norm_change / norm_b */
  double cosine;                      /* of the angle between a and b */
  double cosine_distance; /* 1 - cosine, right to 2^-48 of |a - b|^2 / (2 |a| |b|) where a and b are close */
  double mean_change;     /* of b - a, exact, rounded once */
  double least_change,
      greatest_change; /* of b - a among those that differ, each rounded; one and the same: an offset */
  uint64_t ulp[CANON_ULP_BINS], relative[CANON_RELATIVE_BINS], to_zero;
  /* The last dimension is a row. first, last: CANON_NONE and 0 where nothing differs; hit: CANON_NONE where there are
   * more than 65536 to count. */
  uint64_t rows, rows_hit, first_row, last_row;
  uint64_t columns, columns_hit, first_column, last_column;
} canon_diff_stats;

CANON_API uint64_t canon_ulp_bin_start(uint64_t bin);

/* Two elements that differ, or parts of complex ones. */
typedef struct canon_diff_case {
  uint64_t element; /* in C order */
  uint32_t part;    /* 1: the imaginary one */
  uint32_t reserved;
  uint64_t a_bits, b_bits;
  double a, b;     /* floats; of all other types the bits are the value */
  double distance; /* |a - b|, rounded */
  uint64_t ulp;    /* CANON_NONE: it has none */
} canon_diff_case;

/* Where a tensor differs: how many elements do in each cell of cell_rows x cell_columns (the last ones may have fewer),
 * the last dimension being a row. worst: the largest |a - b| of finite numbers, of equal ones the first. others: the
 * first of those that differ in another way (NaN, infinities, signs of zero, types without numbers). */
#define CANON_MAP_ROWS 64
#define CANON_MAP_COLUMNS 96
#define CANON_MAP_CASES 10
typedef struct canon_diff_map {
  uint64_t rows, columns; /* of cells */
  uint64_t cell_rows, cell_columns;
  uint64_t differing[CANON_MAP_ROWS][CANON_MAP_COLUMNS];
  uint64_t n_worst, n_others;
  canon_diff_case worst[CANON_MAP_CASES], others[CANON_MAP_CASES];
} canon_diff_map;

typedef struct canon_compare_options {
  uint32_t equal; /* CANON_EQUAL_* */
  uint32_t flags; /* CANON_COMPARE_* */
  const canon_check *checks;
  uint64_t n_checks; /* CANON_MAX_CHECKS at most */
  uint64_t maps;     /* maps of so many tensors, the first that differ; each takes 64 KiB */
} canon_compare_options;

/* Of one context; options may be NULL. The artifacts outlive the comparison. */
CANON_API int32_t canon_compare(canon_artifact *a, canon_artifact *b, const canon_compare_options *options,
                                canon_comparison **comparison);
CANON_API void canon_comparison_free(canon_comparison *comparison);
/* In a's order, then what only b has. */
CANON_API uint64_t canon_comparison_tensors(const canon_comparison *comparison);
CANON_API const canon_difference *canon_comparison_tensor(const canon_comparison *comparison, uint64_t i);
/* NULL: that tensor has no elements to compare on both sides. */
CANON_API const canon_check_result *canon_comparison_check(const canon_comparison *comparison, uint64_t i,
                                                           uint64_t check);
/* NULL: not asked for, or that tensor has no numbers to compare. */
CANON_API const canon_diff_stats *canon_comparison_stats(const canon_comparison *comparison, uint64_t i);
/* NULL: it does not differ in elements, or enough before it do. */
CANON_API const canon_diff_map *canon_comparison_map(const canon_comparison *comparison, uint64_t i);
CANON_API uint64_t canon_comparison_values(const canon_comparison *comparison);
CANON_API const canon_value_difference *canon_comparison_value(const canon_comparison *comparison, uint64_t i);
/* How many values, pairs counted once, were not compared for want of CANON_COMPARE_VOLATILE; none of the above. */
CANON_API uint64_t canon_comparison_volatile(const canon_comparison *comparison);
CANON_API uint32_t canon_comparison_verdict(const canon_comparison *comparison); /* CANON_CLASS_* */

/* One transform of a conversion. */
typedef struct canon_step {
  const char *transform; /* "normalize" */
  const char *variant;   /* "ref" */
  const canon_setting *settings;
  uint64_t n_settings;
} canon_step;

#define CANON_CONVERT_FORCE 1u      /* replace an existing output */
#define CANON_CONVERT_KEEP_ORDER 2u /* dict keys in the input's order */
#define CANON_CONVERT_DIGEST 4u     /* the report has the digests of what was read: every tensor is read twice */

typedef struct canon_conversion {
  const char *input; /* as for canon_artifact_open */
  canon_open_options open;
  const char *output;            /* a file, or "-" for standard output */
  const char *to;                /* format name, or NULL: by the suffix of output */
  const canon_setting *settings; /* of the output format */
  uint64_t n_settings;
  const canon_step *steps;
  uint64_t n_steps;
  uint32_t flags;
  uint32_t reserved;
} canon_conversion;

/* A named count of what a conversion dropped, rounded or replaced by rule. */
typedef struct canon_count {
  const char *what;
  uint64_t n;
} canon_count;

/* What was done. Borrowed until the next call on the context. */
typedef struct canon_report {
  const char *from, *to;    /* formats */
  uint64_t tensors, values; /* written */
  uint64_t bytes_read, bytes_written;
  const canon_count *counts;
  uint64_t n_counts;
  canon_digest input_digest; /* of the selected tree, with CANON_CONVERT_DIGEST */
} canon_report;

/* The output exists complete or not at all: an existing one is untouched until the new one is finished. */
CANON_API int32_t canon_convert(canon_context *context, const canon_conversion *conversion,
                                const canon_report **report);

#ifdef __cplusplus
}
#endif
#endif
