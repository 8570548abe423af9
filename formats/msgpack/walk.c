/* SPDX-License-Identifier: MIT
 * walk.c: tokens one after the other with the containers that they lie in, on a stack of its own. */
#include "formats/msgpack/msgpack.h"

static void climb_out(msgpack_walk *walk) {
  while (walk->depth && !walk->levels[walk->depth - 1].left) walk->depth--;
}

int32_t msgpack_walk_next(msgpack_walk *walk, msgpack_token *token) {
  msgpack_window *window = walk->window;
  climb_out(walk);
  walk->around = walk->depth;
  walk->is_key = 0;
  if (!walk->depth && window->at == window->end) {
    *token = (msgpack_token){.kind = TOKEN_END, .offset = window->at};
    return CANON_OK;
  }
  int32_t code = msgpack_token_read(window, window->end, token);
  if (code || token->kind == TOKEN_END) return code;
  if (walk->depth) {
    walk->is_key = walk->levels[walk->depth - 1].is_map && walk->levels[walk->depth - 1].left % 2 == 0;
    walk->levels[walk->depth - 1].left--;
  } else {
    walk->objects++;
  }
  if (token->kind != TOKEN_ARRAY && token->kind != TOKEN_MAP) return CANON_OK;
  if (walk->depth == MSGPACK_LEVELS)
    return msgpack_refuse(window, CANON_E_LIMIT, token->offset, "more than %d containers within each other",
                          CANON_MAX_DEPTH);
  walk->levels[walk->depth].is_map = token->kind == TOKEN_MAP;
  walk->levels[walk->depth++].left = token->kind == TOKEN_MAP ? 2 * token->count : token->count;
  return CANON_OK;
}

void msgpack_walk_leave(msgpack_walk *walk) { walk->depth--; }
