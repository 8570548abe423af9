/* SPDX-License-Identifier: MIT
 * window.c: the piece of the source that tokens are read from. Structure is dense in some places and megabytes of
 * tensor apart in others: after a jump little is read, and more each time that reading goes on from there. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { LEAST_CHUNK = 1 << 12 };

msgpack_window *msgpack_window_open(canon_job *job, const canon_source *source, uint64_t budget) {
  msgpack_window *window = canon_alloc(job, sizeof *window);
  if (!window) return NULL;
  window->job = job;
  window->source = source;
  window->end = job->host->source_size(job, source);
  window->budget = budget;
  window->chunk = LEAST_CHUNK;
  return window;
}

static int32_t refill(msgpack_window *window, uint64_t need, int goes_on) {
  uint64_t left = window->end - window->at;
  window->chunk = !goes_on ? LEAST_CHUNK : window->chunk < MSGPACK_WINDOW_BYTES ? 2 * window->chunk : window->chunk;
  uint64_t bytes = window->chunk < need ? need : window->chunk;
  if (bytes > left) bytes = left;
  if (bytes > window->budget) bytes = window->budget;
  window->start = window->at;
  window->filled = 0;
  if (bytes < need) {
    window->ran_out = 1;
    return CANON_OK;
  }
  window->budget -= bytes;
  int32_t code = window->job->host->source_read(window->job, window->source, window->at, window->bytes, bytes);
  if (!code) window->filled = bytes;
  return code;
}

int32_t msgpack_window_peek(msgpack_window *window, uint64_t need, const uint8_t **bytes, uint64_t *n) {
  uint64_t left = window->end - window->at;
  if (need > left) need = left;
  int is_inside = window->at >= window->start && window->at - window->start <= window->filled;
  uint64_t have = is_inside ? window->filled - (window->at - window->start) : 0;
  int32_t code = have < need ? refill(window, need, is_inside) : CANON_OK;
  *bytes = window->bytes + (window->at - window->start);
  *n = have < need ? window->filled : have;
  return code;
}

int32_t msgpack_window_copy(msgpack_window *window, uint64_t offset, void *dst, uint64_t bytes) {
  if (!bytes) return CANON_OK;
  uint64_t from = offset - window->start;
  if (offset < window->start || from > window->filled || bytes > window->filled - from)
    return window->job->host->source_read(window->job, window->source, offset, dst, bytes);
  memcpy(dst, window->bytes + from, bytes);
  return CANON_OK;
}

int32_t msgpack_refuse(msgpack_window *window, int32_t code, uint64_t offset, const char *format, ...) {
  if (window->is_quiet) return code;
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return window->job->host->fail(window->job, code, offset, text);
}
