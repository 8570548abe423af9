/* SPDX-License-Identifier: MIT
 * object.h: a look at a shared object before it is loaded. */
#ifndef CANON_HOST_OBJECT_H
#define CANON_HOST_OBJECT_H

/* Why an ELF file would not load, where dlopen says something else or dies of it: another machine, cut short. NULL: it
 * may load, and what is no ELF file is left to dlopen. mem_free the text. */
char *object_problem(const char *file);

#endif
