/* SPDX-License-Identifier: MIT
 * npy_fortran.c: turns a Fortran-ordered array into C order, once, box by box.
 * Reversing all axes makes neighbours of one order strangers in the other: read in C order from the file, each element
 * would cost a seek. A box of 16 MiB is cut so that its runs are long in both orders; each byte is read once and
 * written once. What fits one box stays in memory, more goes to a scratch file. */
#include <string.h>

#include "formats/common/npy_header.h"

#define BOX_BYTES (UINT64_C(16) << 20)
#define TILE 32 /* elements on a side of a tile that the caches hold */

/* A box of an array whose axis 0 varies fastest. */
typedef struct box {
  uint32_t rank;
  uint64_t shape[CANON_MAX_RANK];  /* of the array */
  uint64_t start[CANON_MAX_RANK];  /* of the box in it */
  uint64_t extent[CANON_MAX_RANK]; /* of the box */
} box;

/* Where the runs of a box come from or go to. */
typedef struct place {
  canon_job *job;
  const canon_source *source; /* read from it, or, where it is NULL, ... */
  canon_sink *sink;           /* ... write here */
  uint64_t origin;            /* byte of element 0 */
} place;

static uint32_t squeeze(const npy_header *header, uint64_t *shape) {
  uint32_t rank = 0;
  for (uint32_t i = 0; i < header->rank; i++)
    if (header->shape[i] != 1) shape[rank++] = header->shape[i];
  return rank;
}

int npy_fortran_differs(const npy_header *header) {
  uint64_t shape[CANON_MAX_RANK];
  return header->fortran && header->elements && squeeze(header, shape) > 1;
}

/* Elements that lie in one piece at the front (step 1) or the back (step -1) of the axes. */
static uint64_t run_of(const uint64_t *extent, const uint64_t *shape, uint32_t rank, int from_back) {
  uint64_t run = 1;
  for (uint32_t i = 0; i < rank; i++) {
    uint32_t axis = from_back ? rank - 1 - i : i;
    run *= extent[axis];
    if (extent[axis] < shape[axis]) break;
  }
  return run;
}

/* Doubles the extent at whichever end has the shorter runs, until the box is full or is the whole array. */
static void choose_extent(const uint64_t *shape, uint32_t rank, uint64_t limit, uint64_t *extent) {
  uint32_t front = 0, back = rank - 1;
  uint64_t elements = 1;
  for (uint32_t i = 0; i < rank; i++) extent[i] = 1;
  for (;;) {
    while (front < rank && extent[front] == shape[front]) front++;
    if (front == rank) return;
    while (extent[back] == shape[back]) back--;
    uint32_t axis = run_of(extent, shape, rank, 0) <= run_of(extent, shape, rank, 1) ? front : back;
    uint64_t grown = shape[axis] - extent[axis] < extent[axis] ? shape[axis] : 2 * extent[axis];
    if (elements / extent[axis] * grown > limit) return;
    elements = elements / extent[axis] * grown;
    extent[axis] = grown;
  }
}

/* Next index below extent, first axis fastest; 0 after the last one. */
static int advance(uint64_t *index, const uint64_t *extent, uint32_t first, uint32_t rank) {
  for (uint32_t i = first; i < rank; i++) {
    if (++index[i] < extent[i]) return 1;
    index[i] = 0;
  }
  return 0;
}

/* Moves the box between its dense buffer and its place, run by run. */
static int32_t move_runs(const place *at, const box *b, uint32_t size, uint8_t *buffer) {
  const canon_host *host = at->job->host;
  uint64_t run = run_of(b->extent, b->shape, b->rank, 0) * size;
  uint64_t index[CANON_MAX_RANK] = {0};
  uint32_t outer = 0;
  while (outer < b->rank && b->extent[outer] == b->shape[outer]) outer++;
  if (outer < b->rank) outer++;
  do {
    uint64_t offset = 0;
    for (uint32_t i = b->rank; i-- > 0;) offset = offset * b->shape[i] + b->start[i] + index[i];
    offset = at->origin + offset * size;
    int32_t code = at->source ? host->source_read(at->job, at->source, offset, buffer, run)
                              : host->sink_write(at->job, at->sink, offset, buffer, run);
    if (code) return code;
    buffer += run;
  } while (advance(index, b->extent, outer, b->rank));
  return CANON_OK;
}

/* out[row * out_step + column] = in[column * in_step + row], tile by tile. */
static inline void turn_plane(const uint8_t *in, uint8_t *out, uint64_t rows, uint64_t columns, uint64_t in_step,
                              uint64_t out_step, uint32_t size) {
  for (uint64_t row0 = 0; row0 < rows; row0 += TILE)
    for (uint64_t column0 = 0; column0 < columns; column0 += TILE) {
      uint64_t row_end = rows - row0 < TILE ? rows : row0 + TILE;
      uint64_t column_end = columns - column0 < TILE ? columns : column0 + TILE;
      for (uint64_t row = row0; row < row_end; row++)
        for (uint64_t column = column0; column < column_end; column++)
          memcpy(out + (row * out_step + column) * size, in + (column * in_step + row) * size, size);
    }
}

/* The dense box in Fortran order becomes the dense box in C order: planes of first and last axis. */
static void turn_box(const box *b, uint32_t size, const uint8_t *in, uint8_t *out) {
  uint32_t last = b->rank - 1;
  uint64_t index[CANON_MAX_RANK] = {0};
  uint64_t rows = b->extent[0], columns = b->extent[last], in_step = 1, out_step = 1;
  for (uint32_t i = 0; i < last; i++) {
    in_step *= b->extent[i];
    out_step *= b->extent[i + 1];
  }
  do {
    uint64_t in_plane = 0, out_plane = 0;
    for (uint32_t i = last; i-- > 1;) in_plane = in_plane * b->extent[i] + index[i];
    for (uint32_t i = 1; i < last; i++) out_plane = out_plane * b->extent[i] + index[i];
    const uint8_t *from = in + in_plane * rows * size;
    uint8_t *to = out + out_plane * columns * size;
    switch (size) {
      case 1: turn_plane(from, to, rows, columns, in_step, out_step, 1); break;
      case 2: turn_plane(from, to, rows, columns, in_step, out_step, 2); break;
      case 4: turn_plane(from, to, rows, columns, in_step, out_step, 4); break;
      case 8: turn_plane(from, to, rows, columns, in_step, out_step, 8); break;
      default: turn_plane(from, to, rows, columns, in_step, out_step, size); break;
    }
  } while (advance(index, b->extent, 1, last));
}

/* The same box seen from C order: its last axis varies fastest. */
static box reversed(const box *b) {
  box r = {.rank = b->rank};
  for (uint32_t i = 0; i < b->rank; i++) {
    r.shape[i] = b->shape[b->rank - 1 - i];
    r.start[i] = b->start[b->rank - 1 - i];
    r.extent[i] = b->extent[b->rank - 1 - i];
  }
  return r;
}

/* All boxes in Fortran order of their places: source -> in -> out -> sink. */
static int32_t turn_to_scratch(const place *from, const place *to, box *b, uint32_t size, uint8_t *in, uint8_t *out) {
  canon_job *job = from->job;
  uint64_t full[CANON_MAX_RANK], grid[CANON_MAX_RANK], index[CANON_MAX_RANK] = {0};
  for (uint32_t i = 0; i < b->rank; i++) {
    full[i] = b->extent[i];
    grid[i] = (b->shape[i] - 1) / full[i] + 1;
  }
  do {
    for (uint32_t i = 0; i < b->rank; i++) {
      b->start[i] = index[i] * full[i];
      b->extent[i] = b->shape[i] - b->start[i] < full[i] ? b->shape[i] - b->start[i] : full[i];
    }
    int32_t code = move_runs(from, b, size, in);
    if (code) return code;
    turn_box(b, size, in, out);
    box c = reversed(b);
    code = move_runs(to, &c, size, out);
    if (code) return code;
    code = job->host->tick(job, 0, 0); /* only whether to stop: the progress is that of the reads */
    if (code) return code;
  } while (advance(index, grid, 0, b->rank));
  return CANON_OK;
}

int32_t npy_fortran_turn(canon_job *job, const npy_bytes *array, const npy_header *header, npy_fortran *turned) {
  uint32_t size = canon_dtype_size(header->dtype);
  box b = {0};
  b.rank = squeeze(header, b.shape);
  choose_extent(b.shape, b.rank, BOX_BYTES / size, b.extent);
  uint64_t bytes = size;
  for (uint32_t i = 0; i < b.rank; i++) bytes *= b.extent[i];

  uint8_t *in = canon_alloc(job, bytes);
  uint8_t *out = in ? canon_alloc(job, bytes) : NULL;
  place from = {job, array->source, NULL, array->start + header->data}, to = {job, NULL, NULL, 0};
  int32_t code = out ? CANON_OK : canon_failed(job);
  if (!code && bytes == header->bytes) {
    code = move_runs(&from, &b, size, in);
    if (!code) {
      turn_box(&b, size, in, out);
      turned->memory = out;
      out = NULL;
    }
  } else if (!code) {
    code = job->host->scratch(job, &to.sink, &turned->scratch);
    if (!code) code = turn_to_scratch(&from, &to, &b, size, in, out);
  }
  canon_free(job, out);
  canon_free(job, in);
  return code;
}
