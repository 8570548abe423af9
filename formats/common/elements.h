/* SPDX-License-Identifier: MIT
 * elements.h: elements as they lie in a file become the machine's own. Used by the formats that keep them plainly. */
#ifndef CANON_FORMATS_ELEMENTS_H
#define CANON_FORMATS_ELEMENTS_H

#include <canon/plugin.h>

/* Numbers of either byte order into the machine's; of a complex number each part. */
void elements_to_machine(uint32_t dtype, int is_big_endian, void *values, uint64_t bytes);
/* The first bool that is neither 0 nor 1, or n. */
uint64_t elements_odd_bool(const uint8_t *values, uint64_t n);

#endif
