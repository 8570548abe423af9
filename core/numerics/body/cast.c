/* SPDX-License-Identifier: MIT
 * cast.c (body): elements through doubles, which hold them exactly, to the one rounding at the end; integers to
 * integers as they are. A stretch is read before any of it is written, so y may be x. */
#include "core/numerics/body/body.h"
#include "core/numerics/body/integer.h"
#include "core/numerics/body/real.h"

/* NaNs that are not the canonical one. */
static uint64_t count_dropped(const struct float_layout *layout, const void *x, uint64_t n) {
  const uint8_t *in = x;
  const uint64_t top = layout->infinity ? layout->infinity : layout->largest;
  uint64_t count = 0;
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code = element_load(in + i * layout->size, layout->size);
    count += (code & ~layout->sign) > top && code != layout->nan;
  }
  return count;
}

static int is_integer(uint32_t dtype) { return canon_dtype_kind(dtype) != CANON_KIND_FLOAT; }

int32_t body_cast(uint32_t from, uint32_t to, uint32_t flags, const void *x, void *y, uint64_t n,
                  canon_cast_report *report) {
  const struct float_layout *in_layout = float_layout(from), *out_layout = float_layout(to);
  const int wide_integer = from == CANON_I64 || from == CANON_U64;
  const uint8_t *in = x;
  uint8_t *out = y;
  double values[STRETCH];
  struct real_source source;
  real_source_init(&source, from);
  for (uint64_t first = 0; first < n; first += STRETCH) {
    uint64_t count = n - first < STRETCH ? n - first : STRETCH, done = count;
    const void *stretch = in + first * canon_dtype_size(from);
    void *result = out + first * canon_dtype_size(to);
    if (is_integer(from) && is_integer(to)) {
      done = integer_from_integers(from, to, flags, stretch, count, result, report);
    } else if (wide_integer && to == CANON_F64) {
      integer_to_doubles(from, stretch, count, result, report);
    } else {
      real_load(&source, stretch, count, values);
      if (in_layout && out_layout) report->nan += count_dropped(in_layout, stretch, count);
      done = out_layout ? real_store(out_layout, flags, values, count, result, report)
                        : integer_from_reals(to, flags, values, count, result, report);
    }
    if (done < count) {
      report->refused = first + done;
      return CANON_E_UNSUPPORTED;
    }
  }
  return CANON_OK;
}
