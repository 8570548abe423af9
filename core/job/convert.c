/* SPDX-License-Identifier: MIT
 * convert.c: canon_convert. Plan first: every transform and the writer accept or refuse while no output exists; then
 * tensor by tensor through the pipeline; then the output gets its name. */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>

#include "core/base/crc32.h"
#include "core/base/mem.h"
#include "core/host/instance.h"
#include "core/host/probe.h"
#include "core/io/sink.h"
#include "core/job/artifact.h"
#include "core/job/extents.h"

struct step {
  const struct registered_transform *transform;
  const char *plugin;
  canon_instance *instance;
  void *self;
};

struct conversion {
  canon_context *context;
  const canon_conversion *asked;
  canon_artifact *in;
  struct job *job; /* the input's */
  const struct registered_format *to;
  const char *to_plugin;
  canon_instance *to_instance;
  struct step *steps;
  struct tree *tree;    /* what is written: the input's, in canonical order, with the transforms' dtypes and shapes */
  canon_tensor *before; /* one a node: the tensor as it is read */
  uint64_t (*shapes)[CANON_MAX_RANK];
  struct link *links; /* n_steps a tensor, in order of nodes */
  uint64_t n_tensors;
  canon_sink *sink;
  void *writer;
  canon_written *written;
  struct extents extents;
  struct text subject; /* of the tensor at hand */
};

static int32_t out_of_memory(struct conversion *c) {
  return canon_fail(job_public(c->job), CANON_E_MEMORY, CANON_NONE, "out of memory");
}

/* Failures in between are about the output. */
static const char *about_output(struct conversion *c) {
  return job_about(c->job, strcmp(c->asked->output, "-") == 0 ? "standard output" : c->asked->output);
}

/* Transforms */

static int32_t unknown_transform(struct conversion *c, const char *name) {
  struct text known = {0};
  const struct registry *registry = &c->context->registry;
  for (size_t i = 0; i < registry->n_transforms; i++)
    text_printf(&known, "%s%s", i ? ", " : "", registry->transforms[i].transform.name);
  int32_t code = canon_fail(job_public(c->job), CANON_E_USAGE, CANON_NONE, "there is no transform '%s'; known: %s",
                            name, known.size ? known.bytes : "none");
  text_free(&known);
  return code;
}

static int32_t open_step(struct conversion *c, const canon_step *asked, struct step *step) {
  step->transform = registry_transform(&c->context->registry, asked->transform);
  if (!step->transform) return unknown_transform(c, asked->transform);
  const canon_transform *t = &step->transform->transform;
  step->plugin = registry_plugin_id(&c->context->registry, step->transform->plugin);
  int32_t code = instance_new(job_public(c->job), t->name, t->options, t->n_options, t->option_size, asked->settings,
                              asked->n_settings, 1, &step->instance);
  if (code) return code;
  const char *before = job_plugin(c->job, step->plugin);
  code = job_checked(c->job, t->open(job_public(c->job), step->instance, asked->variant, &step->self));
  job_plugin(c->job, before);
  return code;
}

static int32_t open_steps(struct conversion *c) {
  c->steps = mem_alloc((c->asked->n_steps + 1) * sizeof *c->steps);
  if (!c->steps) return out_of_memory(c);
  const char *before = job_about(c->job, ""); /* what is wrong with an option is wrong for any file */
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < c->asked->n_steps; i++) code = open_step(c, &c->asked->steps[i], &c->steps[i]);
  job_about(c->job, before);
  return code;
}

/* A plugin's plan, held against what it was asked. */
static int32_t check_plan(struct conversion *c, const struct link *link) {
  const canon_plan *plan = &link->plan;
  canon_job *job = job_public(c->job);
  uint64_t elements = tensor_elements(&link->in), slab, after;
  const canon_transform *transform = &link->transform->transform;
  int fits = canon_dtype_size(plan->out.dtype) && plan->out.rank <= CANON_MAX_RANK &&
             canon_mul(plan->axis, plan->inner, &slab) && canon_elements(plan->out.shape, plan->out.rank, &after) &&
             plan->guarantee >= CANON_EXACT && plan->guarantee <= CANON_LOOSE;
  if (fits && plan->state_bytes)
    fits = transform->begin && transform->add && transform->finish && plan->state_bytes % 8 == 0 && plan->inner &&
           (plan->axis ? elements % slab == 0 && after == elements / plan->axis
                       : elements == 0 && after % plan->inner == 0);
  else if (fits) fits = transform->map && slab && after == elements && elements % slab == 0;
  if (!fits)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s plans a tensor that does not fit its input; report it to its author", link->plugin);
  if (plan->reserved)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s fills a reserved member of its plan; report it to its author", link->plugin);
  if (plan->guarantee == CANON_LOOSE)
    return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE,
                      "transform %s promises a bound only, not bits; choose another variant",
                      link->transform->transform.name);
  return CANON_OK;
}

static int32_t plan_link(struct conversion *c, const struct step *step, const canon_tensor *in, struct link *link) {
  *link = (struct link){.transform = step->transform, .plugin = step->plugin, .self = step->self, .in = *in};
  link->plan = (canon_plan){.struct_size = sizeof link->plan, .out = *in, .axis = 1, .inner = 1};
  const char *before = job_plugin(c->job, step->plugin);
  int32_t code = job_checked(c->job, step->transform->transform.plan(job_public(c->job), step->self, in, &link->plan));
  job_plugin(c->job, before);
  if (!code && !link->plan.state_bytes && tensor_elements(in) == 0) link->plan.axis = link->plan.inner = 1;
  return code ? code : check_plan(c, link);
}

/* "FILE#/path": what a transform says of a tensor is about that. Empty where the tensor is all that was asked for. */
static void tensor_subject(struct conversion *c, uint64_t node) {
  const char *path = tree_path(c->tree, node), *input = c->asked->input;
  struct text *subject = &c->subject;
  text_cut(subject, 0);
  if (!path || (!*path && !strstr(input, "#/"))) return;
  text_string(subject, strcmp(input, "-") == 0 ? "standard input" : input);
  if (!strstr(input, "#/")) text_string(subject, "#");
  text_string(subject, path);
}

static int32_t plan_tensor(struct conversion *c, uint64_t node, uint64_t tensor) {
  canon_node *out = &c->tree->nodes[node];
  canon_tensor now = c->before[tensor] = artifact_tensor(out);
  tensor_subject(c, node);
  const char *before = job_about(c->job, c->subject.size ? c->subject.bytes : NULL);
  int32_t code = CANON_OK;
  for (uint64_t s = 0; !code && s < c->asked->n_steps; s++) {
    struct link *link = &c->links[tensor * c->asked->n_steps + s];
    code = plan_link(c, &c->steps[s], &now, link);
    now = link->plan.out;
  }
  job_about(c->job, before);
  memcpy(c->shapes[tensor], now.shape, sizeof now.shape);
  out->dtype = now.dtype;
  out->rank = now.rank;
  out->shape = c->shapes[tensor];
  return code;
}

static int32_t plan_tensors(struct conversion *c) {
  uint64_t n_steps = c->asked->n_steps, n_nodes = c->tree->n_nodes;
  for (uint64_t i = 0; i < n_nodes; i++) c->n_tensors += c->tree->nodes[i].kind == CANON_NODE_TENSOR;
  uint64_t n_links;
  if (!canon_mul(c->n_tensors, n_steps, &n_links)) return out_of_memory(c);
  c->links = mem_alloc((n_links + 1) * sizeof *c->links);
  c->before = mem_alloc((c->n_tensors + 1) * sizeof *c->before);
  c->shapes = mem_alloc((c->n_tensors + 1) * sizeof *c->shapes);
  c->written = mem_alloc((c->n_tensors + 1) * sizeof *c->written);
  if (!c->links || !c->before || !c->shapes || !c->written) return out_of_memory(c);
  int32_t code = CANON_OK;
  for (uint64_t i = 0, tensor = 0; !code && i < n_nodes; i++)
    if (c->tree->nodes[i].kind == CANON_NODE_TENSOR) code = plan_tensor(c, i, tensor++);
  return code;
}

/* The tree that is written */

/* What --select left of a tree for a format that holds one tensor and no names: that tensor, as the root. */
static int32_t single_tensor(struct conversion *c) {
  if (!(c->to->format.flags & CANON_FORMAT_SINGLE) || !c->asked->open.selection.n_select) return CANON_OK;
  uint64_t leaf = 0, leaves = 0;
  for (uint64_t i = 0; i < c->tree->n_nodes; i++) {
    if (tree_is_container(&c->tree->nodes[i]) && c->tree->end[i] != i + 1) continue;
    leaf = i;
    leaves++;
  }
  if (leaves != 1 || leaf == 0 || c->tree->nodes[leaf].kind != CANON_NODE_TENSOR) return CANON_OK;
  const char *path = tree_path(c->tree, leaf);
  struct tree *root = NULL;
  static const canon_selection everything = {0};
  int32_t code = path ? tree_select(job_public(c->job), c->tree, path, &everything, &root) : out_of_memory(c);
  if (code) return code;
  tree_free(c->tree);
  c->tree = root;
  return CANON_OK;
}

static uint32_t uses_of(const canon_format *format, const char *key) {
  return options_uses(format->options, format->n_options, format->option_size, key);
}

/* An option that nothing would come of is refused: of neither format, or of one in the part of the other. */
static int32_t refuse_setting(struct conversion *c, const char *key) {
  canon_job *job = job_public(c->job);
  const canon_format *from = &c->in->format->format, *to = &c->to->format;
  if (uses_of(from, key))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE,
                      "--%s is for writing %s, and the output is %s; leave it out, or write %s", key, from->name,
                      to->name, from->name);
  if (uses_of(to, key))
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--%s is for reading %s, and the input is %s; leave it out", key,
                      to->name, from->name);
  if (from == to) return canon_fail(job, CANON_E_USAGE, CANON_NONE, "format %s has no option --%s", to->name, key);
  return canon_fail(job, CANON_E_USAGE, CANON_NONE, "neither format %s nor %s has an option --%s", from->name, to->name,
                    key);
}

static int32_t check_settings(struct conversion *c) {
  for (uint64_t i = 0; i < c->asked->n_settings; i++) {
    const char *key = c->asked->settings[i].key;
    if (uses_of(&c->in->format->format, key) & CANON_OPTION_READ) continue;
    if (uses_of(&c->to->format, key) & CANON_OPTION_WRITE) continue;
    const char *before = job_about(c->job, "");
    int32_t code = refuse_setting(c, key);
    job_about(c->job, before);
    return code;
  }
  return CANON_OK;
}

static int writes_folder(const struct conversion *c) { return (c->to->format.flags & CANON_FORMAT_FOLDER) != 0; }

/* By name, by the suffix of the output, or, where that tells nothing and a folder is read, as the folder is. */
static int32_t choose_format(struct conversion *c) {
  const struct registered_format *from = c->in->format;
  const struct registry *registry = &c->context->registry;
  int same =
      (from->format.flags & CANON_FORMAT_FOLDER) && from->format.begin && !probe_suffix(registry, c->asked->output);
  return probe_output(c->job, registry, c->asked->output, !c->asked->to && same ? from->format.name : c->asked->to,
                      &c->to);
}

static int32_t plan(struct conversion *c) {
  canon_job *job = job_public(c->job);
  const canon_conversion *asked = c->asked;
  const char *before = about_output(c);
  int force = (asked->flags & CANON_CONVERT_FORCE) != 0;
  int32_t code = choose_format(c);
  if (!code) code = (writes_folder(c) ? sink_check_folder : sink_check)(job, asked->output, force);
  job_about(c->job, before);
  if (!code) code = check_settings(c);
  if (code) return code;
  const canon_format *to = &c->to->format;
  c->to_plugin = registry_plugin_id(&c->context->registry, c->to->plugin);
  code = instance_new(job, to->name, to->options, to->n_options, to->option_size, asked->settings, asked->n_settings, 0,
                      &c->to_instance);
  uint64_t bytes;
  if (!code) code = artifact_check_expansion(c->in, &bytes);
  if (!code) code = open_steps(c);
  if (!code) code = tree_canonical(job, c->in->tree, (asked->flags & CANON_CONVERT_KEEP_ORDER) != 0, &c->tree);
  if (!code) code = single_tensor(c);
  if (!code) code = plan_tensors(c);
  if (code) return code;
  const char *plugin = job_plugin(c->job, c->to_plugin);
  before = about_output(c);
  code = job_checked(c->job, to->can_write(job, c->to_instance, &c->tree->manifest));
  job_about(c->job, before);
  job_plugin(c->job, plugin);
  return code;
}

/* Tensors */

struct passage {
  struct conversion *c;
  uint64_t node;
  canon_sink *sink;
  uint64_t offset; /* there, for a format that places */
  uint32_t size;   /* of an element there */
};

static int32_t passage_read(void *ctx, canon_job *job, uint64_t first, uint64_t count, void *dst) {
  const struct passage *passage = ctx;
  const struct conversion *c = passage->c;
  return artifact_read_origin(c->in, job, c->tree->origin[passage->node], first, count, dst);
}

static int32_t passage_place(void *ctx, canon_job *job, uint64_t first, uint64_t count, const void *src) {
  const struct passage *passage = ctx;
  struct job *j = job_of(job);
  const char *before = job_about(j, passage->c->asked->output);
  int32_t code = sink_write(job, passage->sink, passage->offset + first * passage->size, src, count * passage->size);
  job_about(j, before);
  return code;
}

static int32_t passage_write(void *ctx, canon_job *job, uint64_t first, uint64_t count, const void *src) {
  const struct passage *passage = ctx;
  struct conversion *c = passage->c;
  const char *about = about_output(c), *plugin = job_plugin(c->job, c->to_plugin);
  int32_t code = job_checked(c->job, c->to->format.write(job, c->writer, passage->node, first, count, src));
  job_plugin(c->job, plugin);
  job_about(c->job, about);
  return code;
}

/* The CRC of what is in the output already, where blocks did not come in order. */
static int32_t crc_of_output(struct conversion *c, canon_sink *sink, uint64_t offset, uint64_t bytes, uint32_t *crc) {
  enum { CHUNK = 1 << 18 };
  void *chunk = job_workspace(c->job, 2, CHUNK);
  if (!chunk) return job_code(c->job);
  int32_t code = CANON_OK;
  for (*crc = 0; !code && bytes;) {
    uint64_t n = bytes < CHUNK ? bytes : CHUNK;
    code = sink_read(job_public(c->job), sink, offset, chunk, n);
    *crc = crc32_update(*crc, chunk, n);
    offset += n;
    bytes -= n;
  }
  return code;
}

static int32_t place_tensor(struct conversion *c, uint64_t node, uint64_t bytes, struct passage *passage) {
  canon_extent extent = {.struct_size = sizeof extent, .sink = c->sink};
  const char *about = about_output(c), *plugin = job_plugin(c->job, c->to_plugin);
  int32_t code = job_checked(c->job, c->to->format.place(job_public(c->job), c->writer, node, &extent));
  if (!code && extent.reserved)
    code = canon_fail(job_public(c->job), CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s fills a reserved member of an extent; report it to its author", c->to_plugin);
  if (!code && extent.offset != CANON_NONE)
    code = extents_add(job_public(c->job), &c->extents, &(struct extent){extent.sink, extent.offset, bytes});
  job_plugin(c->job, plugin);
  job_about(c->job, about);
  passage->sink = extent.sink;
  passage->offset = extent.offset;
  return code;
}

static int32_t pass_tensor(struct conversion *c, uint64_t node, uint64_t tensor, struct progress *progress) {
  const canon_format *to = &c->to->format;
  const canon_node *out = &c->tree->nodes[node];
  struct passage passage = {.c = c, .node = node, .size = canon_dtype_size(out->dtype)};
  canon_tensor after = artifact_tensor(out);
  int places = to->place != NULL, want_crc = (to->flags & CANON_FORMAT_CRC32) != 0, known = 0;
  int32_t code = places ? place_tensor(c, node, tensor_elements(&after) * passage.size, &passage) : CANON_OK;
  if (code) return code;
  struct origin origin = {&passage, passage_read, artifact_is_random(c->in)};
  int in_one = places && passage.offset != CANON_NONE;
  struct target target = {&passage, in_one ? passage_place : passage_write, in_one, places};
  canon_written *written = &c->written[tensor];
  struct link *links = c->links + tensor * c->asked->n_steps;
  if (c->asked->n_steps) tensor_subject(c, node);
  for (uint64_t s = 0; s < c->asked->n_steps; s++) links[s].subject = c->subject.size ? c->subject.bytes : NULL;
  *written = (canon_written){.node = node, .bytes = tensor_elements(&after) * passage.size};
  code = pipeline_run(c->job, &c->before[tensor], links, c->asked->n_steps, &origin, &target, progress,
                      want_crc ? &written->crc32 : NULL, &known);
  if (!code && want_crc && !known)
    code = crc_of_output(c, passage.sink, passage.offset, written->bytes, &written->crc32);
  return code;
}

static int32_t pass_tensors(struct conversion *c) {
  struct progress progress = {0};
  for (uint64_t i = 0; i < c->n_tensors; i++)
    progress.total += tensor_elements(&c->before[i]) * canon_dtype_size(c->before[i].dtype);
  int32_t code = CANON_OK;
  for (uint64_t i = 0, tensor = 0; !code && i < c->tree->n_nodes; i++)
    if (c->tree->nodes[i].kind == CANON_NODE_TENSOR) code = pass_tensor(c, i, tensor++, &progress);
  c->context->report.bytes_read = progress.total;
  return code;
}

/* The output */

static int32_t begin_output(struct conversion *c) {
  const char *about = about_output(c), *plugin = job_plugin(c->job, c->to_plugin);
  int32_t (*create)(canon_job *, const char *, int, canon_sink **) =
      writes_folder(c) ? sink_create_folder : sink_create;
  int32_t code = create(job_public(c->job), c->asked->output, (c->asked->flags & CANON_CONVERT_FORCE) != 0, &c->sink);
  if (!code)
    code = job_checked(
        c->job, c->to->format.begin(job_public(c->job), c->to_instance, &c->tree->manifest, c->sink, &c->writer));
  job_plugin(c->job, plugin);
  job_about(c->job, about);
  return code;
}

static int32_t end_output(struct conversion *c) {
  canon_job *job = job_public(c->job);
  int32_t code = source_unchanged(job, c->in->source);
  if (code) return code;
  const char *about = about_output(c), *plugin = job_plugin(c->job, c->to_plugin);
  if (c->to->format.end)
    code = job_checked(c->job, c->to->format.end(job, c->writer, c->written, c->n_tensors, sizeof *c->written));
  if (!code) code = extents_check(job, &c->extents, c->sink);
  if (!code) code = job->host->tick(job, c->context->report.bytes_read, c->context->report.bytes_read);
  if (!code) c->context->report.bytes_written = sink_length(c->sink);
  if (!code) code = sink_commit(job, c->sink);
  job_plugin(c->job, plugin);
  job_about(c->job, about);
  return code;
}

static int32_t run(struct conversion *c) {
  int32_t code = plan(c);
  if (!code && c->asked->flags & CANON_CONVERT_DIGEST)
    code = canon_artifact_digest(c->in, &c->context->report.input_digest);
  if (!code) code = begin_output(c);
  if (!code) code = pass_tensors(c);
  if (!code) code = end_output(c);
  return code;
}

static void free_conversion(struct conversion *c) {
  if (c->writer) c->to->format.release(job_public(c->job), c->writer);
  sink_close(c->sink);
  for (uint64_t i = 0; c->steps && i < c->asked->n_steps; i++) {
    if (c->steps[i].self) c->steps[i].transform->transform.close(job_public(c->job), c->steps[i].self);
    instance_free(c->steps[i].instance);
  }
  instance_free(c->to_instance);
  tree_free(c->tree);
  mem_free(c->steps);
  mem_free(c->links);
  mem_free(c->before);
  mem_free(c->shapes);
  mem_free(c->written);
  extents_free(&c->extents);
  text_free(&c->subject);
}

static void fill_report(struct conversion *c) {
  canon_report *report = &c->context->report;
  report->from = c->in->format->format.name;
  report->to = c->to->format.name;
  report->tensors = c->n_tensors;
  for (uint64_t i = 0; i < c->tree->n_nodes; i++)
    report->values += !tree_is_container(&c->tree->nodes[i]) && c->tree->nodes[i].kind != CANON_NODE_TENSOR;
}

int32_t canon_convert(canon_context *context, const canon_conversion *conversion, const canon_report **report) {
  canon_artifact *in = NULL;
  int32_t code = canon_artifact_open(context, conversion->input, &conversion->open, &in);
  if (code) return code;
  struct conversion c = {.context = context, .asked = conversion, .in = in, .job = in->job};
  context->report = (canon_report){0};
  code = run(&c);
  if (code) context_take_failure(context, c.job);
  else fill_report(&c);
  free_conversion(&c);
  context_keep_counts(context, c.job);
  canon_artifact_close(in);
  if (report) *report = &context->report;
  return code;
}
