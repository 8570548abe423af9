/* SPDX-License-Identifier: MIT
 * json.h: a JSON document inside an artifact, read by jansson into its values. Refused: a key that comes twice, text
 * that is not UTF-8, a lone surrogate, an integer over 64 bits, more bytes than the caller allows. Keys stay in file
 * order. */
#ifndef CANON_FORMATS_JSON_H
#define CANON_FORMATS_JSON_H

#include <jansson.h>

#include <canon/plugin.h>

/* Bytes [offset, offset + size) of the source. what: how messages name them ("the header", "plan.json").
 * The caller gives *root back with json_decref. jansson takes up to about 80 times `size` of memory: keep limit small.
 */
int32_t json_document_read(canon_job *job, const canon_source *source, uint64_t offset, uint64_t size, uint64_t limit,
                           const char *what, json_t **root);

/* The same of `size` bytes in memory, whose limit the caller has checked; offset is where they begin, for messages. */
int32_t json_document_parse(canon_job *job, const char *text, uint64_t offset, uint64_t size, const char *what,
                            json_t **root);

#endif
