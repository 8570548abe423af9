/* SPDX-License-Identifier: MIT
 * probe.c: see probe.h. Evidence decides, never load order and never the suffix alone. */
#include "core/host/probe.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "core/host/foreign.h"
#include "core/io/source.h"

enum { ENOUGH_BITS = 16 };

static void list_formats(const struct registry *registry, int writers, struct text *out) {
  for (size_t i = 0; i < registry->n_formats; i++) {
    if (writers && !registry->formats[i].format.begin) continue;
    text_printf(out, "%s%s", out->size ? ", " : "", registry->formats[i].format.name);
  }
}

static int32_t unknown_format(struct job *job, const struct registry *registry, const char *name, int writers) {
  struct text known = {0};
  list_formats(registry, writers, &known);
  int32_t code = canon_fail(job_public(job), CANON_E_USAGE, CANON_NONE, "there is no format '%s'%s; known: %s", name,
                            writers ? " that can be written" : "", known.size ? known.bytes : "none");
  text_free(&known);
  return code;
}

static int32_t bid(struct job *job, const struct registry *registry, const struct registered_format *format,
                   const canon_source *source, uint32_t *bits) {
  *bits = 0;
  const char *before = job_plugin(job, registry_plugin_id(registry, format->plugin));
  int32_t code = job_checked(job, format->format.probe(job_public(job), source, bits));
  job_plugin(job, before);
  return code;
}

/* The highest bid, and who bids the same. */
struct bids {
  const struct registered_format *best, *rival;
  uint32_t most;
};

/* Formats of folders are asked about folders, the others about files. */
static int is_asked(const struct registered_format *format, const canon_source *source) {
  return ((format->format.flags & CANON_FORMAT_FOLDER) != 0) == (source_members(source) != CANON_NONE);
}

static int32_t ask_all(struct job *job, const struct registry *registry, const canon_source *source,
                       struct bids *bids) {
  *bids = (struct bids){0};
  for (size_t i = 0; i < registry->n_formats; i++) {
    const struct registered_format *format = &registry->formats[i];
    uint32_t bits;
    if (!is_asked(format, source)) continue;
    int32_t code = bid(job, registry, format, source, &bits);
    if (code) return code;
    if (bits && bits == bids->most) bids->rival = format;
    if (bits > bids->most) *bids = (struct bids){format, NULL, bits};
  }
  return CANON_OK;
}

static int32_t not_recognized(struct job *job, const struct registry *registry, const canon_source *source,
                              const struct bids *bids) {
  if (bids->most)
    return canon_fail(job_public(job), CANON_E_UNSUPPORTED, CANON_NONE,
                      "format %s sees only %" PRIu32
                      " bits of evidence that this is its own, and %d are needed; if it is, name it with --from %s",
                      bids->best->format.name, bids->most, ENOUGH_BITS, bids->best->format.name);
  if (source_members(source) != CANON_NONE)
    return canon_fail(job_public(job), CANON_E_IO, CANON_NONE, "is a folder that no format knows; name a file in it");
  uint8_t head[512];
  uint64_t n = source_size(source) < sizeof head ? source_size(source) : sizeof head;
  int32_t code = source_read(job_public(job), source, 0, head, n);
  if (code) return code;
  const char *foreign = foreign_name(head, n);
  if (foreign) return canon_fail(job_public(job), CANON_E_UNSUPPORTED, CANON_NONE, "%s", foreign);
  struct text bytes = {0}, known = {0};
  for (uint64_t i = 0; i < n && i < 8; i++) text_printf(&bytes, "%s%02x", i ? " " : "", head[i]);
  list_formats(registry, 0, &known);
  code = canon_fail(job_public(job), CANON_E_UNSUPPORTED, 0,
                    "no format knows this file, which begins %s; if you know what it is, name it with --from (%s)",
                    bytes.size ? bytes.bytes : "?", known.size ? known.bytes : "none is loaded");
  text_free(&bytes);
  text_free(&known);
  return code;
}

static int32_t choose(struct job *job, const struct registry *registry, const struct bids *bids,
                      const struct registered_format **format) {
  *format = bids->most < ENOUGH_BITS ? NULL : bids->best;
  if (!*format || !bids->rival) return CANON_OK;
  *format = NULL;
  return canon_fail(job_public(job), CANON_E_USAGE, CANON_NONE,
                    "formats %s (plugin %s) and %s (plugin %s) both claim this file with %" PRIu32
                    " bits; choose with --from",
                    bids->best->format.name, registry_plugin_id(registry, bids->best->plugin), bids->rival->format.name,
                    registry_plugin_id(registry, bids->rival->plugin), bids->most);
}

int32_t probe_part(struct job *job, const struct registry *registry, const canon_source *source,
                   const struct registered_format **format) {
  struct bids bids;
  *format = NULL;
  int32_t code = ask_all(job, registry, source, &bids);
  return code ? code : choose(job, registry, &bids, format);
}

int32_t probe_format(struct job *job, const struct registry *registry, const canon_source *source, const char *from,
                     const struct registered_format **format) {
  if (!from) {
    struct bids bids;
    *format = NULL;
    int32_t code = ask_all(job, registry, source, &bids);
    if (!code) code = choose(job, registry, &bids, format);
    return code || *format ? code : not_recognized(job, registry, source, &bids);
  }
  *format = registry_format(registry, from);
  if (!*format) return unknown_format(job, registry, from, 0);
  if (is_asked(*format, source)) return CANON_OK;
  return canon_fail(job_public(job), CANON_E_USAGE, CANON_NONE, "format %s is one of %s, and this is a %s", from,
                    source_members(source) == CANON_NONE ? "folders" : "files",
                    source_members(source) == CANON_NONE ? "file" : "folder");
}

static int has_suffix(const char *suffixes, const char *suffix) {
  size_t n = strlen(suffix);
  for (const char *at = suffixes; at && *at;) {
    size_t length = strcspn(at, " ");
    if (length == n && strncasecmp(at, suffix, n) == 0) return 1;
    at += length + strspn(at + length, " ");
  }
  return 0;
}

const struct registered_format *probe_suffix(const struct registry *registry, const char *name) {
  const char *base = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
  const char *dot = strrchr(base, '.');
  for (size_t i = 0; dot && i < registry->n_formats; i++) {
    const canon_format *format = &registry->formats[i].format;
    if (format->begin && has_suffix(format->suffixes, dot + 1)) return &registry->formats[i];
  }
  return NULL;
}

int32_t probe_output(struct job *job, const struct registry *registry, const char *name, const char *to,
                     const struct registered_format **format) {
  if (to) {
    *format = registry_format(registry, to);
    return *format && (*format)->format.begin ? CANON_OK : unknown_format(job, registry, to, 1);
  }
  *format = probe_suffix(registry, name);
  if (*format) return CANON_OK;
  struct text known = {0};
  list_formats(registry, 1, &known);
  int32_t code = canon_fail(job_public(job), CANON_E_USAGE, CANON_NONE,
                            "its name does not tell a format to write; name one with --to (%s)",
                            known.size ? known.bytes : "none is loaded");
  text_free(&known);
  return code;
}
