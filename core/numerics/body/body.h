/* SPDX-License-Identifier: MIT
 * body.h: casts in plain C that a compiler can vectorise. The other kernels are in machine.inc. */
#ifndef CANON_NUMERICS_BODY_BODY_H
#define CANON_NUMERICS_BODY_BODY_H

#include "core/numerics/kernels.h"

cast_kernel body_cast;

#endif
