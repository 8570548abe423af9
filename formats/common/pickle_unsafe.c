/* SPDX-License-Identifier: MIT
 * pickle_unsafe.c: modules and names by what calling them does. A module counts with all that is below it
 * ("os" also means "os.path"), and as a step of a dotted name ("torch.serialization" "os.system"). */
#include "formats/common/pickle_unsafe.h"

#include <string.h>

/* Everything in these. */
static const char *const MODULES[] = {
    /* programs, processes, the system */
    "os", "posix", "nt", "sys", "subprocess", "_posixsubprocess", "popen2", "pty", "shutil", "multiprocessing",
    "concurrent", "asyncio", "threading", "_thread", "webbrowser", "_aix_support", "_osx_support", "_pyrepl", "ctypes",
    "_ctypes", "cffi", "mmap", "antigravity",
    /* code */
    "codeop", "importlib", "imp", "runpy", "pkgutil", "zipimport", "marshal", "pickle", "_pickle", "cPickle",
    "cloudpickle", "shelve", "bdb", "pdb", "cProfile", "timeit", "doctest", "pydoc", "test.support", "idlelib",
    "lib2to3", "distutils", "setuptools", "pip", "venv", "ensurepip", "compileall", "py_compile",
    /* files and the network */
    "socket", "_socket", "ssl", "http", "httplib", "urllib", "urllib2", "urllib3", "requests", "aiohttp", "ftplib",
    "smtplib", "imaplib", "poplib", "nntplib", "telnetlib", "xmlrpc", "socketserver", "wsgiref", "fileinput",
    "tempfile", "zipfile", "tarfile", "sqlite3", "dbm", "logging.config", "logging.handlers",
    /* parts of libraries that run what they are given */
    "torch.hub", "torch.package", "torch._inductor", "torch._dynamo", "torch.utils.bottleneck",
    "torch.utils.collect_env", "torch.utils.cpp_extension", "torch.utils._config_module", "torch.utils.data.datapipes",
    "torch.fx.experimental", "torch.jit.unsupported_tensor_ops", "numpy.f2py", "numpy.testing", "numpy.distutils"};

/* "module name": these alone, each with what is below it: their modules also hold harmless things, or have names that
 * people give to modules of their own. */
static const char *const NAMES[] = {
    /* programs and code */
    "operator attrgetter", "operator methodcaller", "operator call", "_operator attrgetter", "_operator methodcaller",
    "_operator call", "functools reduce", "types CodeType", "types FunctionType", "types LambdaType",
    "types MethodType", "types ModuleType", "code InteractiveConsole", "code InteractiveInterpreter", "code interact",
    "trace Trace", "trace main", "profile Profile", "profile run", "profile runctx", "platform popen",
    "commands getoutput", "commands getstatusoutput", "thread start_new_thread", "site main", "site addsitedir",
    "uuid _get_command_stdout", "uuid _popen", "dill load", "dill loads", "dill._dill _create_code",
    "dill._dill _create_function", "dill._dill _eval_repr", "dill._dill _getattribute", "dill._dill _import_module",
    "torch compile",
    /* files */
    "_io FileIO", "_io open", "_io open_code", "io FileIO", "io open", "io open_code", "codecs open",
    "logging FileHandler", "joblib load", "torch load", "torch.serialization load", "torch.storage _load_from_bytes",
    "numpy fromfile", "numpy load", "numpy memmap"};

/* Of the builtins, what only makes values. */
static const char *const HARMLESS_BUILTINS[] = {
    /* types */
    "object", "type", "int", "long", "float", "complex", "bool", "str", "unicode", "bytes", "bytearray", "list",
    "tuple", "dict", "set", "frozenset", "range", "xrange", "slice", "NoneType", "Ellipsis", "NotImplemented",
    "property",
    /* what a training run may have kept of its failures */
    "BaseException", "Exception", "ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "StopIteration",
    "AssertionError", "AttributeError", "NotImplementedError", "OSError", "IOError"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int equals(const char *text, uint64_t size, const char *word) {
  return strlen(word) == size && memcmp(text, word, size) == 0;
}

/* Is it the word, or below it? */
static int is_within(const char *text, uint64_t size, const char *word) {
  uint64_t length = strlen(word);
  return size >= length && memcmp(text, word, length) == 0 && (size == length || text[length] == '.');
}

static int is_unsafe_module(const char *text, uint64_t size) {
  for (uint64_t i = 0; i < COUNT(MODULES); i++)
    if (is_within(text, size, MODULES[i])) return 1;
  return 0;
}

static int is_builtins(const char *text, uint64_t size) {
  return is_within(text, size, "builtins") || is_within(text, size, "__builtin__") ||
         is_within(text, size, "__builtins__");
}

int pickle_is_unsafe(const char *module, uint64_t module_size, const char *name, uint64_t name_size) {
  if (is_unsafe_module(module, module_size)) return 1;
  if (is_builtins(module, module_size)) {
    for (uint64_t i = 0; i < COUNT(HARMLESS_BUILTINS); i++)
      if (equals(name, name_size, HARMLESS_BUILTINS[i])) return 0;
    return 1;
  }
  for (uint64_t i = 0; i < COUNT(NAMES); i++) {
    uint64_t length = strcspn(NAMES[i], " ");
    if (module_size == length && memcmp(module, NAMES[i], length) == 0 &&
        is_within(name, name_size, NAMES[i] + length + 1))
      return 1;
  }
  /* a dotted name steps through attributes, and a module is an attribute of each module that imports it */
  const char *step = name, *end = name + name_size;
  for (const char *dot; (dot = memchr(step, '.', (uint64_t)(end - step))) != NULL; step = dot + 1)
    if (is_unsafe_module(step, (uint64_t)(end - step)) || is_builtins(step, (uint64_t)(end - step))) return 1;
  return 0;
}
