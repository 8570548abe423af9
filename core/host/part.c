/* SPDX-License-Identifier: MIT
 * part.c: see part.h. */
#include "core/host/part.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/base/mem.h"
#include "core/host/instance.h"
#include "core/host/job.h"
#include "core/host/probe.h"
#include "core/io/source.h"
#include "core/model/tree.h"

enum { MAX_PARTS_DEEP = 8 };

struct canon_part {
  canon_part *next; /* of the job's */
  const canon_format *format;
  const char *plugin;
  char *about; /* "FOLDER/member", for messages */
  canon_instance *instance;
  void *reader, *writer;
  canon_node *nodes;    /* of this host's size, where the plugin's are not */
  pthread_mutex_t lock; /* around read, where the format does not allow more than one */
};

/* Calls into a part are about its own file and plugin. */
struct call {
  const char *plugin, *about;
};

static struct call enter(canon_job *job, const canon_part *part) {
  struct job *j = job_of(job);
  return (struct call){job_plugin(j, part->plugin), job_about(j, part->about)};
}

static int32_t leave(canon_job *job, struct call call, int32_t code) {
  struct job *j = job_of(job);
  code = job_checked(j, code);
  job_plugin(j, call.plugin);
  job_about(j, call.about);
  return code;
}

static void part_free(canon_part *part) {
  instance_free(part->instance);
  pthread_mutex_destroy(&part->lock);
  mem_free(part->nodes);
  mem_free(part->about);
  mem_free(part);
}

/* "FOLDER/name"; NULL: no memory. */
static char *about_member(canon_job *job, const char *name) {
  const char *root = job_subject_of(job_of(job));
  size_t n = root ? strlen(root) : 0, space = n + strlen(name) + 2;
  char *about = mem_alloc(space);
  if (about) snprintf(about, space, "%s%s%s", root ? root : "", n && root[n - 1] != '/' ? "/" : "", name);
  else canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  return about;
}

static int32_t part_new(canon_job *job, const struct registered_format *format, const char *name, canon_part **part) {
  canon_part *p = mem_alloc(sizeof *p);
  char *about = about_member(job, name);
  if (!p || !about) {
    mem_free(p);
    mem_free(about);
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  }
  p->about = about;
  p->format = &format->format;
  p->plugin = registry_plugin_id(job_registry(job_of(job)), format->plugin);
  pthread_mutex_init(&p->lock, NULL);
  int32_t code = instance_new(job, p->format->name, NULL, 0, 0, NULL, 0, 0, &p->instance);
  if (code) {
    part_free(p);
    return code;
  }
  *part = p;
  return CANON_OK;
}

/* A plugin's nodes may be shorter than ours: those who walk a part's manifest need not care. */
static int32_t widen_nodes(canon_job *job, canon_part *part, canon_manifest *manifest) {
  uint64_t bytes;
  if (manifest->node_size == sizeof(canon_node) || !manifest->n_nodes) return CANON_OK;
  if (!canon_mul(manifest->n_nodes, sizeof(canon_node), &bytes) || !(part->nodes = mem_alloc(bytes)))
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  for (uint64_t i = 0; i < manifest->n_nodes; i++) part->nodes[i] = tree_reader_node(manifest, i);
  manifest->nodes = part->nodes;
  manifest->node_size = sizeof(canon_node);
  return CANON_OK;
}

static int32_t start_reader(canon_job *job, canon_part *part, const canon_source *source, canon_manifest *manifest) {
  *manifest = (canon_manifest){.struct_size = sizeof *manifest, .node_size = sizeof(canon_node)};
  struct call call = enter(job, part);
  int32_t code = leave(job, call, part->format->open(job, part->instance, source, &part->reader));
  if (code) return code;
  call = enter(job, part);
  code = leave(job, call, part->format->manifest(job, part->reader, manifest));
  if (code) return code;
  if (!manifest->nodes && manifest->n_nodes)
    return canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s gave a manifest without nodes; report it to its author", part->plugin);
  return widen_nodes(job, part, manifest);
}

/* What is wrong while formats look at it is wrong with that file. */
static int32_t probe_member(canon_job *job, const canon_source *source, const struct registered_format **format) {
  struct job *j = job_of(job);
  char *about = about_member(job, source_name(source));
  if (!about) return CANON_E_MEMORY;
  const char *before = job_about(j, about);
  int32_t code = probe_part(j, job_registry(j), source, format);
  job_about(j, before);
  mem_free(about);
  return code;
}

int32_t part_open(canon_job *job, const canon_source *source, canon_part **part, struct canon_manifest *manifest) {
  struct job *j = job_of(job);
  const struct registered_format *format = NULL;
  *part = NULL;
  if (!job_deepen(j, 1, MAX_PARTS_DEEP))
    return canon_fail(job, CANON_E_LIMIT, CANON_NONE, "more than %d formats inside each other", MAX_PARTS_DEEP);
  int32_t code = probe_member(job, source, &format);
  canon_part *p = NULL;
  if (!code && format) code = part_new(job, format, source_name(source), &p);
  if (p) job_add_part(j, p);
  if (!code && p) code = start_reader(job, p, source, manifest);
  job_deepen(j, -1, MAX_PARTS_DEEP);
  if (!code) *part = p;
  return code;
}

int32_t part_read(canon_job *job, canon_part *part, uint64_t node, uint64_t first, uint64_t count, void *dst) {
  int alone = !(part->format->flags & CANON_FORMAT_RANDOM);
  struct call call = enter(job, part);
  if (alone) pthread_mutex_lock(&part->lock);
  int32_t code = part->format->read(job, part->reader, node, first, count, dst);
  if (alone) pthread_mutex_unlock(&part->lock);
  return leave(job, call, code);
}

const char *part_format(canon_job *job, const canon_part *part) {
  (void)job;
  return part->format->name;
}

const char *part_name_format(canon_job *job, const char *name) {
  const struct registered_format *format = probe_suffix(job_registry(job_of(job)), name);
  return format ? format->format.name : NULL;
}

static int32_t writing_format(canon_job *job, const char *name, const struct registered_format **format) {
  int32_t code = probe_output(job_of(job), job_registry(job_of(job)), name, NULL, format);
  if (code) return code;
  if ((*format)->format.place) return CANON_OK;
  return canon_fail(job, CANON_E_UNSUPPORTED, CANON_NONE, "%s: format %s cannot be written inside another one", name,
                    (*format)->format.name);
}

int32_t part_check(canon_job *job, const char *name, const struct canon_manifest *manifest) {
  const struct registered_format *format;
  canon_part *part = NULL;
  int32_t code = writing_format(job, name, &format);
  if (!code) code = part_new(job, format, name, &part);
  if (code) return code;
  struct call call = enter(job, part);
  code = leave(job, call, part->format->can_write(job, part->instance, manifest));
  part_free(part);
  return code;
}

int32_t part_begin(canon_job *job, const char *name, const struct canon_manifest *manifest, canon_sink *sink,
                   canon_part **part) {
  const struct registered_format *format;
  int32_t code = writing_format(job, name, &format);
  *part = NULL;
  if (!code) code = part_new(job, format, name, part);
  if (code) return code;
  struct call call = enter(job, *part);
  code = leave(job, call, (*part)->format->begin(job, (*part)->instance, manifest, sink, &(*part)->writer));
  if (code) {
    part_release(job, *part);
    *part = NULL;
  }
  return code;
}

int32_t part_place(canon_job *job, canon_part *part, uint64_t node, struct canon_extent *extent) {
  struct call call = enter(job, part);
  int32_t code = part->format->place(job, part->writer, node, extent);
  if (!code && extent->reserved)
    code = canon_fail(job, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s fills a reserved member of an extent; report it to its author", part->plugin);
  return leave(job, call, code);
}

int32_t part_end(canon_job *job, canon_part *part, const struct canon_written *written, uint64_t n_written,
                 uint32_t written_size) {
  if (!part->format->end) return CANON_OK;
  struct call call = enter(job, part);
  return leave(job, call, part->format->end(job, part->writer, written, n_written, written_size));
}

void part_release(canon_job *job, canon_part *part) {
  if (!part) return;
  if (part->writer) part->format->release(job, part->writer);
  part_free(part);
}

canon_part **part_next(canon_part *part) { return &part->next; }

int part_is_random(const canon_part *part) { return (part->format->flags & CANON_FORMAT_RANDOM) != 0; }

void parts_close(canon_job *job, canon_part *first) {
  while (first) {
    canon_part *next = first->next;
    if (first->reader) first->format->close(job, first->reader);
    part_free(first);
    first = next;
  }
}
