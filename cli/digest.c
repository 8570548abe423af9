/* SPDX-License-Identifier: MIT
 * digest.c: canon digest: digests of one file after the other, as a list that canon verify reads, or as JSON. */
#include "cli/artifact.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/sums.h"
#include "cli/verbs.h"

static void print_list(canon_artifact *artifact, const canon_digest *digest, const cli_options *options) {
  const char *name = canon_artifact_name(artifact);
  if (!options->tree && !options->each) sums_print(SUM_TENSORS, name, "", digest->tensors);
  if (options->tree) sums_print(SUM_TREE, name, "", digest->tree);
  for (uint64_t i = 0; options->each && i < canon_artifact_manifest(artifact)->n_nodes; i++) {
    if (!artifact_is_tensor(artifact, i)) continue;
    const char *path = canon_artifact_path(artifact, i);
    if (!path) report_out_of_memory();
    sums_print(SUM_TENSOR, name, path, canon_artifact_sha256(artifact, i));
  }
}

static void print_json(canon_artifact *artifact, const canon_digest *digest, const cli_options *options) {
  json_writer json = {0};
  json_open(&json, NULL, '{');
  json_string(&json, "schema", "canon.digest/1");
  json_string(&json, "file", canon_artifact_name(artifact));
  json_string(&json, "format", canon_artifact_format(artifact));
  json_open(&json, "digest", '{');
  json_hex(&json, sum_names[SUM_TENSORS], digest->tensors, sizeof digest->tensors);
  json_hex(&json, sum_names[SUM_TREE], digest->tree, sizeof digest->tree);
  json_close(&json, '}');
  if (options->each) json_open(&json, "tensors", '[');
  for (uint64_t i = 0; options->each && i < canon_artifact_manifest(artifact)->n_nodes; i++) {
    if (!artifact_is_tensor(artifact, i)) continue;
    const char *path = canon_artifact_path(artifact, i);
    if (!path) report_out_of_memory();
    json_open(&json, NULL, '{');
    json_string(&json, "path", path);
    json_hex(&json, "sha256", canon_artifact_sha256(artifact, i), SUM_BYTES);
    json_close(&json, '}');
  }
  if (options->each) json_close(&json, ']');
  json_close(&json, '}');
  json_end(&json);
}

static int digest_file(canon_context *context, const char *name, const cli_options *options) {
  int status;
  canon_artifact *artifact = artifact_open(context, name, options, &status);
  if (!artifact) return status;
  canon_digest digest;
  status = artifact_digest(context, artifact, &digest);
  if (!status) (options->json ? print_json : print_list)(artifact, &digest, options);
  canon_artifact_close(artifact);
  return status;
}

int digest_run(canon_context *context, const cli_options *options) {
  if (!options->operands.n) {
    report_error("digest needs a FILE; see canon help digest");
    return 2;
  }
  int worst = 0;
  for (size_t i = 0; i < options->operands.n && !report_broken(); i++) {
    int status = digest_file(context, options->operands.items[i], options);
    if (status > worst) worst = status;
  }
  return worst;
}
