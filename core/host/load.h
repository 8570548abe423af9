/* SPDX-License-Identifier: MIT
 * load.h: shared objects of the plugin path. */
#ifndef CANON_HOST_LOAD_H
#define CANON_HOST_LOAD_H

#include <canon/plugin.h>
#include <stddef.h>

/* Opens a shared object and asks its entry for the table. NULL with *problem (mem_free it) where that cannot be done.
 */
const canon_plugin *load_plugin(const char *file, char **problem);
/* The *.so of a folder, sorted by name; a folder that is not there has none. 0: out of memory. */
int load_list(const char *folder, char ***files, size_t *n);

/* canon/plugins beside the library itself, wherever that was installed or moved to (mem_free it). NULL: not known. */
char *load_installed_folder(void);

#endif
