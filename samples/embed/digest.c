/* SPDX-License-Identifier: MIT
 * digest.c: a program on libcanon: opens each file that it is given and prints its tensors, their SHA-256 and the
 * digest of all of them, whatever the format. */
#include <canon/canon.h>
#include <inttypes.h>
#include <stdio.h>

static void print_hex(const uint8_t bytes[32]) {
  for (int i = 0; i < 32; i++) printf("%02x", bytes[i]);
}

static void print_tensor(canon_artifact *artifact, uint64_t i, const canon_node *node) {
  print_hex(canon_artifact_sha256(artifact, i));
  printf("  %s [", canon_dtype_name(node->dtype));
  for (uint32_t k = 0; k < node->rank; k++) printf("%s%" PRIu64, k ? ", " : "", node->shape[k]);
  printf("] %s\n", canon_artifact_path(artifact, i));
}

static int32_t print_artifact(canon_context *context, const char *name) {
  canon_artifact *artifact;
  canon_digest digest;
  int32_t code = canon_artifact_open(context, name, NULL, &artifact);
  if (code) return code;
  code = canon_artifact_digest(artifact, &digest);
  const canon_manifest *manifest = canon_artifact_manifest(artifact);
  for (uint64_t i = 0; !code && i < manifest->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(manifest, i);
    if (node->kind == CANON_NODE_TENSOR) print_tensor(artifact, i, node);
  }
  if (!code) {
    print_hex(digest.tensors);
    printf("  %s, %s\n", name, canon_artifact_format(artifact));
  }
  canon_artifact_close(artifact);
  return code;
}

int main(int argc, char **argv) {
  canon_context *context = canon_context_new();
  int status = 0;
  if (!context || canon_context_load(context, NULL, 0)) return 2;
  for (int i = 1; i < argc; i++) {
    int32_t code = print_artifact(context, argv[i]);
    if (code) fprintf(stderr, "digest: %s\n", canon_context_error(context)->text);
    if (canon_status_of(code) > status) status = canon_status_of(code);
  }
  canon_context_free(context);
  return status;
}
