/* SPDX-License-Identifier: MIT
 * conform.h: what the files of canon-conform share. A rule is a function that runs in a process of its own, so that a
 * plugin may crash, hang or exit in it; it ends by returning (kept), broken() or nothing_to_do(). */
#ifndef CANON_TESTS_CONFORM_H
#define CANON_TESTS_CONFORM_H

#include <canon/canon.h>
#include <stdio.h>

#include "core/host/registry.h"
#include "core/model/tree.h"

struct input {
  const char *path;   /* as given, or of a file that the plugin wrote itself */
  const char *label;  /* for messages */
  const char *format; /* NULL: ask the plugin's formats */
  uint8_t *bytes;
  uint64_t size;
  int folder;
};

struct subject {
  const char *file;
  struct input object;      /* the same, as bytes */
  struct registry registry; /* the plugin first, then what comes with canon */
  const canon_plugin *plugin;
  struct input *inputs;
  size_t n_inputs;
  const char **variants; /* to test besides those that the transform lists */
  size_t n_variants;
  canon_setting *settings;
  size_t n_settings;
  const char *folder; /* for what the plugin writes */
};

struct rule {
  const char *name, *summary;
  void (*run)(const struct subject *subject);
};

/* manual.c: --help and the manual page. */

struct manual {
  const struct rule *rules;
  size_t n_rules;
};

void manual_help(const struct manual *manual, FILE *out);
void manual_page(const struct manual *manual, FILE *out); /* in roff */

/* runner.c */

enum outcome { OUTCOME_KEPT, OUTCOME_BROKEN, OUTCOME_NOTHING };

struct verdict {
  enum outcome outcome;
  uint64_t cases;
  char text[2048];
};

struct verdict run_rule(const struct rule *rule, const struct subject *subject, unsigned seconds);
/* What is being done, for the case that it never comes back. Grants it the full time. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
void step(const char *format, ...);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
_Noreturn void
broken(const char *format, ...);
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
_Noreturn void
nothing_to_do(const char *format, ...);
void count_case(void);
_Noreturn void no_memory(void);
void *need(void *memory); /* NULL: no_memory() */

/* fence.c: memory that ends at a page nobody may touch. Filled with `fill`. */

void *fence_alloc(uint64_t bytes, uint32_t alignment, int fill); /* NULL: no memory */
uint64_t fence_size(const void *memory);                         /* CANON_NONE: it is none of ours, or was freed */
void fence_free(void *memory);
/* Whether someone wrote into the bytes around a block; of one block, or of all that live. */
int fence_is_hurt(const void *memory);
int fence_any_hurt(void);

/* watch.c: jobs of the real host, whose functions are watched and made to fail. */

enum hook { HOOK_NONE, HOOK_ALLOC, HOOK_READ, HOOK_WRITE, HOOK_TICK, HOOK_SCRATCH, HOOKS };

canon_job *watch_job(const struct subject *subject, const char *about);
void watch_job_free(canon_job *job);
/* From now on call number n of a hook fails (1: the next). */
void watch_fail(enum hook hook, uint64_t n);
int watch_failed(void); /* and whether it has */
const char *watch_hook_name(enum hook hook);
void watch_reading(void); /* counts source_read's bytes from here on */
uint64_t watch_bytes_read(void);
uint64_t watch_memory_limit(uint64_t source_size); /* of the next job; 0: none */
/* After each call of a plugin: its code, or broken() where the call broke a rule of its own. */
int32_t returned(canon_job *job, const char *call, int32_t code);
const char *failure_text(canon_job *job);
int32_t failure_code(canon_job *job);

/* reading.c: an open input, as the host would open it. */

struct reading {
  const canon_format *format;
  const char *label;
  canon_job *job;
  canon_source *source;
  canon_instance *instance;
  void *reader;
  canon_manifest manifest;
  struct tree *tree;
};

struct content {
  uint8_t *at;
  uint64_t n;
};

/* The first `size` bytes of an input; a folder whole. Gives a failure for the rule to judge; nothing is open then. */
int32_t reading_open(const struct subject *subject, const canon_format *format, const struct input *input,
                     const uint8_t *content, uint64_t size, struct reading *reading);
void reading_close(struct reading *reading);
int32_t reading_read(struct reading *reading, canon_job *job, uint64_t node, uint64_t first, uint64_t count, void *dst);
/* Elements of a node that are read in tests, 0 for what is no tensor: all, or as many as fit `most` bytes. */
uint64_t reading_elements(const struct reading *reading, uint64_t node, uint64_t most);
uint32_t reading_size(const struct reading *reading, uint64_t node); /* of an element */
void reading_fingerprint(const struct reading *reading, uint8_t digest[32]);
/* All tensors, one a node, read whole; broken() if one cannot be read. */
struct content *reading_values(struct reading *reading, uint64_t most);
void values_free(struct content *values, uint64_t n);

typedef void (*input_fn)(const struct subject *subject, const canon_format *format, const struct input *input);
/* Calls fn for each input and the plugin's format that claims it. */
void each_input(const struct subject *subject, input_fn fn);
const canon_format *own_format(const struct subject *subject, uint64_t i); /* NULL: no more */
const canon_transform *own_transform(const struct subject *subject, uint64_t i);

/* sapling.c: trees to write. */

struct sapling {
  const char *name;
  canon_manifest manifest; /* as a reader would give it */
  void *memory;
};

size_t sapling_count(void);
struct sapling sapling_grow(size_t i);
void sapling_free(struct sapling *sapling);
/* What tensor number i of a tree holds: the same bytes each time. bool: 0 and 1. */
void fill_values(uint32_t dtype, uint64_t seed, void *values, uint64_t n);
uint64_t next_random(uint64_t *state);

/* The rules. */

void rule_symbols(const struct subject *subject);
void rule_load(const struct subject *subject);
void rule_table(const struct subject *subject);
void rule_trees(const struct subject *subject);
void rule_bytes(const struct subject *subject);
void rule_write_failures(const struct subject *subject);
void rule_probe(const struct subject *subject);
void rule_manifest(const struct subject *subject);
void rule_read(const struct subject *subject);
void rule_threads(const struct subject *subject);
void rule_roundtrip(const struct subject *subject);
void rule_truncation(const struct subject *subject);
void rule_corruption(const struct subject *subject);
void rule_read_failures(const struct subject *subject);
void rule_plan(const struct subject *subject);
void rule_blocks(const struct subject *subject);
void rule_states(const struct subject *subject);
void rule_transform_failures(const struct subject *subject);

#endif
