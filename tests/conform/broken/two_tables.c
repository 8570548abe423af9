/* SPDX-License-Identifier: MIT
 * two_tables.c: gives another table each time that it is asked. */
#include "one.h"

#define ONE_ENTRY
#include "one_plugin.h"

static const canon_facet facets[] = {{CANON_FORMAT_FACET, &one_format}};
#define TABLE                                                                                                      \
  {                                                                                                                \
    sizeof(canon_plugin), CANON_ABI_MAJOR, CANON_ABI_MINOR, "org.example.one", "1.0.0", "MIT", "bytes", facets, 1, \
        sizeof(canon_facet), 0                                                                                     \
  }
static const canon_plugin tables[2] = {TABLE, TABLE};
static int asked;
CANON_PLUGIN_ENTRY(&tables[asked++ % 2])
