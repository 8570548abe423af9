/* SPDX-License-Identifier: MIT
 * name.c: "torch-2.8.0", "torch-2.7/default", "torch-2.8/threads=2": which torch's bits are meant. */
#include <stddef.h>
#include <string.h>

#include "core/numerics/torch/torch.h"

/* The minor versions of a major one whose kernels are known. */
static const struct { uint32_t major, first, last; } known[] = {{1, 13, 13}, {2, 0, 15}};

enum { MAX_THREADS = 1024 };

static const char unknown_version[] = "canon knows torch 1.13 to 2.15, written torch-2.8 or torch-2.8.0";
static const char unknown_suffix[] =
    "behind the version may stand /default (no AVX), /avx2 or /avx512, and /threads=N with N from 1 to 1024";
static const char never_run[] =
    "where torch 2.0 and older are told to use AVX-512 they add in an order that was never compared with canon's";

static int take(const char **at, const char *text) {
  size_t n = strlen(text);
  if (strncmp(*at, text, n) != 0) return 0;
  *at += n;
  return 1;
}

/* A decimal number below 10000, without leading zeros. */
static int take_number(const char **at, uint32_t *number) {
  const char *start = *at;
  uint32_t value = 0;
  for (; **at >= '0' && **at <= '9' && *at - start < 4; (*at)++) value = 10 * value + (uint32_t)(**at - '0');
  if (*at == start || (*start == '0' && *at - start > 1) || (**at >= '0' && **at <= '9')) return 0;
  *number = value;
  return 1;
}

static int take_version(const char **at, uint32_t *version) {
  uint32_t major, minor, patch = 0;
  if (!take(at, "torch-") || !take_number(at, &major) || !take(at, ".") || !take_number(at, &minor)) return 0;
  if (take(at, ".") && (!take_number(at, &patch) || patch > 99)) return 0;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    if (known[i].major == major && known[i].first <= minor && minor <= known[i].last) {
      *version = TORCH_VERSION(major, minor);
      return **at == '\0' || **at == '/';
    }
  }
  return 0;
}

static int take_capability(const char **at, uint32_t *capability) {
  static const struct {
    const char *name;
    uint32_t capability;
  } names[] = {{"/default", CANON_TORCH_DEFAULT}, {"/avx2", CANON_TORCH_AVX2}, {"/avx512", CANON_TORCH_AVX512}};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const char *end = *at;
    if (!take(&end, names[i].name) || (*end && *end != '/')) continue;
    *at = end;
    *capability = names[i].capability;
    return 1;
  }
  return 0;
}

const char *torch_parse(const char *name, canon_torch *torch) {
  canon_torch parsed = {.struct_size = sizeof parsed, .capability = CANON_TORCH_AVX2, .threads = 1};
  uint32_t size = torch->struct_size;
  if (!take_version(&name, &parsed.version)) return unknown_version;
  take_capability(&name, &parsed.capability);
  if (take(&name, "/threads=") && (!take_number(&name, &parsed.threads) || parsed.threads < 1)) return unknown_suffix;
  if (*name || parsed.threads > MAX_THREADS) return unknown_suffix;
  if (parsed.capability == CANON_TORCH_AVX512 && parsed.version < TORCH_VERSION(2, 1)) return never_run;
  parsed.struct_size = size;
  memcpy(torch, &parsed, size < sizeof parsed ? size : sizeof parsed);
  return NULL;
}
