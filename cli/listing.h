/* SPDX-License-Identifier: MIT
 * listing.h: what info shows of an artifact, gathered before a byte of it is printed, so that a file which fails
 * half-way prints an error and nothing else. */
#ifndef CANON_CLI_LISTING_H
#define CANON_CLI_LISTING_H

#include <canon/canon.h>
#include <stddef.h>

/* A tensor, another leaf, or an empty container. */
struct listing_row {
  const canon_node *node;
  const char *path;
  char *key_kind; /* kinds of the keys on the path, "int/str", where the path alone does not tell them; else NULL */

  /* tensors */
  uint64_t bytes;                  /* its elements, as many as its shape says */
  const struct listing_row *first; /* the first tensor with the same storage, where that is another one */
  const uint8_t *sha256;           /* NULL: not asked for */
  canon_stats stats;

  const char *value; /* leaves: JSON */
};

struct listing {
  const canon_manifest *manifest;
  struct listing_row *tensors, *values;
  uint64_t n_tensors, n_values;
  uint64_t bytes; /* of all tensors */
  canon_digest digest;
};

/* CANON_OK, or the code of the context's failure. */
int32_t listing_fill(struct listing *listing, canon_artifact *artifact, int digest, int stats);
void listing_free(struct listing *listing);

/* To standard output. digest, stats: as for listing_fill. */
void listing_print(const struct listing *listing, const canon_artifact *artifact, int digest, int stats);
void listing_print_json(const struct listing *listing, const canon_artifact *artifact, int digest, int stats);

/* Flags of tensors that are shown, by name. */
struct listing_flag {
  uint32_t flag;
  const char *name;
};

extern const struct listing_flag listing_flags[];
extern const size_t listing_flag_count;

/* The tensor's elements do not lie one behind the other in C order; some of them are one stored element. */
int listing_strided(const canon_node *node);
int listing_expanded(const canon_node *node);

/* "int/str" for a tensor at {0: {"w": ...}}; to be freed. */
char *listing_key_kinds(const canon_manifest *manifest, const canon_node *node);

#endif
