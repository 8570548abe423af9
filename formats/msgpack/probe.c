/* SPDX-License-Identifier: MIT
 * probe.c: is it msgpack? Nothing says so: nearly every byte begins some value, and plain text is a row of small
 * integers.
 *
 * - What reads as text is text, even where it happens to be one msgpack object.
 * - Among several objects in a row, one that is a single byte as an integer speaks against all: it is what bytes of any
 *   other file look like (so begin zip files and pickles, and so go on .npy and safetensors).
 * - A file that is msgpack from its first to its last byte has 16 bits for that, just enough where nobody else bids.
 * - Each token that is no integer of one byte had to be well-formed: a bit each, up to 16 in all; a count of 32 bits as
 *   many as it could not have been. A file that is longer than what probe may look at has no more than these.
 * - What msgpack-numpy and flax write has marks of at least 24 bits: a key "nd" before a bool, an ext of 1 or 3 that
 *   begins two nested arrays, the key of a chunked array. With one of them a file is claimed even if it is damaged. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { PROBE_BYTES = 1 << 16, WHOLE_BITS = 16, MOST_TOKEN_BITS = 16, MARK_BITS = 24, TEXT_BYTES = 4096 };

typedef struct evidence {
  uint32_t tokens; /* bits of all tokens */
  uint32_t is_marked;
  uint32_t has_small; /* an object outside of any container that is an integer of one byte */
  uint32_t is_whole;
  uint32_t after_nd; /* the last token was the key "nd" */
} evidence;

static int is_control(uint8_t byte) { return (byte < 0x20 && !strchr("\t\n\f\r", byte)) || byte == 0x7F; }

/* One character beyond ASCII is too little to be called text (CC 80 is 128 as well). */
static int is_text(const uint8_t *bytes, uint64_t n, int is_piece) {
  uint64_t continued = 0;
  for (uint64_t i = 0; i < n; i++) {
    if (!bytes[i] || is_control(bytes[i])) return 0;
    continued += bytes[i] >= 0x80 && bytes[i] < 0xC0;
  }
  return n - continued + (bytes[0] < 0x80) > 1 && text_utf8_prefix(bytes, n, is_piece) == n;
}

/* Of the content only what the window has already is looked at. */
static int32_t check_text(msgpack_window *window, const msgpack_token *token, evidence *found, int is_key) {
  uint64_t from = token->body - window->start, have = from < window->filled ? window->filled - from : 0;
  const uint8_t *text = window->bytes + (have ? from : 0);
  if (have > token->size) have = token->size;
  found->after_nd = is_key && have == 2 && !memcmp(text, "nd", 2);
  if (is_key && have == strlen(MSGPACK_CHUNKS) && !memcmp(text, MSGPACK_CHUNKS, have)) found->is_marked = 1;
  if (token->kind == TOKEN_BIN || text_utf8_prefix(text, have, have < token->size) == have) return CANON_OK;
  return CANON_E_MALFORMED;
}

/* The tag of a wide count is a byte, and the count at most what is left. */
static uint32_t token_bits(const msgpack_window *window, const msgpack_token *token) {
  enum { WIDE_HEADER = 5 };
  int is_container = token->kind == TOKEN_ARRAY || token->kind == TOKEN_MAP;
  if (!is_container || window->at - token->offset != WIDE_HEADER) return !token->is_small;
  uint32_t bits = 8;
  for (uint64_t most = UINT64_C(1) << 31; most > window->end - window->at; most >>= 1) bits++;
  return bits;
}

static int32_t weigh(msgpack_walk *walk, const msgpack_token *token, evidence *found) {
  int32_t code = CANON_OK;
  int is_flax = 0;
  found->is_marked |= found->after_nd && token->kind == TOKEN_BOOL;
  found->after_nd = 0;
  if (found->tokens < MOST_TOKEN_BITS) found->tokens += token_bits(walk->window, token);
  found->has_small |= !walk->around && token->is_small;
  if (token->kind == TOKEN_STR || token->kind == TOKEN_BIN)
    code = check_text(walk->window, token, found, (int)walk->is_key);
  if (token->kind == TOKEN_EXT && token->type != 2 && token->body < walk->window->start + walk->window->filled)
    code = msgpack_flax_recognize(walk->window, token, &is_flax);
  found->is_marked |= (uint32_t)is_flax;
  return code;
}

/* A refusal ends it; only what the system refuses is a failure. */
static int32_t gather(msgpack_walk *walk, evidence *found) {
  for (;;) {
    msgpack_token token;
    int32_t code = msgpack_walk_next(walk, &token);
    if (!code && token.kind == TOKEN_END) {
      found->is_whole = !walk->window->ran_out;
      return CANON_OK;
    }
    if (!code) code = weigh(walk, &token, found);
    if (!code && walk->objects > 1 && found->has_small) return CANON_OK;
    if (code) {
      found->tokens = 0;
      return code > CANON_E_MALFORMED ? code : CANON_OK;
    }
  }
}

static int32_t look(canon_job *job, msgpack_window *window, evidence *found) {
  const uint8_t *head;
  uint64_t n;
  int32_t code = msgpack_window_peek(window, TEXT_BYTES, &head, &n);
  if (code || !n) return code;
  if (n > TEXT_BYTES) n = TEXT_BYTES;
  if (is_text(head, n, n < window->end)) return CANON_OK;
  msgpack_walk *walk = canon_alloc(job, sizeof *walk);
  if (!walk) return canon_failed(job);
  walk->window = window;
  code = gather(walk, found);
  if (walk->objects > 1 && found->has_small) *found = (evidence){.tokens = 0};
  canon_free(job, walk);
  return code;
}

int32_t msgpack_probe(canon_job *job, const canon_source *source, uint32_t *bits) {
  evidence found = {.tokens = 0};
  msgpack_window *window = msgpack_window_open(job, source, PROBE_BYTES);
  if (!window) return canon_failed(job);
  window->is_quiet = 1;
  int32_t code = look(job, window, &found);
  canon_free(job, window);
  *bits = found.tokens < MOST_TOKEN_BITS ? found.tokens : MOST_TOKEN_BITS;
  if (found.is_whole) *bits += WHOLE_BITS;
  if (found.is_marked) *bits += MARK_BITS;
  return code;
}
