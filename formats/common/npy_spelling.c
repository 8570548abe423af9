/* SPDX-License-Identifier: MIT
 * npy_spelling.c: the header's text as numpy.save spells it, for the writer and to recognise what NumPy has written. */
#include <string.h>

#include "formats/common/npy_header.h"

enum { ALIGNMENT = 64, GROWTH = 21 /* NumPy leaves room for the first dimension to grow to this many digits */ };

uint32_t npy_spell(const char *descr, uint32_t fortran, const uint64_t *shape, uint32_t rank,
                   char text[NPY_TEXT_BYTES]) {
  int n = snprintf(text, NPY_TEXT_BYTES, "{'descr': '%s', 'fortran_order': %s, 'shape': (", descr,
                   fortran ? "True" : "False");
  for (uint32_t i = 0; i < rank; i++)
    n += snprintf(text + n, NPY_TEXT_BYTES - (size_t)n, "%s%" PRIu64, i ? ", " : "", shape[i]);
  n += snprintf(text + n, NPY_TEXT_BYTES - (size_t)n, "%s), }", rank == 1 ? "," : "");
  return (uint32_t)n;
}

/* numpy.save gives every descr a byte order, and the one-byte ones "|". */
static int is_numpys_order(const char *descr) {
  int is_byte = descr[2] == '1' && !descr[3] && (descr[1] == 'b' || descr[1] == 'i' || descr[1] == 'u');
  return is_byte ? descr[0] == '|' : descr[0] == '<' || descr[0] == '>';
}

/* NumPy pads with spaces and one newline to a multiple of 16, since 1.14 of 64. */
int npy_is_spelled_by_numpy(const npy_header *header, const char *text, uint64_t size) {
  if (!is_numpys_order(header->descr)) return 0;
  char spelled[NPY_TEXT_BYTES];
  uint32_t n = npy_spell(header->descr, header->fortran, header->shape, header->rank, spelled);
  uint64_t preamble = header->version == 1 ? 10 : 12;
  if (size <= n || memcmp(text, spelled, n) != 0 || text[size - 1] != '\n' || (preamble + size) % 16 != 0) return 0;
  for (uint64_t i = n; i < size - 1; i++)
    if (text[i] != ' ') return 0;
  return 1;
}

static uint64_t digits_of(uint64_t number) {
  uint64_t digits = 1;
  for (; number > 9; number /= 10) digits++;
  return digits;
}

/* Version 1.0 always: the 64 dimensions that a tensor may have fit its header. */
uint64_t npy_compose(const canon_node *tensor, const char *descr, char header[NPY_LONGEST_WRITTEN]) {
  char *text = header + 10;
  uint64_t size = npy_spell(descr, 0, tensor->shape, tensor->rank, text);
  uint64_t growth = tensor->rank ? GROWTH - digits_of(tensor->shape[0]) : 0;
  uint64_t total = (10 + size + growth + 1) / ALIGNMENT * ALIGNMENT + ALIGNMENT;
  memset(text + size, ' ', total - 10 - size);
  header[total - 1] = '\n';
  memcpy(header, NPY_MAGIC "\x01\x00", 8);
  header[8] = (char)((total - 10) & 0xff);
  header[9] = (char)((total - 10) >> 8);
  return total;
}
