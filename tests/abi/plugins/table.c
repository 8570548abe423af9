/* SPDX-License-Identifier: MIT
 * table.c: a plugin that reads files of "TABLE" and whose tables can be spoiled, one member at a time, by -D. It is
 * whole without. tests/abi/trouble compiles it. */
#include <canon/format.h>
#include <canon/transform.h>
#include <string.h>

#ifndef NAME
#define NAME "table"
#endif
#ifndef ID
#define ID "org.example." NAME
#endif
#ifndef BITS
#define BITS 40
#endif

static int32_t table_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  char head[5];
  if (job->host->source_size(job, source) != sizeof head) return CANON_OK;
  int32_t code = job->host->source_read(job, source, 0, head, sizeof head);
  if (!code && memcmp(head, "TABLE", sizeof head) == 0) *bits = BITS;
  return code;
}

static int32_t table_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader) {
  (void)instance, (void)source;
  *reader = canon_alloc(job, 1);
  return *reader ? CANON_OK : canon_failed(job);
}

static int32_t table_manifest(canon_job *job, void *reader, canon_manifest *manifest) {
  static const canon_node none = {.kind = CANON_NODE_NONE, .parent = CANON_NONE};
  (void)job, (void)reader;
  manifest->nodes = &none;
  manifest->n_nodes = 1;
  return CANON_OK;
}

static int32_t table_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  (void)reader, (void)first, (void)count, (void)dst;
  return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "node %u is no tensor", (unsigned)node);
}

#ifdef BEGINS
static int32_t table_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                           canon_sink *sink, void **writer) {
  (void)instance, (void)manifest, (void)sink;
  return table_open(job, NULL, NULL, writer);
}
#endif

#ifdef OPTION_FLAGS
static const canon_option options[] = {{"first", NULL, "one option", CANON_OPTION_FLAG, 0},
                                       {"second", NULL, "another one", CANON_OPTION_FLAG, OPTION_FLAGS}};
#endif

#ifdef TRANSFORM
#ifndef TRANSFORM_FLAGS
#define TRANSFORM_FLAGS 0
#endif
#ifndef TRANSFORM_RESERVED
#define TRANSFORM_RESERVED 0
#endif
#ifndef VARIANT_RESERVED
#define VARIANT_RESERVED 0
#endif
static int32_t table_start(canon_job *job, const canon_instance *instance, const char *variant, void **self) {
  (void)instance, (void)variant;
  return table_open(job, NULL, NULL, self);
}

static int32_t table_plan(canon_job *job, void *self, const canon_tensor *in, canon_plan *plan) {
  (void)job, (void)self, (void)in;
  plan->guarantee = CANON_EXACT;
  return CANON_OK;
}

static int32_t table_map(canon_job *job, void *self, const canon_block *block) {
  (void)self;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%u is no dtype for it", (unsigned)block->whole->in_dtype);
}

static const canon_variant variants[] = {{"bits", "0 to 1 and 1 to 0", CANON_EXACT, VARIANT_RESERVED}};
static const canon_transform transform = {
    .struct_size = sizeof(canon_transform),
    .flags = TRANSFORM_FLAGS,
    .name = "flip-" NAME,
    .argument = "WHAT",
    .summary = "flip each bit",
    .variants = variants,
    .n_variants = 1,
    .variant_size = sizeof(canon_variant),
    .reserved = TRANSFORM_RESERVED,
    .open = table_start,
    .plan = table_plan,
    .map = table_map,
    .close = canon_free,
};
#endif

static const canon_format format = {
#ifdef FORMAT_SIZE
    .struct_size = FORMAT_SIZE,
#else
    .struct_size = sizeof(canon_format),
#endif
#ifdef FORMAT_FLAGS
    .flags = FORMAT_FLAGS,
#endif
#ifdef RESERVED
    .reserved = RESERVED,
#endif
    .name = NAME,
    .suffixes = NAME,
    .summary = "files that hold the word TABLE",
#ifdef OPTIONS
    .n_options = OPTIONS,
#endif
#ifdef OPTION_FLAGS
    .options = options,
    .n_options = 2,
    .option_size = sizeof(canon_option),
#endif
#ifdef NO_PROBE
    .probe = BITS ? NULL : table_probe,
#else
    .probe = table_probe,
#endif
    .open = table_open,
    .manifest = table_manifest,
    .read = table_read,
    .close = canon_free,
#ifdef BEGINS
    .begin = table_begin,
#endif
};

static const canon_facet facets[] = {
#ifdef NO_VTABLE
    {CANON_FORMAT_FACET, sizeof format ? NULL : &format},
#else
    {CANON_FORMAT_FACET, &format},
#endif
#ifdef TRANSFORM
    {CANON_TRANSFORM_FACET, &transform},
#endif
};

static const canon_plugin plugin = {
#ifdef PLUGIN_SIZE
    .struct_size = PLUGIN_SIZE,
#else
    .struct_size = sizeof(canon_plugin),
#endif
#ifdef MAJOR
    .abi_major = MAJOR,
#else
    .abi_major = CANON_ABI_MAJOR,
#endif
    .abi_minor = CANON_ABI_MINOR,
#ifndef NO_ID
    .id = ID,
#endif
    .version = "1.0.0",
    .license = "MIT",
    .summary = "reads TABLE",
    .facets = facets,
#ifndef NO_FACETS
    .n_facets = sizeof facets / sizeof *facets,
#endif
#ifdef FACET_SIZE
    .facet_size = FACET_SIZE,
#else
    .facet_size = sizeof(canon_facet),
#endif
#ifdef FLAGS
    .flags = FLAGS,
#endif
};

#ifdef ROUNDS_UP /* as an object that was linked with -ffast-math does on loading, or worse */
#include <fenv.h>
__attribute__((constructor)) static void table_round_up(void) { fesetround(FE_UPWARD); }
#endif

#ifdef UNRESOLVED
int32_t nowhere_to_be_found(void);
int32_t (*const table_needs)(void) = nowhere_to_be_found;
#endif

#if defined(NO_ENTRY)
const canon_plugin *const table_hidden = &plugin;
#elif defined(NO_TABLE)
CANON_PLUGIN_ENTRY(plugin.id ? NULL : &plugin)
#else
CANON_PLUGIN_ENTRY(&plugin)
#endif
