/* SPDX-License-Identifier: MIT
 * dtype.h: dtypes by name, as people and other programs spell them. */
#ifndef CANON_MODEL_DTYPE_H
#define CANON_MODEL_DTYPE_H

#include <stdint.h>

/* The dtype of a name in any case: as canon prints it ("f16"), as torch and numpy call it ("float16", "half",
 * "torch.float16", "numpy.float16"), as safetensors does ("F16", "F8_E4M3"). 0: no such name, or one that means
 * different types in different programs ("float", "int", "byte"), unless "torch." stands before it. */
uint32_t canon_dtype_parse(const char *text);

#endif
