/* SPDX-License-Identifier: MIT
 * reader.c: what a format must do with what it reads: claim it with evidence, tell the same tree each time, and give
 * the same elements however they are asked for. */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/io/source.h"
#include "tests/conform/conform.h"

/* How long a file is, that it ends where its header says, is evidence too; more than so much it is not. */
enum { PROBE_BYTES = 64 << 10, ENOUGH_BITS = 16, SIZE_BITS = 32 };

static const uint64_t most_bytes = (uint64_t)64 << 20; /* of a tensor that are read */

/* ---- probe ---- */

static uint32_t probe(const struct subject *subject, const canon_format *format, canon_job *job,
                      const canon_source *source, const char *label) {
  uint32_t bits = 0xdead;
  (void)subject;
  watch_reading();
  step("%s: probe() of %s", label, format->name);
  bits = 0;
  if (returned(job, "probe()", format->probe(job, source, &bits)))
    broken("%s: probe() fails (%s); what is not its format has 0 bits and is no error", label, failure_text(job));
  if (watch_bytes_read() > PROBE_BYTES)
    broken("%s: probe() read %" PRIu64 " bytes, a probe may read %d", label, watch_bytes_read(), PROBE_BYTES);
  if (bits > 8 * watch_bytes_read() + SIZE_BITS && source_members(source) == CANON_NONE)
    broken("%s: probe() bids %" PRIu32 " bits, but has looked at %" PRIu64 " bytes; bid the bits that you compared",
           label, bits, watch_bytes_read());
  return bits;
}

static void probe_input(const struct subject *subject, const canon_format *format, const struct input *input) {
  canon_job *job = watch_job(subject, input->label);
  canon_source *source;
  int32_t code = input->folder ? source_open(job, input->path, &source)
                               : source_from_memory(job, input->label, input->bytes, input->size, &source);
  if (code) broken("%s", failure_text(job));
  uint32_t first = probe(subject, format, job, source, input->label),
           again = probe(subject, format, job, source, input->label);
  if (first != again) broken("%s: probe() bids %" PRIu32 " bits, then %" PRIu32, input->label, first, again);
  source_close(source);
  watch_job_free(job);
  count_case();
}

/* Whatever these are, they are no format's. */
static void probe_foreign(const struct subject *subject, const canon_format *format) {
  static uint8_t noise[8192];
  static const struct {
    const char *label;
    int fill; /* -1: noise */
    uint64_t size;
  } strangers[] = {{"an empty file", 0, 0},
                   {"a byte", 'x', 1},
                   {"8 zeros", 0, 8},
                   {"zeros", 0, sizeof noise},
                   {"0xff throughout", 0xff, sizeof noise},
                   {"a line of text", 'x', 80},
                   {"noise", -1, sizeof noise},
                   {"a little noise", -1, 13}};
  uint64_t state = 1;
  for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
    memset(noise, strangers[i].fill, sizeof noise);
    for (size_t k = 0; strangers[i].fill < 0 && k < sizeof noise; k++) noise[k] = (uint8_t)next_random(&state);
    canon_job *job = watch_job(subject, strangers[i].label);
    canon_source *source;
    if (source_from_memory(job, "stranger", noise, strangers[i].size, &source)) no_memory();
    uint32_t bits = probe(subject, format, job, source, strangers[i].label);
    if (bits >= ENOUGH_BITS)
      broken("probe() of %s claims %s with %" PRIu32 " bits", format->name, strangers[i].label, bits);
    source_close(source);
    watch_job_free(job);
    count_case();
  }
}

void rule_probe(const struct subject *subject) {
  const canon_format *format;
  if (own_format(subject, 0) && !subject->n_inputs)
    broken("there is nothing to read: it wrote none of the trees that it was offered; name a FILE that it reads");
  each_input(subject, probe_input);
  for (uint64_t i = 0; (format = own_format(subject, i)); i++)
    if (!(format->flags & CANON_FORMAT_FOLDER)) probe_foreign(subject, format);
}

/* ---- manifest ---- */

static void open_well(const struct subject *subject, const canon_format *format, const struct input *input,
                      struct reading *reading) {
  if (reading_open(subject, format, input, input->bytes, input->size, reading))
    broken("%s", failure_text(reading->job));
}

static void manifest_of(const struct subject *subject, const canon_format *format, const struct input *input) {
  struct reading first, second;
  uint8_t a[32], b[32];
  open_well(subject, format, input, &first);
  open_well(subject, format, input, &second);
  reading_fingerprint(&first, a);
  reading_fingerprint(&second, b);
  if (memcmp(a, b, sizeof a) != 0) broken("%s: opened twice, it is not the same tree", input->label);
  reading_close(&first);
  reading_fingerprint(&second, a);
  if (memcmp(a, b, sizeof a) != 0)
    broken("%s: its manifest changed when another reader of the same file was closed", input->label);
  reading_close(&second);
  count_case();
}

void rule_manifest(const struct subject *subject) { each_input(subject, manifest_of); }

/* ---- read ---- */

static void compare(const struct input *input, uint64_t node, const uint8_t *whole, const uint8_t *part, uint64_t n,
                    uint32_t size, uint64_t first, uint64_t count, const char *how) {
  uint64_t i = 0;
  while (i < n && whole[i] == part[i]) i++;
  if (i < n)
    broken("%s: element %" PRIu64 " of node %" PRIu64 " is not the same when elements %" PRIu64 " to %" PRIu64
           " are read %s",
           input->label, first + i / size, node, first, first + count - 1, how);
}

/* Ascending pieces of 1, 2, 3, 5, 8, ... elements. Their memory is filled otherwise than that of the whole, so that an
 * element nobody wrote shows. */
static void read_in_pieces(struct reading *r, const struct input *input, uint64_t node, const struct content *whole) {
  uint32_t size = reading_size(r, node);
  uint64_t elements = whole->n / size, count = 1, before = 1;
  for (uint64_t first = 0; first < elements;) {
    if (count > elements - first) count = elements - first;
    uint8_t *part = need(fence_alloc(count * size, size, 0x5a));
    if (reading_read(r, r->job, node, first, count, part)) broken("%s", failure_text(r->job));
    compare(input, node, whole->at + first * size, part, count * size, size, first, count,
            "in pieces, with other contents in dst before");
    fence_free(part);
    first += count;
    uint64_t next = count + before;
    before = count;
    count = next;
  }
}

static void read_input(const struct subject *subject, const canon_format *format, const struct input *input) {
  struct reading first, second;
  open_well(subject, format, input, &first);
  struct content *values = reading_values(&first, most_bytes);
  open_well(subject, format, input, &second);
  for (uint64_t i = 0; i < second.manifest.n_nodes; i++)
    if (values[i].at) read_in_pieces(&second, input, i, &values[i]);
  uint64_t n = first.manifest.n_nodes;
  reading_close(&first);
  reading_close(&second);
  values_free(values, n);
  count_case();
}

void rule_read(const struct subject *subject) { each_input(subject, read_input); }

/* ---- threads ---- */

struct crossing {
  struct reading *reading;
  const struct input *input;
  const struct content *values;
  uint64_t pieces;
};

enum { PIECE = 61 }; /* elements; in step with nothing */

static void read_piece(const struct crossing *c, canon_job *job, uint64_t node, uint64_t piece) {
  uint32_t size = reading_size(c->reading, node);
  uint64_t elements = c->values[node].n / size, first = piece * PIECE,
           count = elements - first < PIECE ? elements - first : PIECE;
  uint8_t part[PIECE * 16];
  memset(part, 0x5a, sizeof part);
  if (reading_read(c->reading, job, node, first, count, part)) broken("%s: %s", c->input->label, failure_text(job));
  compare(c->input, node, c->values[node].at + first * size, part, count * size, size, first, count,
          "from several threads in any order");
}

/* Piece i of all tensors, counted from the last one back. */
static int32_t read_backwards(canon_job *job, void *ctx, uint64_t i) {
  const struct crossing *c = ctx;
  for (uint64_t node = c->reading->manifest.n_nodes; node-- > 0;) {
    if (!c->values[node].at) continue;
    uint64_t elements = c->values[node].n / reading_size(c->reading, node), pieces = (elements + PIECE - 1) / PIECE;
    if (i < pieces) read_piece(c, job, node, pieces - 1 - i);
  }
  return CANON_OK;
}

static uint64_t most_pieces(const struct reading *r, const struct content *values) {
  uint64_t most = 0;
  for (uint64_t i = 0; i < r->manifest.n_nodes; i++) {
    uint64_t pieces = values[i].at ? (values[i].n / reading_size(r, i) + PIECE - 1) / PIECE : 0;
    if (pieces > most) most = pieces;
  }
  return most;
}

/* A format that reads in order may still be opened on one thread and read on another. */
static void *read_elsewhere(void *argument) {
  const struct crossing *c = argument;
  for (uint64_t i = 0; i < c->reading->manifest.n_nodes; i++)
    if (c->values[i].at) read_in_pieces(c->reading, c->input, i, &c->values[i]);
  return NULL;
}

static void threads_of(const struct subject *subject, const canon_format *format, const struct input *input) {
  static const uint64_t most = 1 << 20;
  struct reading whole, r;
  open_well(subject, format, input, &whole);
  struct content *values = reading_values(&whole, most);
  uint64_t n = whole.manifest.n_nodes;
  reading_close(&whole);
  open_well(subject, format, input, &r);
  struct crossing c = {.reading = &r, .input = input, .values = values};
  if (format->flags & CANON_FORMAT_RANDOM) {
    step("%s: read() from several threads", input->label);
    if (r.job->host->parallel(r.job, most_pieces(&r, values), read_backwards, &c)) broken("%s", failure_text(r.job));
  } else {
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_elsewhere, &c)) broken("canon-conform cannot start a thread");
    pthread_join(thread, NULL);
  }
  reading_close(&r);
  values_free(values, n);
  count_case();
}

void rule_threads(const struct subject *subject) { each_input(subject, threads_of); }
