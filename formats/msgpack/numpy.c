/* SPDX-License-Identifier: MIT
 * numpy.c: the maps that stand for what msgpack-numpy writes. Its keys are bin, or str in files of old programs.
 *
 *   an array            nd: true   type: "<f4"  kind: ""  shape: [2, 3]  data: ...     (before 0.4.4 without kind)
 *   a scalar of NumPy   nd: false  type: "<f4"  data: ...
 *   a complex number    complex: true  data: "(1+2j)"
 *
 * A map with other keys, or other kinds of values, is a map. kind O holds a pickle, which is not looked at. */
#include <string.h>

#include "formats/msgpack/msgpack.h"

enum { ND, TYPE, KIND, SHAPE, DATA, COMPLEX, N_ENTRIES, MOST_ENTRIES = 5 };
static const char *const ENTRY_NAMES[N_ENTRIES] = {"nd", "type", "kind", "shape", "data", "complex"};
#define HAS(entry) (1u << (entry))

typedef struct entries {
  msgpack_token values[N_ENTRIES];
  uint32_t seen;     /* HAS(...) */
  msgpack_token odd; /* a negative dimension */
} entries;

static int is_text(const msgpack_token *token) { return token->kind == TOKEN_STR || token->kind == TOKEN_BIN; }

static int32_t which_entry(msgpack_window *window, const msgpack_token *key, uint32_t *entry) {
  enum { LONGEST = 7 };
  char text[LONGEST];
  *entry = N_ENTRIES;
  if (!is_text(key) || key->size > LONGEST) return CANON_OK;
  int32_t code = msgpack_window_copy(window, key->body, text, key->size);
  for (uint32_t i = 0; !code && i < N_ENTRIES; i++)
    if (strlen(ENTRY_NAMES[i]) == key->size && memcmp(ENTRY_NAMES[i], text, key->size) == 0) *entry = i;
  return code;
}

static int32_t refuse_structured(msgpack_window *window, uint64_t offset) {
  return msgpack_refuse(
      window, CANON_E_UNSUPPORTED, offset,
      "an array of a structured dtype, several fields an element; save each field as an array of its own");
}

/* The value of one entry; *fits 0 where msgpack-numpy would not have written it. Containers are looked into only as far
 * as a shape of CANON_MAX_RANK goes. */
static int32_t read_value(msgpack_window *window, entries *all, uint32_t entry, msgpack_item *item, int *fits) {
  static const uint32_t KINDS[N_ENTRIES] = {[ND] = TOKEN_BOOL,     [TYPE] = TOKEN_STR, [KIND] = TOKEN_STR,
                                            [SHAPE] = TOKEN_ARRAY, [DATA] = TOKEN_STR, [COMPLEX] = TOKEN_BOOL};
  msgpack_token *value = &all->values[entry];
  int32_t code = msgpack_token_read(window, window->end, value);
  if (code) return code;
  int is_array = all->seen & HAS(ND) && all->values[ND].integer;
  if (entry == TYPE && value->kind == TOKEN_ARRAY && is_array) return refuse_structured(window, value->offset);
  *fits = KINDS[entry] == TOKEN_STR ? is_text(value) : value->kind == KINDS[entry];
  if (entry != SHAPE || !*fits) return CANON_OK;
  *fits = value->count <= CANON_MAX_RANK;
  if (*fits) code = msgpack_shape_read(window, value, item, &all->odd);
  *fits = *fits && (all->odd.kind == TOKEN_END || all->odd.kind == TOKEN_INT);
  return code;
}

static int32_t read_entries(msgpack_window *window, const msgpack_token *map, entries *all, msgpack_item *item,
                            int *fits) {
  *fits = map->count <= MOST_ENTRIES;
  for (uint64_t i = 0; *fits && i < map->count; i++) {
    msgpack_token key;
    uint32_t entry;
    int32_t code = msgpack_token_read(window, window->end, &key);
    if (!code) code = which_entry(window, &key, &entry);
    if (code) return code;
    *fits = entry < N_ENTRIES && !(all->seen & HAS(entry));
    if (*fits) code = read_value(window, all, entry, item, fits);
    if (code) return code;
    if (*fits) all->seen |= HAS(entry);
  }
  return CANON_OK;
}

static int32_t check_kind(msgpack_window *window, const msgpack_token *kind) {
  char text[1];
  if (!kind->size) return CANON_OK;
  if (kind->size > 1)
    return msgpack_refuse(window, CANON_E_MALFORMED, kind->offset, "an array's kind has %" PRIu64 " bytes, not one",
                          kind->size);
  int32_t code = msgpack_window_copy(window, kind->body, text, 1);
  if (code) return code;
  if (text[0] == 'V') return refuse_structured(window, kind->offset);
  if (text[0] == 'O')
    return msgpack_refuse(
        window, CANON_E_UNSAFE, kind->offset,
        "an array of Python objects, stored as a pickle, which could run code; save its numbers as an array");
  return msgpack_refuse(window, CANON_E_UNSUPPORTED, kind->offset,
                        "an array of kind '%c', which msgpack-numpy does not have", text[0]);
}

static int32_t read_array(msgpack_window *window, const entries *all, msgpack_item *item) {
  int32_t code = all->seen & HAS(KIND) ? check_kind(window, &all->values[KIND]) : CANON_OK;
  if (!code && all->odd.kind) code = msgpack_shape_refuse(window, &all->odd);
  if (!code) code = msgpack_descr_read(window, &all->values[TYPE], &item->dtype, &item->big_endian);
  if (!code) code = msgpack_item_measure(window, item, &all->values[DATA]);
  item->kind = CANON_NODE_TENSOR;
  return code;
}

static int32_t read_complex(msgpack_window *window, const entries *all, msgpack_item *item) {
  char text[2 * MSGPACK_FLOAT_TEXT];
  const msgpack_token *data = &all->values[DATA];
  item->kind = CANON_NODE_COMPLEX;
  int fits = data->size <= sizeof text;
  int32_t code = fits ? msgpack_window_copy(window, data->body, text, data->size) : CANON_OK;
  if (code || (fits && msgpack_complex_parse(text, data->size, item->complex))) return code;
  return msgpack_refuse(window, CANON_E_MALFORMED, data->offset,
                        "the text of a complex number is not what Python prints, as \"(1+2j)\"");
}

int32_t msgpack_numpy_read(msgpack_window *window, const msgpack_token *map, msgpack_item *item) {
  entries all = {.seen = 0};
  uint64_t behind = window->at;
  int fits;
  int32_t code = read_entries(window, map, &all, item, &fits);
  if (code) return code;
  uint32_t scalar = HAS(ND) | HAS(TYPE) | HAS(DATA), array = scalar | HAS(SHAPE), seen = fits ? all.seen : 0;
  int is_array = all.values[ND].integer != 0;
  if (seen == (HAS(COMPLEX) | HAS(DATA)) && all.values[COMPLEX].integer) return read_complex(window, &all, item);
  if (is_array ? (seen & ~HAS(KIND)) == array : seen == scalar) return read_array(window, &all, item);
  window->at = behind;
  return CANON_OK;
}
