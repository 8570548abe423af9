/* SPDX-License-Identifier: MIT
 * avx2.c: the body as CMakeLists.txt has it compiled for a CPU with avx2. */
#include "core/numerics/x86/stream.h"

#define MACHINE kernels_avx2
#define MACHINE_ISA "avx2"

#include "core/numerics/body/machine.inc"
