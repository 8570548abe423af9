/* SPDX-License-Identifier: MIT
 * flat.h: a tree as a flat dict of named tensors, for formats that hold little else. A dict of tensors is one already:
 * its keys are the names, whatever is in them. A deeper tree becomes one by --flatten, which joins the keys. */
#ifndef CANON_FORMATS_FLAT_H
#define CANON_FORMATS_FLAT_H

#include <canon/format.h>

#include "formats/common/arena.h"

typedef enum flat_kind { FLAT_TENSOR, FLAT_BYTES, FLAT_JSON } flat_kind;

typedef struct flat_name {
  const char *text; /* terminated; UTF-8 without NUL */
  uint64_t size;
  uint64_t node;
  flat_kind kind; /* JSON: the node and all below it, which holds no tensor */
} flat_name;

typedef struct flat_names {
  flat_name *all; /* in the order of the tree; with --flatten sorted by bytes */
  uint64_t n;
  arena memory;
} flat_names;

typedef struct flat_rules {
  const char *format;    /* "npz", for messages */
  const char *root_name; /* of a tensor that is the root; NULL: it is refused, with root_help */
  const char *root_help;
  uint64_t except;    /* a node that is left out with what is in it, or CANON_NONE */
  uint64_t name_most; /* bytes of a name */
  int takes_values;   /* bytes are named too, and with --flatten what holds neither tensors nor bytes, as KEY.json */
} flat_rules;

/* Fails by name where the tree is not flat, holds other values, or two nodes would share a name. names starts as all
 * zeros; free it also after a failure. */
int32_t flat_names_make(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                        const flat_rules *rules, flat_names *names);
void flat_names_free(canon_job *job, flat_names *names);

#define FLAT_OPTION_HELP "joins the keys of a deeper tree into names, by SEPARATOR or by /"

#endif
