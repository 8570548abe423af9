/* SPDX-License-Identifier: MIT
 * pickle_unsafe.h: names that a file of data has no use for. Whether a name is on this list decides only whether a file
 * is refused as hostile or shows an object that canon does not interpret: no name is ever called. Used by pickle.c. */
#ifndef CANON_FORMATS_PICKLE_UNSAFE_H
#define CANON_FORMATS_PICKLE_UNSAFE_H

#include <stdint.h>

/* Does the name start programs, run code, reach files or the network? Names are not terminated. */
int pickle_is_unsafe(const char *module, uint64_t module_size, const char *name, uint64_t name_size);

#endif
