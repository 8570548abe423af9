/* SPDX-License-Identifier: MIT
 * foreign.h: names what people hand to canon by mistake. */
#ifndef CANON_HOST_FOREIGN_H
#define CANON_HOST_FOREIGN_H

#include <stdint.h>

/* "an HTML page; ...": what it is and what to do, or NULL. */
const char *foreign_name(const uint8_t *head, uint64_t size);

#endif
