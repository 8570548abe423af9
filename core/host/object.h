/* SPDX-License-Identifier: MIT
 * object.h: a look at a shared object before it is loaded. */
#ifndef CANON_HOST_OBJECT_H
#define CANON_HOST_OBJECT_H

/* Why a file would not load, where dlopen says something else, waits or dies of it: a pipe, no shared object, one for
 * another machine, one that is cut short. NULL: it may load. mem_free the text. */
char *object_problem(const char *file);

#endif
