/* SPDX-License-Identifier: MIT
 * token.c: msgpack-c's decoding template, made to decode one token at a time.
 *
 * The template's own way would keep containers on a fixed stack, ask for contents in memory and take counts on trust.
 * Here the callback of a container stops it with a code of its own, so that its stack is never climbed; and where it
 * stops for want of a content (its state is then one of ACS_*_VALUE, its trail the length), the content is stepped
 * over. */
#include <string.h>

#define MSGPACK_EMBED_STACK_SIZE 1
#include <msgpack.h>
#include <msgpack/unpack_define.h>

#include "formats/msgpack/msgpack.h"

enum { STOP_AT_CONTAINER = -100, LONGEST_HEADER = 9 };

static int container(msgpack_token *token, uint32_t kind, uint64_t count) {
  token->kind = kind;
  token->count = count;
  return STOP_AT_CONTAINER;
}

static int simple(msgpack_token *token, uint32_t kind, uint64_t integer) {
  token->kind = kind;
  token->integer = integer;
  return 0;
}

static int negative_or_not(msgpack_token *token, int64_t value) {
  token->is_negative = value < 0;
  return simple(token, TOKEN_INT, (uint64_t)value);
}

static int content(msgpack_token *token, uint32_t kind, uint64_t size) {
  token->kind = kind;
  token->size = size;
  return 0;
}

static int real(msgpack_token *token, double value) {
  token->kind = TOKEN_FLOAT;
  token->real = value;
  return 0;
}

/* The template's callbacks. It hands objects through that are of no use here. */
#define DECODE(name) decode##name
#define NOTHING int
#define CALLBACK(name, ...) static inline int DECODE(name)(__VA_ARGS__, NOTHING * object)
CALLBACK(_nil, msgpack_token *token) { return *object = simple(token, TOKEN_NIL, 0); }
CALLBACK(_false, msgpack_token *token) { return *object = simple(token, TOKEN_BOOL, 0); }
CALLBACK(_true, msgpack_token *token) { return *object = simple(token, TOKEN_BOOL, 1); }
CALLBACK(_uint8, msgpack_token *token, uint8_t value) { return *object = simple(token, TOKEN_INT, value); }
CALLBACK(_uint16, msgpack_token *token, uint16_t value) { return *object = simple(token, TOKEN_INT, value); }
CALLBACK(_uint32, msgpack_token *token, uint32_t value) { return *object = simple(token, TOKEN_INT, value); }
CALLBACK(_uint64, msgpack_token *token, uint64_t value) { return *object = simple(token, TOKEN_INT, value); }
CALLBACK(_int8, msgpack_token *token, int8_t value) { return *object = negative_or_not(token, value); }
CALLBACK(_int16, msgpack_token *token, int16_t value) { return *object = negative_or_not(token, value); }
CALLBACK(_int32, msgpack_token *token, int32_t value) { return *object = negative_or_not(token, value); }
CALLBACK(_int64, msgpack_token *token, int64_t value) { return *object = negative_or_not(token, value); }
CALLBACK(_float, msgpack_token *token, float value) { return *object = real(token, (double)value); }
CALLBACK(_double, msgpack_token *token, double value) { return *object = real(token, value); }
CALLBACK(_array, msgpack_token *token, uint32_t n) { return *object = container(token, TOKEN_ARRAY, n); }
CALLBACK(_map, msgpack_token *token, uint32_t n) { return *object = container(token, TOKEN_MAP, n); }

#define CONTENT(name, kind)                                                                           \
  static inline int DECODE(name)(msgpack_token * token, const char *base, const char *at, uint32_t n, \
                                 NOTHING *object) {                                                   \
    (void)base;                                                                                       \
    (void)at;                                                                                         \
    return *object = content(token, kind, n);                                                         \
  }
CONTENT(_str, TOKEN_STR)
CONTENT(_bin, TOKEN_BIN)
CONTENT(_ext, TOKEN_EXT)

/* Reached from containers only, that is never. */
static inline NOTHING DECODE(_root)(msgpack_token *token) { return token->kind == TOKEN_END; }
static inline int DECODE(_array_item)(msgpack_token *token, NOTHING *array, NOTHING item) {
  (void)array;
  (void)item;
  return token->kind == TOKEN_END;
}
static inline int DECODE(_map_item)(msgpack_token *token, NOTHING *map, NOTHING key, NOTHING value) {
  (void)key;
  return DECODE(_array_item)(token, map, value);
}

#define msgpack_unpack_struct(name) struct decode##name
#define msgpack_unpack_func(type, name) static inline type DECODE(name)
#define msgpack_unpack_callback(name) DECODE(name)
#define msgpack_unpack_object NOTHING
#define msgpack_unpack_user msgpack_token
#include <msgpack/unpack_template.h>

/* What the template waits for, if it is a content; it starts `used` bytes behind the token. */
static int wants_content(const struct decode_context *context, uint32_t *kind) {
  switch (context->cs) {
    case MSGPACK_ACS_STR_VALUE: *kind = TOKEN_STR; return 1;
    case MSGPACK_ACS_BIN_VALUE: *kind = TOKEN_BIN; return 1;
    case MSGPACK_ACS_EXT_VALUE: *kind = TOKEN_EXT; return 1;
    default: return 0;
  }
}

static int32_t cut_short(msgpack_window *window, uint64_t end) {
  return msgpack_refuse(window, CANON_E_MALFORMED, end, "%s ends within a value; get the file again",
                        end == window->end ? "the file" : "the content of an ext");
}

/* The template counts an ext's type byte as content, in 32 bits: a content of 2^32 - 1 bytes then comes as none. */
static void take_type(msgpack_token *token, const uint8_t *bytes) {
  if (!token->size) {
    token->size = UINT64_C(1) << 32;
    token->body = token->offset + 5;
  }
  uint8_t type = bytes[token->body - token->offset];
  token->type = type < 0x80 ? type : (int32_t)type - 0x100;
  token->body++;
  token->size--;
}

static int32_t check_claim(msgpack_window *window, uint64_t end, const msgpack_token *token) {
  static const char *const NAMES[] = {[TOKEN_STR] = "a str", [TOKEN_BIN] = "a bin", [TOKEN_EXT] = "an ext"};
  uint64_t left = end - window->at;
  if (token->kind == TOKEN_ARRAY && token->count > left)
    return msgpack_refuse(window, CANON_E_MALFORMED, token->offset,
                          "an array of %" PRIu64 " items, with %" PRIu64 " bytes left; get the file again",
                          token->count, left);
  if (token->kind == TOKEN_MAP && token->count > left / 2)
    return msgpack_refuse(window, CANON_E_MALFORMED, token->offset,
                          "a map of %" PRIu64 " pairs, with %" PRIu64 " bytes left; get the file again", token->count,
                          left);
  if (token->body > end || token->size > end - token->body)
    return msgpack_refuse(window, CANON_E_MALFORMED, token->offset,
                          "%s of %" PRIu64 " bytes, with %" PRIu64 " bytes left; get the file again",
                          NAMES[token->kind], token->size, token->body > end ? 0 : end - token->body);
  return CANON_OK;
}

int32_t msgpack_token_read(msgpack_window *window, uint64_t end, msgpack_token *token) {
  const uint8_t *bytes;
  uint64_t available, offset = window->at;
  *token = (msgpack_token){.offset = offset};
  if (offset >= end) return cut_short(window, end);
  int32_t code = msgpack_window_peek(window, LONGEST_HEADER, &bytes, &available);
  if (code || window->ran_out) return code;
  if (available > end - offset) available = end - offset;
  if (available > LONGEST_HEADER) available = LONGEST_HEADER;

  struct decode_context context = {.user = *token};
  size_t used = 0;
  decode_init(&context);
  int result = decode_execute(&context, (const char *)bytes, available, &used);
  *token = context.user;
  if (result == MSGPACK_UNPACK_PARSE_ERROR)
    return msgpack_refuse(window, CANON_E_MALFORMED, offset, "the byte %02x begins no value of msgpack", bytes[used]);
  token->is_small = token->kind == TOKEN_INT && used == 1;
  if (result == STOP_AT_CONTAINER) {
    window->at = offset + used + 1;
    return check_claim(window, end, token);
  }
  if (result == 0) {
    if (!wants_content(&context, &token->kind)) return cut_short(window, end);
    token->size = context.trail;
    token->body = offset + used;
  } else if (token->kind == TOKEN_STR || token->kind == TOKEN_BIN || token->kind == TOKEN_EXT) {
    token->body = offset + used - token->size;
  } else {
    window->at = offset + used;
    return CANON_OK;
  }
  if (token->kind == TOKEN_EXT) {
    if (token->size && token->body >= end) return cut_short(window, end);
    if (!token->size && available < 6) return cut_short(window, end);
    take_type(token, bytes);
  }
  code = check_claim(window, end, token);
  if (!code) window->at = token->body + token->size;
  return code;
}
