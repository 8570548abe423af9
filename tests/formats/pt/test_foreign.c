/* SPDX-License-Identifier: MIT
 * test_foreign.c: what is called .pt and is none is refused by its right name. */
#include "tests/formats/pt/pt_file.h"

static void other_torch_files_are_refused_by_name(void **state) {
  (void)state;
  static const struct {
    const char *file, *because;
  } FILES[] = {{"leg_count.pt", "a legacy torch file"},
               {"leg_evil.pt", "a legacy torch file"},
               {"tar_cut.pt", "a tar file of torch 0.1"},
               {"tar_evil.pt", "a tar file of torch 0.1"},
               {"pytorch1.pt", "the container PYTORCH1"}};
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    char path[128];
    size_t size;
    snprintf(path, sizeof path, "corpus/formats/damaged/%s", FILES[i].file);
    uint8_t *file = support_slurp(path, &size);
    expect_refused(file, size, CANON_E_UNSUPPORTED, FILES[i].because);
    free(file);
  }
}

static void archives_that_hold_programs_are_refused_by_name(void **state) {
  (void)state;
  static const struct {
    const char *record, *because;
  } ARCHIVES[] = {{"m/constants.pkl", "a TorchScript archive"},
                  {"m/archive_format", "a torch.export archive"},
                  {"m/models/model.json", "a torch.export archive"},
                  {"m/serialized_exported_program.json", "a torch.export archive"},
                  {"m/.data/extern_modules", "a torch.package archive"}};
  for (size_t i = 0; i < sizeof ARCHIVES / sizeof *ARCHIVES; i++) {
    craft_member members[] = {craft_stored("m/data.pkl", "\x80\x02N.", 4), craft_stored("m/version", "3\n", 2),
                              craft_stored(ARCHIVES[i].record, "x", 1)};
    craft_archive(&pt_archive, members, 3);
    expect_refused(pt_archive.bytes, pt_archive.size, CANON_E_UNSUPPORTED, ARCHIVES[i].because);
  }
}

static void a_bare_pickle_is_refused_and_first_looked_through(void **state) {
  (void)state;
  static const char HARMLESS[] = "\x80\x02N.", UNSAFE[] = "cos\nsystem\n(S'true'\ntR.";
  expect_refused(HARMLESS, sizeof HARMLESS - 1, CANON_E_UNSUPPORTED, "a pickle that no torch.save wrote");
  expect_refused(UNSAFE, sizeof UNSAFE - 1, CANON_E_UNSAFE, "it asks for os.system");
}

/* The host tells these apart for every format; pt alone must not take them for archives. */
static void files_of_other_programs_are_not_taken_for_torchs(void **state) {
  (void)state;
  static const char *const FILES[] = {
      "lfs.pt", "html.pt", "safetensors_named.pt", "npy_named.pt", "hdf5.pt", "gzip.pt", "empty.pt", "zeros.pt"};
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    char path[128];
    size_t size;
    uint32_t bits = 1;
    snprintf(path, sizeof path, "corpus/formats/damaged/%s", FILES[i]);
    uint8_t *file = support_slurp(path, &size);
    canon_job *job = support_job();
    assert_int_equal(support_format("pt")->probe(job, support_source(job, file, size), &bits), CANON_OK);
    if (bits) fail_msg("%s is taken for a torch file", FILES[i]);
    support_job_free(job);
    expect_refused(file, size, CANON_E_MALFORMED, "zip archive");
    free(file);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(other_torch_files_are_refused_by_name),
      cmocka_unit_test(archives_that_hold_programs_are_refused_by_name),
      cmocka_unit_test(a_bare_pickle_is_refused_and_first_looked_through),
      cmocka_unit_test(files_of_other_programs_are_not_taken_for_torchs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
