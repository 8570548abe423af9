/* SPDX-License-Identifier: MIT
 * test_pickle_unsafe.c: names that run something are told from names that files of data hold. */
#include "formats/common/pickle_unsafe.h"

#include <string.h>

#include "tests/support/support.h"

static int is_unsafe(const char *module, const char *name) {
  return pickle_is_unsafe(module, strlen(module), name, strlen(name));
}

static void names_that_run_something_are_unsafe(void **state) {
  (void)state;
  static const char *const NAMES[][2] = {{"os", "system"},
                                         {"posix", "system"},
                                         {"os.path", "join"},
                                         {"builtins", "eval"},
                                         {"__builtin__", "exec"},
                                         {"builtins", "__import__"},
                                         {"builtins", "getattr"},
                                         {"builtins", "list.append"},
                                         {"torch.serialization", "os.system"},
                                         {"torch", "storage.os.system"},
                                         {"x", "y.builtins.eval"},
                                         {"subprocess", "Popen"},
                                         {"operator", "attrgetter"},
                                         {"_operator", "methodcaller"},
                                         {"types", "CodeType"},
                                         {"idlelib.run", "Executive.runcode"},
                                         {"torch.hub", "load"},
                                         {"code", "InteractiveInterpreter.runcode"},
                                         {"numpy.testing._private.utils", "runstring"},
                                         {"torch", "load"},
                                         {"logging.config", "listen"},
                                         {"trace", "Trace.run"},
                                         {"_io", "FileIO"}};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
    if (!is_unsafe(NAMES[i][0], NAMES[i][1])) fail_msg("%s %s passes", NAMES[i][0], NAMES[i][1]);
}

static void names_that_data_holds_are_not(void **state) {
  (void)state;
  static const char *const NAMES[][2] = {{"__main__", "Net"},
                                         {"collections", "OrderedDict"},
                                         {"builtins", "set"},
                                         {"__builtin__", "object"},
                                         {"osmosis", "Layer"},
                                         {"system", "os"},
                                         {"my.os", "path"},
                                         {"code.model", "Net"},
                                         {"test", "Config"},
                                         {"datetime", "datetime"},
                                         {"argparse", "Namespace"},
                                         {"pathlib", "PosixPath"},
                                         {"trace", "Event"},
                                         {"torch.nn.modules.linear", "Linear"},
                                         {"functools", "partial"},
                                         {"io", "BytesIO"},
                                         {"logging", "getLogger"},
                                         {"profile", "UserProfile"},
                                         {"", ""}};
  for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
    if (is_unsafe(NAMES[i][0], NAMES[i][1])) fail_msg("%s %s is refused", NAMES[i][0], NAMES[i][1]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_that_run_something_are_unsafe),
      cmocka_unit_test(names_that_data_holds_are_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
