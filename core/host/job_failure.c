/* SPDX-License-Identifier: MIT
 * job_failure.c: the failure of a job: the first one counts, is told of its subject, and is the plugin's own fault
 * where it broke a rule. */
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <string.h>

#include "core/host/job_state.h"

/* What to do where the plugin did not say. */
static const char *usual_advice(int32_t code) {
  switch (code) {
    case CANON_E_MALFORMED: return "; the file contradicts itself: get it again, or write it again";
    case CANON_E_UNSAFE: return "; canon executes nothing: ask for a file of plain tensors";
    case CANON_E_LIMIT: return "; no usual file needs so much: if this one does, write it in parts";
    default: return NULL;
  }
}

/* "what; what to do" with the byte between, and the subject in front. */
static void describe(struct job *job, int32_t code, uint64_t offset, const char *text) {
  const char *advice = NULL;
  for (const char *at = text; (at = strstr(at, "; ")); at++) advice = at;
  struct text *out = &job->text;
  text_cut(out, 0);
  const char *subject = job_subject_of(job);
  if (subject && *subject) {
    text_visible(out, subject, strlen(subject));
    text_string(out, ": ");
  }
  text_visible(out, text, advice ? (size_t)(advice - text) : strlen(text));
  if (offset != CANON_NONE) text_printf(out, " (byte %" PRIu64 ")", offset);
  if (advice || (advice = usual_advice(code))) text_visible(out, advice, strlen(advice));
}

int32_t host_fail(canon_job *job, int32_t code, uint64_t offset, const char *text) {
  struct job *j = job_of(job);
  if (j->code) return j->code;
  j->code = code ? code : CANON_E_PLUGIN;
  describe(j, j->code, offset, text ? text : "failed");
  return j->code;
}

int32_t host_failed(canon_job *job) {
  struct job *j = job_of(job);
  return j->code ? j->code : j->root->code;
}

int32_t job_code(const struct job *job) { return job->code; }
const char *job_text(const struct job *job) { return job->text.size ? job->text.bytes : "out of memory"; }

void job_forget_failure(struct job *job) {
  job->code = CANON_OK;
  text_cut(&job->text, 0);
}

int32_t job_adopt_failure(struct job *job, const struct job *from) {
  if (from->code && !job->code) {
    job->code = from->code;
    text_cut(&job->text, 0);
    text_add(&job->text, from->text.bytes, from->text.size);
  }
  return job->code;
}

const char *job_plugin(struct job *job, const char *plugin) {
  const char *before = job->plugin;
  job->plugin = plugin;
  return before;
}

const char *job_plugin_called(const struct job *job) { return job->plugin ? job->plugin : "a plugin"; }

const char *job_about(struct job *job, const char *subject) {
  const char *before = job->about;
  job->about = subject;
  return before;
}

static int known_code(int32_t code) {
  return (code <= CANON_E_USAGE && code >= CANON_E_PLUGIN) || (code <= CANON_E_MALFORMED && code >= CANON_E_LIMIT);
}

/* Rounds to nearest, and a subnormal number is not 0. */
static int environment_is_default(void) {
  volatile double least = DBL_MIN;
  return fegetround() == FE_TONEAREST && least / 2 != 0;
}

int32_t job_checked(struct job *job, int32_t code) {
  canon_job *j = &job->base;
  const char *plugin = job_plugin_called(job);
  if (!environment_is_default()) {
    fesetenv(FE_DFL_ENV);
    job_forget_failure(job);
    return canon_fail(j, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s changed the floating-point environment; report it to its author", plugin);
  }
  if (!code && !job->code) return CANON_OK;
  if (job->code) return job->code; /* also a plugin that failed and then forgot about it */
  if (!known_code(code))
    return canon_fail(j, CANON_E_PLUGIN, CANON_NONE,
                      "plugin %s returned %d, which is no status; report it to its author", plugin, (int)code);
  return canon_fail(j, CANON_E_PLUGIN, CANON_NONE, "plugin %s failed (%d) without saying why; report it to its author",
                    plugin, (int)code);
}
