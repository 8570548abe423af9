/* SPDX-License-Identifier: MIT
 * damage.c: files that were cut short or changed. A reader refuses them with a reason, or reads what they now say; it
 * never crashes, hangs, or gives numbers that are not there. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/conform.h"

enum { SMALL = 1 << 20, CHANGES = 1500 };

static const uint64_t most_bytes = (uint64_t)1 << 20; /* of a tensor that are read */

static int of_input(int32_t code) { return code <= CANON_E_MALFORMED; }

static void judge_refusal(const char *how, int32_t code, const char *text, int usage_too) {
  if (of_input(code) || (usage_too && code == CANON_E_USAGE)) return;
  broken("%s: it fails with %" PRId32
         " (%s), but the input is at fault: CANON_E_MALFORMED, UNSUPPORTED, UNSAFE or LIMIT",
         how, code, text);
}

/* Reads a part of every tensor; the first failure ends it. */
static int32_t read_some(struct reading *r, uint64_t most) {
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < r->manifest.n_nodes; i++) {
    uint64_t n = reading_elements(r, i, most);
    uint8_t *dst = n ? need(fence_alloc(n * reading_size(r, i), reading_size(r, i), 0)) : NULL;
    if (dst) code = reading_read(r, r->job, i, 0, n, dst);
    fence_free(dst);
  }
  return code;
}

/* ---- cut short ---- */

struct original {
  uint8_t fingerprint[32];
  struct content *values;
  uint64_t n;
};

/* The whole tree still stands, so every element that is given must be the one that was there. */
static int32_t compare_values(struct reading *r, const struct original *original, const char *how) {
  for (uint64_t i = 0; i < r->manifest.n_nodes; i++) {
    uint64_t n = original->values[i].n;
    if (!n) continue;
    uint8_t *dst = need(fence_alloc(n, reading_size(r, i), 0));
    int32_t code = reading_read(r, r->job, i, 0, n / reading_size(r, i), dst);
    if (!code && memcmp(dst, original->values[i].at, n) != 0)
      broken("%s: it opens as if it were whole, and node %" PRIu64 " has other elements, without an error", how, i);
    fence_free(dst);
    if (code) return code;
  }
  return CANON_OK;
}

static void cut_at(const struct subject *subject, const canon_format *format, const struct input *input, uint64_t size,
                   const struct original *original) {
  char how[400];
  struct reading r;
  uint8_t fingerprint[32];
  snprintf(how, sizeof how, "%s, cut to %" PRIu64 " of %" PRIu64 " bytes", input->label, size, input->size);
  struct input cut = {.path = input->path, .label = how, .bytes = input->bytes, .size = size};
  int32_t code = reading_open(subject, format, &cut, input->bytes, size, &r);
  if (!code) {
    reading_fingerprint(&r, fingerprint);
    int whole = memcmp(fingerprint, original->fingerprint, sizeof fingerprint) == 0;
    code = whole ? compare_values(&r, original, how) : read_some(&r, most_bytes);
  }
  if (code) judge_refusal(how, code, failure_text(r.job), 0);
  reading_close(&r);
  count_case();
}

/* Every length near the ends, and some in between. */
static uint64_t next_cut(uint64_t at, uint64_t size) {
  enum { NEAR = 300, BETWEEN = 200 };
  if (at < NEAR || at + NEAR >= size) return at + 1;
  uint64_t stride = size / BETWEEN + 1;
  return at + stride + NEAR < size ? at + stride : size - NEAR;
}

static void truncate_input(const struct subject *subject, const canon_format *format, const struct input *input) {
  if (input->folder || input->size > SMALL) return;
  struct reading r;
  struct original original = {.n = 0};
  if (reading_open(subject, format, input, input->bytes, input->size, &r)) broken("%s", failure_text(r.job));
  reading_fingerprint(&r, original.fingerprint);
  original.values = reading_values(&r, most_bytes);
  original.n = r.manifest.n_nodes;
  reading_close(&r);
  for (uint64_t at = 0; at < input->size; at = next_cut(at, input->size)) cut_at(subject, format, input, at, &original);
  values_free(original.values, original.n);
}

void rule_truncation(const struct subject *subject) {
  int any = 0;
  for (size_t i = 0; i < subject->n_inputs; i++) any |= !subject->inputs[i].folder && subject->inputs[i].size <= SMALL;
  if (subject->n_inputs && !any) nothing_to_do("no input is a file of at most %d bytes", SMALL);
  each_input(subject, truncate_input);
}

/* ---- changed ---- */

/* One to four places; most of them near the ends, where headers and directories lie. */
static void change(uint8_t *content, uint64_t size, uint64_t *state, char *how, size_t room) {
  static const uint8_t telling[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0x20};
  enum { NEAR = 512 };
  uint64_t places = 1 + next_random(state) % 4;
  int n = 0;
  for (uint64_t i = 0; i < places; i++) {
    uint64_t where = next_random(state) % 4, at = next_random(state);
    if (where == 0 || size <= NEAR) at %= size;
    else if (where == 1) at = size - 1 - at % NEAR;
    else at %= NEAR;
    uint64_t run = next_random(state) % 16 == 0 ? 8 : 1;
    uint64_t pick = next_random(state);
    for (uint64_t k = at; k < at + run && k < size; k++)
      content[k] = pick % 2   ? telling[pick / 2 % sizeof telling]
                   : pick % 4 ? (uint8_t)(content[k] ^ 1u << pick / 4 % 8)
                              : (uint8_t)(pick >> 8);
    if (n >= 0 && (size_t)n < room) n += snprintf(how + n, room - (size_t)n, " %" PRIu64 ":%02x", at, content[at]);
  }
}

static void corrupt_input(const struct subject *subject, const canon_format *format, const struct input *input) {
  if (input->folder || !input->size || input->size > SMALL) return;
  uint64_t state = input->size, cases = CHANGES / (1 + subject->n_inputs / 8);
  uint8_t *content = need(malloc(input->size));
  for (uint64_t i = 0; i < cases; i++) {
    char how[400], places[128] = "";
    struct reading r;
    memcpy(content, input->bytes, input->size);
    change(content, input->size, &state, places, sizeof places);
    snprintf(how, sizeof how, "%s with these bytes changed (place:value):%s", input->label, places);
    struct input changed = {.path = input->path, .label = how, .bytes = content, .size = input->size};
    int32_t code = reading_open(subject, format, &changed, content, input->size, &r);
    if (!code) code = read_some(&r, 1 << 16);
    if (code) judge_refusal(how, code, failure_text(r.job), 1);
    reading_close(&r);
    count_case();
  }
  free(content);
}

void rule_corruption(const struct subject *subject) { each_input(subject, corrupt_input); }
