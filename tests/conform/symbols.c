/* SPDX-License-Identifier: MIT
 * symbols.c: what the shared object gives and takes: one function, and nothing that a plugin must not do. */
#include <inttypes.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/conform.h"

struct object {
  const uint8_t *bytes;
  uint64_t size;
};

/* What a plugin must not do, by the functions that do it. Fortified and 64-bit spellings are taken off first. */
static const struct {
  const char *what, *names;
} forbidden[] = {
    {"prints (canon_log tells the user)",
     " printf vprintf fprintf vfprintf dprintf puts fputs putc putchar fputc fwrite write perror psignal "},
    {"ends the process (return canon_fail)",
     " exit _exit _Exit quick_exit abort raise kill __assert_fail __assert err errx verr verrx "},
    {"opens files (the host reads and writes)",
     " open openat creat fopen freopen fdopen opendir tmpfile mkstemp mkdtemp unlink remove rename mkdir "
     "socket connect mmap "},
    {"starts programs", " system popen fork vfork execv execve execvp execl execlp posix_spawn posix_spawnp "},
    {"reads the environment (options are declared)", " getenv secure_getenv setenv putenv unsetenv environ setlocale "},
    {"reads the clock or the machine (equal input gives equal bytes)",
     " time clock gettimeofday clock_gettime localtime localtime_r gmtime gmtime_r mktime rand srand random srandom "
     "drand48 getrandom "
     "getentropy arc4random getpid gethostname uname "},
    {"changes the floating-point environment", " fesetround fesetenv feholdexcept feupdateenv feenableexcept "},
    {"takes memory that the host does not count (canon_alloc bounds what a file can make it take)",
     " malloc calloc realloc reallocarray aligned_alloc posix_memalign memalign strdup strndup asprintf vasprintf "},
    {"loads code", " dlopen dlmopen "},
    {"catches signals", " signal sigaction "},
};

static const void *at(const struct object *object, uint64_t offset, uint64_t bytes) {
  if (offset > object->size || bytes > object->size - offset) broken("its section table leads out of the file");
  return object->bytes + offset;
}

/* printf of __printf_chk, open of open64. */
static void plain_name(const char *name, char *plain, size_t room) {
  size_t n = strlen(name);
  if (n > 6 && strncmp(name, "__", 2) == 0 && strcmp(name + n - 4, "_chk") == 0) {
    name += 2;
    n -= 6;
  }
  if (n > 2 && strncmp(name + n - 2, "64", 2) == 0) n -= 2;
  if (n >= room) n = room - 1;
  memcpy(plain, name, n);
  plain[n] = 0;
}

static void check_import(const char *name) {
  char plain[64], word[68];
  plain_name(name, plain, sizeof plain);
  if (strncmp(plain, "canon_", 6) == 0)
    broken("it takes %s from the host; a plugin links nothing of canon, and reaches it through job->host", name);
  word[0] = ' ';
  strcpy(word + 1, plain);
  strcat(word, " ");
  for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
    if (strstr(forbidden[i].names, word))
      broken("it calls %s: a plugin that %s is not one of canon's", name, forbidden[i].what);
  count_case();
}

static void check_symbols(const struct object *object, const ElfW(Shdr) * table, const ElfW(Shdr) * names) {
  int exported = 0;
  for (uint64_t i = 1; i < table->sh_size / sizeof(ElfW(Sym)); i++) {
    const ElfW(Sym) *symbol = at(object, table->sh_offset + i * sizeof *symbol, sizeof *symbol);
    const char *name = at(object, names->sh_offset + symbol->st_name, 1);
    if (!*name) continue;
    if (symbol->st_shndx == SHN_UNDEF) {
      if (symbol->st_info >> 4 != STB_WEAK) check_import(name);
      continue;
    }
    if (strcmp(name, CANON_ENTRY_SYMBOL) != 0)
      broken("it exports %s; a plugin exports " CANON_ENTRY_SYMBOL " and nothing else (-fvisibility=hidden, or static)",
             name);
    exported = 1;
  }
  if (!exported) broken("it does not export " CANON_ENTRY_SYMBOL "; CANON_PLUGIN(...) defines it, in C++ too");
}

void rule_symbols(const struct subject *subject) {
  struct object object = {.bytes = subject->object.bytes, .size = subject->object.size};
  const ElfW(Ehdr) *header = (const void *)object.bytes;
  if (object.size < sizeof *header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
    broken("it is no shared object; name the .so");
  for (unsigned i = 0; i < header->e_shnum; i++) {
    const ElfW(Shdr) *section = at(&object, header->e_shoff + i * sizeof *section, sizeof *section);
    if (section->sh_type != SHT_DYNSYM || section->sh_link >= header->e_shnum) continue;
    const ElfW(Shdr) *names = at(&object, header->e_shoff + section->sh_link * sizeof *names, sizeof *names);
    check_symbols(&object, section, names);
    return;
  }
  nothing_to_do("its section table is stripped, so its symbols cannot be listed");
}
