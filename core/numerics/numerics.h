/* SPDX-License-Identifier: MIT
 * numerics.h: the service "canon.numerics/1" as the host hands it out. */
#ifndef CANON_NUMERICS_NUMERICS_H
#define CANON_NUMERICS_NUMERICS_H

#include <canon/numerics.h>

const canon_numerics *numerics_service(void);

#endif
