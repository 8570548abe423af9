/* SPDX-License-Identifier: MIT
 * probe.h: which format is this? */
#ifndef CANON_HOST_PROBE_H
#define CANON_HOST_PROBE_H

#include "core/host/job.h"
#include "core/host/registry.h"

/* from: the format that the user named, or NULL: the one that found the most evidence. Fails by name: what the file is
 * instead (foreign.c), or that two formats claim it alike. */
int32_t probe_format(struct job *job, const struct registry *registry, const canon_source *source, const char *from,
                     const struct registered_format **format);
/* As probe_format, but a source that no format knows is no failure: *format is NULL. */
int32_t probe_part(struct job *job, const struct registry *registry, const canon_source *source,
                   const struct registered_format **format);
/* The format that writes files with the suffix of this name, or NULL. */
const struct registered_format *probe_suffix(const struct registry *registry, const char *name);
/* The format that writes OUT: `to`, or by the suffix of the name. */
int32_t probe_output(struct job *job, const struct registry *registry, const char *name, const char *to,
                     const struct registered_format **format);

#endif
