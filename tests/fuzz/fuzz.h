/* SPDX-License-Identifier: MIT
 * fuzz.h: what the fuzz targets share. A target is one file with LLVMFuzzerTestOneInput; see CMakeLists.txt. */
#ifndef CANON_TESTS_FUZZ_H
#define CANON_TESTS_FUZZ_H

#include "tests/support/support.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Opens the bytes as `format`, looks at every node, reads every tensor of up to 1 MiB, closes. Aborts where a promise
 * of format.h is broken: a failure without a text, a node that points outside, memory left behind. option: NULL, or the
 * name of the format's option that gets `value`. */
void fuzz_format(const char *format, const uint8_t *bytes, size_t size, const char *option, const char *value);

#endif
