/* SPDX-License-Identifier: MIT
 * sse2.c: the body as CMakeLists.txt has it compiled for a CPU with sse2. */
#include "core/numerics/x86/stream.h"

#define MACHINE kernels_sse2
#define MACHINE_ISA "sse2"

#include "core/numerics/body/machine.inc"
