/* SPDX-License-Identifier: MIT
 * path.c: RFC 6901 pointers: of a node, and to a node. */
#include <inttypes.h>

#include "core/base/integer.h"
#include "core/base/real.h"
#include "core/model/model.h"

/* From a node to its text */

/* b'...' as Python's repr() writes it. */
static void add_bytes_literal(struct text *text, const uint8_t *bytes, uint64_t n) {
  char quote = n && memchr(bytes, '\'', n) && !memchr(bytes, '"', n) ? '"' : '\'';
  text_printf(text, "b%c", quote);
  for (uint64_t i = 0; i < n; i++) {
    char c = (char)bytes[i];
    const char *named = c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\\' ? "\\\\" : NULL;
    if (named) {
      text_string(text, named);
    } else if (c == quote) {
      text_printf(text, "\\%c", c);
    } else if (bytes[i] < 0x20 || bytes[i] >= 0x7f) {
      text_printf(text, "\\x%02x", bytes[i]);
    } else {
      text_char(text, c);
    }
  }
  text_char(text, quote);
}

void key_text(struct text *text, const canon_node *node, uint64_t place) {
  switch (node->key_kind) {
    case CANON_KEY_INDEX: text_printf(text, "%" PRIu64, place); break;
    case CANON_KEY_BYTES: add_bytes_literal(text, node->key, node->key_size); break;
    case CANON_KEY_INT: integer_text(text, node->key, node->key_size); break;
    case CANON_KEY_BOOL: text_string(text, *(const uint8_t *)node->key ? "True" : "False"); break;
    case CANON_KEY_NONE: text_string(text, "None"); break;
    case CANON_KEY_FLOAT: real_python(text, value_double(node->key)); break;
    default: text_add(text, node->key, node->key_size); break;
  }
}

/* "~" and "/" as RFC 6901 has them. A path is a C string, so a NUL is c0 80, which no UTF-8 text holds. */
static const char *token_escape(char c) { return c == '~' ? "~0" : c == '/' ? "~1" : c == 0 ? "\xc0\x80" : NULL; }

static void add_escaped(struct text *text, const char *s, size_t n) {
  size_t kept = 0;
  for (size_t i = 0; i < n; i++) {
    const char *escape = token_escape(s[i]);
    if (!escape) continue;
    text_add(text, s + kept, i - kept);
    text_string(text, escape);
    kept = i + 1;
  }
  if (n > kept) text_add(text, s + kept, n - kept);
}

void token_text(struct text *text, const canon_node *node, uint64_t place) {
  if (node->key_kind == CANON_KEY_STR) {
    add_escaped(text, node->key, node->key_size);
    return;
  }
  struct text key = {0};
  key_text(&key, node, place);
  add_escaped(text, key.bytes, key.size);
  text->failed |= key.failed;
  text_free(&key);
}

void path_text(struct text *text, const canon_manifest *manifest, const uint64_t *places, size_t stride,
               uint64_t node) {
  uint64_t chain[CANON_MAX_DEPTH + 1];
  size_t n = 0;
  for (; node; node = model_raw_node(manifest, node).parent) chain[n++] = node;
  while (n--) {
    canon_node below = model_raw_node(manifest, chain[n]);
    text_char(text, '/');
    token_text(text, &below, *(const uint64_t *)(const void *)((const char *)places + chain[n] * stride));
  }
}

/* From a text to the node */

/* One part of a pointer, unescaped, and as the number of a list's item (CANON_NONE: it is none). */
struct part {
  struct text key, scratch;
  uint64_t place;
};

static uint64_t item_number(const struct text *key) {
  uint64_t number = 0;
  if (key->size == 0 || key->size > 19 || (key->size > 1 && key->bytes[0] == '0')) return CANON_NONE;
  for (size_t i = 0; i < key->size; i++) {
    if (key->bytes[i] < '0' || key->bytes[i] > '9') return CANON_NONE;
    number = number * 10 + (uint64_t)(key->bytes[i] - '0');
  }
  return number;
}

/* 0: not escaped as RFC 6901 asks. */
static int part_set(struct part *part, const char *s, size_t n) {
  text_cut(&part->key, 0);
  for (size_t i = 0; i < n; i++) {
    if (s[i] == '~' && (i + 1 == n || (s[i + 1] != '0' && s[i + 1] != '1'))) return 0;
    if (s[i] == '\xc0' && i + 1 < n && s[i + 1] == '\x80') {
      text_char(&part->key, 0);
      i++;
    } else {
      text_char(&part->key, s[i] != '~' ? s[i] : s[++i] == '0' ? '~' : '/');
    }
  }
  part->place = item_number(&part->key);
  return 1;
}

static int is_text(const struct text *text, const void *bytes, uint64_t n) {
  return text->size == n && (n == 0 || memcmp(text->bytes, bytes, n) == 0);
}

static int part_names(struct part *part, const canon_node *node, uint64_t place) {
  if (node->key_kind == CANON_KEY_INDEX) return part->place == place;
  if (node->key_kind == CANON_KEY_STR) return is_text(&part->key, node->key, node->key_size);
  text_cut(&part->scratch, 0);
  key_text(&part->scratch, node, place);
  return is_text(&part->key, part->scratch.bytes, part->scratch.size);
}

/* One step down. */
static void descend(const struct tree *tree, struct part *part, struct lookup *lookup) {
  uint64_t parent = lookup->node;
  lookup->result = LOOKUP_MISSING;
  for (uint64_t i = parent + 1; i < tree->end[parent]; i = tree->end[i]) {
    if (!part_names(part, &tree->nodes[i], tree->place[i])) continue;
    if (lookup->result == LOOKUP_FOUND) {
      lookup->result = LOOKUP_AMBIGUOUS;
      lookup->rival = i;
      return;
    }
    lookup->result = LOOKUP_FOUND;
    lookup->node = i;
  }
}

struct lookup path_lookup(const struct tree *tree, const char *pointer) {
  struct lookup lookup = {.result = *pointer && *pointer != '/' ? LOOKUP_NO_POINTER : LOOKUP_FOUND};
  struct part part = {.place = 0};
  while (lookup.result == LOOKUP_FOUND && *pointer) {
    size_t n = strcspn(pointer + 1, "/");
    if (part_set(&part, pointer + 1, n)) {
      descend(tree, &part, &lookup);
    } else {
      lookup.result = LOOKUP_NO_POINTER;
    }
    if (part.key.failed || part.scratch.failed) lookup.result = LOOKUP_NO_MEMORY;
    pointer += 1 + n;
  }
  text_free(&part.key);
  text_free(&part.scratch);
  return lookup;
}

int32_t tree_find(canon_job *job, const struct tree *tree, const char *pointer, uint64_t *node) {
  struct lookup lookup = path_lookup(tree, pointer);
  if (lookup.result != LOOKUP_FOUND) return path_complain(job, tree, pointer, &lookup);
  *node = lookup.node;
  return CANON_OK;
}

/* What to say of it */

void quoted_text(struct text *text, const char *bytes, size_t n) {
  enum { SHOWN = 200 };
  text_char(text, '"');
  text_add(text, bytes, n < SHOWN ? n : SHOWN);
  text_string(text, n < SHOWN ? "\"" : "...\"");
}

void quoted_path(struct text *text, const struct tree *tree, uint64_t node) {
  struct text path = {0};
  path_text(&path, &tree->manifest, tree->place, sizeof *tree->place, node);
  quoted_text(text, path.bytes, path.size);
  text->failed |= path.failed;
  text_free(&path);
}

static void add_key(struct text *text, const struct tree *tree, uint64_t node) {
  struct text key = {0};
  key_text(&key, &tree->nodes[node], tree->place[node]);
  quoted_text(text, key.bytes, key.size);
  text->failed |= key.failed;
  text_free(&key);
}

static void add_contents(struct text *text, const struct tree *tree, uint64_t node) {
  enum { SHOWN = 5 };
  const canon_node *n = &tree->nodes[node];
  if (node) {
    quoted_path(text, tree, node);
  } else {
    text_string(text, "the root");
  }
  text_printf(text, " is a %s", canon_kind_name(n->kind));
  if (!tree_is_container(n)) return;
  uint64_t count = 0;
  for (uint64_t i = node + 1; i < tree->end[node]; i = tree->end[i], count++) {
    if (count >= SHOWN) continue;
    text_string(text, count ? ", " : " with ");
    add_key(text, tree, i);
  }
  if (count > SHOWN) text_printf(text, " and %" PRIu64 " more", count - SHOWN);
  if (count == 0) text_string(text, " with nothing in it");
}

int32_t path_complain(canon_job *job, const struct tree *tree, const char *pointer, const struct lookup *lookup) {
  struct text text = {0};
  int32_t code = CANON_E_IO;
  switch (lookup->result) {
    case LOOKUP_NO_POINTER:
      code = CANON_E_USAGE;
      quoted_text(&text, pointer, strlen(pointer));
      text_string(
          &text,
          " is no path; a path is a JSON Pointer, as \"/model/weight\", with ~1 for a slash in a key and ~0 for ~");
      break;
    case LOOKUP_AMBIGUOUS:
      quoted_path(&text, tree, lookup->node);
      text_printf(&text,
                  " is the path of two entries, one with a key of kind %s, one of kind %s; name what they lie in",
                  canon_key_kind_name(tree->nodes[lookup->node].key_kind),
                  canon_key_kind_name(tree->nodes[lookup->rival].key_kind));
      break;
    case LOOKUP_MISSING:
      text_string(&text, "nothing at ");
      quoted_text(&text, pointer, strlen(pointer));
      text_string(&text, "; ");
      add_contents(&text, tree, lookup->node);
      break;
    default: return model_no_memory(job);
  }
  return model_fail(job, code, &text);
}
