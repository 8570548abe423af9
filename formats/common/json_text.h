/* SPDX-License-Identifier: MIT
 * json_text.h: a subtree without tensors as JSON text that json.h reads again: four spaces a level, ASCII alone, floats
 * as short as they can be told apart, a newline at the end. What no reader would take is refused by its key: NaN,
 * integers over 64 bits, bytes, sets, keys that are no text. */
#ifndef CANON_FORMATS_JSON_TEXT_H
#define CANON_FORMATS_JSON_TEXT_H

#include <canon/format.h>

enum { JSON_TEXT_BYTES = 1 << 20, JSON_TEXT_DEPTH = 32 }; /* the most of a text */

typedef struct json_text_rules {
  const char *member; /* how messages name it ("plan.json") */
  /* What is written for a node below the first: NULL what it is, "" nothing (counted), else this text. May be NULL. */
  const char *(*instead)(const void *context, const canon_manifest *manifest, uint64_t node);
  const void *context;
} json_text_rules;

/* *bytes is the caller's to free, also after a failure. */
int32_t json_text_make(canon_job *job, const canon_manifest *manifest, uint64_t node, const json_text_rules *rules,
                       char **bytes, uint64_t *size, uint64_t *left_out);

#endif
