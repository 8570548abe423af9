/* SPDX-License-Identifier: MIT
 * json.c: see json.h. */
#include "formats/common/json.h"

#include <inttypes.h>

static int32_t code_of(const json_error_t *error) {
  switch (json_error_code(error)) {
    case json_error_out_of_memory: return CANON_E_MEMORY;
    case json_error_stack_overflow: return CANON_E_LIMIT;
    case json_error_numeric_overflow: return CANON_E_UNSUPPORTED;
    default: return CANON_E_MALFORMED;
  }
}

int32_t json_document_parse(canon_job *job, const char *text, uint64_t offset, uint64_t size, const char *what,
                            json_t **root) {
  json_error_t error;
  *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
  if (*root) return CANON_OK;
  uint64_t at = error.position > 0 ? (uint64_t)error.position : 0;
  return canon_fail(job, code_of(&error), offset + (at < size ? at : size), "%s: no JSON that can be read: %s", what,
                    error.text);
}

int32_t json_document_read(canon_job *job, const canon_source *source, uint64_t offset, uint64_t size, uint64_t limit,
                           const char *what, json_t **root) {
  *root = NULL;
  if (size > limit)
    return canon_fail(job, CANON_E_LIMIT, offset,
                      "%s: %" PRIu64 " bytes of JSON, more than the %" PRIu64 " that are read", what, size, limit);
  char *text = canon_alloc(job, size + 1);
  if (!text) return canon_failed(job);
  int32_t code = job->host->source_read(job, source, offset, text, size);
  if (!code) code = json_document_parse(job, text, offset, size, what, root);
  canon_free(job, text);
  return code;
}
