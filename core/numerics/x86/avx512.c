/* SPDX-License-Identifier: MIT
 * avx512.c: the body as CMakeLists.txt has it compiled for a CPU with avx512. */
#include "core/numerics/x86/stream.h"

#define MACHINE kernels_avx512
#define MACHINE_ISA "avx512"

#include "core/numerics/body/machine.inc"
