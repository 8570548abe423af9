/* SPDX-License-Identifier: MIT
 * glob.c: see glob.h. A pattern is a row of elements; a state is the set of places in that row where a match may go on,
 * so that no pattern takes more than its length times the path's. state[0] is how many, the places follow. */
#include "core/model/glob.h"

#include <string.h>

#include "core/base/mem.h"
#include "core/base/utf8.h"

enum element_kind {
  CHARACTER,
  ANY,        /* ? */
  CLASS,      /* [...] */
  STAR,       /* * */
  GLOBSTAR,   /* ** */
  PARTS,      /* the head of a part that is **: matches nothing, or leaves it to PARTS_BODY behind it */
  PARTS_BODY, /* anything up to a slash, that included */
};

enum { SLASH = '/', KEY_SLASH = 0x110000 /* the ~1 of a key */, BAD_BYTE = 0x110100 };

struct range {
  uint32_t first, last;
};

struct element {
  uint32_t kind;
  uint32_t code; /* CHARACTER; CLASS: 1 for [!...] */
  size_t range, n_ranges;
};

struct glob {
  struct element *elements;
  struct range *ranges;
  uint64_t *scratch; /* a state */
  size_t n_elements, n_ranges;
};

/* One character of a path or pattern. */
static size_t next_character(const char *text, size_t n, uint32_t *code) {
  if (n > 1 && text[0] == '~' && (text[1] == '0' || text[1] == '1')) {
    *code = text[1] == '0' ? '~' : KEY_SLASH;
    return 2;
  }
  size_t size = utf8_next(text, n, code);
  if (size) return size;
  *code = BAD_BYTE + (unsigned char)text[0];
  return 1;
}

/* Bytes of the class at text ("[" read), its ranges added to the glob; 0 if it is not closed: the bracket is itself. */
static size_t compile_class(struct glob *glob, struct element *element, const char *text, size_t n) {
  size_t first_range = glob->n_ranges, i = 1;
  int negated = i < n && (text[i] == '!' || text[i] == '^');
  i += (size_t)negated;
  for (size_t start = i; i < n && (text[i] != ']' || i == start);) {
    struct range range;
    i += next_character(text + i, n - i, &range.first);
    range.last = range.first;
    if (n - i > 1 && text[i] == '-' && text[i + 1] != ']')
      i += 1 + next_character(text + i + 1, n - i - 1, &range.last);
    glob->ranges[glob->n_ranges++] = range;
  }
  if (i >= n) {
    glob->n_ranges = first_range;
    return 0;
  }
  *element = (struct element){CLASS, (uint32_t)negated, first_range, glob->n_ranges - first_range};
  return i + 1;
}

/* Bytes of the element at text. */
static size_t compile_element(struct glob *glob, const char *text, size_t n, int starts_part) {
  struct element *element = &glob->elements[glob->n_elements++];
  if (text[0] == '*' && n > 1 && text[1] == '*') {
    if (starts_part && n > 2 && text[2] == '/') {
      element[0].kind = PARTS;
      element[1].kind = PARTS_BODY;
      glob->n_elements++;
      return 3;
    }
    element->kind = GLOBSTAR;
    return 2;
  }
  if (text[0] == '*' || text[0] == '?') {
    element->kind = text[0] == '*' ? STAR : ANY;
    return 1;
  }
  size_t size = text[0] == '[' ? compile_class(glob, element, text, n) : 0;
  return size ? size : next_character(text, n, &element->code);
}

struct glob *glob_compile(const char *pattern) {
  size_t n = strlen(pattern);
  struct glob *glob = mem_alloc(sizeof *glob);
  if (!glob) return NULL;
  glob->elements = mem_alloc((n + 1) * sizeof *glob->elements);
  glob->ranges = mem_alloc((n + 1) * sizeof *glob->ranges);
  glob->scratch = mem_alloc((n + 2) * sizeof *glob->scratch);
  if (!glob->elements || !glob->ranges || !glob->scratch) {
    glob_free(glob);
    return NULL;
  }
  for (size_t i = 0; i < n;) i += compile_element(glob, pattern + i, n - i, i == 0 || pattern[i - 1] == '/');
  return glob;
}

void glob_free(struct glob *glob) {
  if (!glob) return;
  mem_free(glob->elements);
  mem_free(glob->ranges);
  mem_free(glob->scratch);
  mem_free(glob);
}

size_t glob_words(const struct glob *glob) { return glob->n_elements + 2; }

static void put(uint64_t *state, uint64_t place) {
  for (uint64_t i = state[0]; i; i--)
    if (state[i] == place) return;
  state[++state[0]] = place;
}

/* What may match nothing is stepped over. */
static void step_over(const struct glob *glob, uint64_t *state) {
  for (uint64_t i = 1; i <= state[0]; i++) {
    uint64_t place = state[i];
    uint32_t kind = place < glob->n_elements ? glob->elements[place].kind : CHARACTER;
    if (kind == STAR || kind == GLOBSTAR || kind == PARTS) put(state, place + 1);
    if (kind == PARTS) put(state, place + 2);
  }
}

void glob_start(const struct glob *glob, uint64_t *state) {
  state[0] = 0;
  put(state, 0);
  step_over(glob, state);
}

static int in_class(const struct glob *glob, const struct element *element, uint32_t code) {
  int found = 0;
  for (size_t i = 0; i < element->n_ranges; i++) {
    const struct range *range = &glob->ranges[element->range + i];
    found |= code >= range->first && code <= range->last;
  }
  return found != (int)element->code;
}

static void step(const struct glob *glob, const uint64_t *state, uint32_t code, uint64_t *next) {
  next[0] = 0;
  for (uint64_t i = 1; i <= state[0]; i++) {
    uint64_t place = state[i];
    if (place == glob->n_elements) continue;
    const struct element *element = &glob->elements[place];
    int stays = 0, moves = 0;
    switch (element->kind) {
      case CHARACTER: moves = code == element->code; break;
      case ANY: moves = code != SLASH; break;
      case CLASS: moves = code != SLASH && in_class(glob, element, code); break;
      case STAR: stays = code != SLASH; break;
      case GLOBSTAR: stays = 1; break;
      case PARTS_BODY: stays = 1, moves = code == SLASH; break;
      default: break;
    }
    if (stays) put(next, place);
    if (moves) put(next, place + 1);
  }
  step_over(glob, next);
}

static void copy_state(uint64_t *to, const uint64_t *from) { memcpy(to, from, (from[0] + 1) * sizeof *from); }

void glob_feed(struct glob *glob, const uint64_t *state, const char *text, size_t n, uint64_t *next) {
  copy_state(next, state);
  for (size_t i = 0; i < n && next[0];) {
    uint32_t code;
    i += next_character(text + i, n - i, &code);
    step(glob, next, code, glob->scratch);
    copy_state(next, glob->scratch);
  }
}

int glob_accepts(const struct glob *glob, const uint64_t *state) {
  for (uint64_t i = 1; i <= state[0]; i++)
    if (state[i] == glob->n_elements) return 1;
  return 0;
}

int glob_alive(const uint64_t *state) { return state[0] != 0; }
