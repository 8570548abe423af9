/* SPDX-License-Identifier: MIT
 * object.c: see object.h. Of a file for another machine dlopen says that there is no such file, and a file that is cut
 * short kills the process: its segments are mapped past the end. */
#include "core/host/object.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

static const char *machine_name(const ElfW(Ehdr) * header) {
  static const struct {
    uint16_t code;
    const char *name;
  } machines[] = {{EM_386, "x86"},     {EM_X86_64, "x86-64"}, {EM_ARM, "ARM"},      {EM_AARCH64, "AArch64"},
                  {EM_PPC64, "POWER"}, {EM_S390, "s390"},     {EM_RISCV, "RISC-V"}, {EM_MIPS, "MIPS"}};
  for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
    if (machines[i].code == header->e_machine) return machines[i].name;
  return "another machine";
}

/* Own code tells which machine this is. */
static char *machine_problem(const ElfW(Ehdr) * header) {
  static const char anchor;
  Dl_info own;
  if (!dladdr(&anchor, &own)) return NULL;
  const ElfW(Ehdr) *self = own.dli_fbase;
  if (memcmp(header->e_ident, self->e_ident, EI_VERSION) == 0 && header->e_machine == self->e_machine) return NULL;
  char text[128];
  snprintf(text, sizeof text, "it is built for %s (%d bits), this canon for %s (%d bits)", machine_name(header),
           header->e_ident[EI_CLASS] * 32, machine_name(self), self->e_ident[EI_CLASS] * 32);
  return copy_text(text);
}

static char *size_problem(int descriptor, const ElfW(Ehdr) * header) {
  struct stat status;
  char text[128];
  if (fstat(descriptor, &status)) return NULL;
  uint64_t size = (uint64_t)status.st_size;
  for (uint16_t i = 0; i < header->e_phnum; i++) {
    ElfW(Phdr) segment;
    uint64_t at = header->e_phoff + (uint64_t)i * header->e_phentsize;
    ssize_t n = pread(descriptor, &segment, sizeof segment, (off_t)at);
    if (n == sizeof segment && (segment.p_type != PT_LOAD || segment.p_filesz <= size)) {
      if (segment.p_type != PT_LOAD || segment.p_offset <= size - segment.p_filesz) continue;
    }
    snprintf(text, sizeof text,
             "it is cut short: %" PRIu64 " bytes are there, its header speaks of more; copy it again", size);
    return copy_text(text);
  }
  return NULL;
}

char *object_problem(const char *file) {
  ElfW(Ehdr) header;
  struct stat status;
  int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0 || fstat(descriptor, &status)) {
    char *problem = copy_text(strerror(errno));
    if (descriptor >= 0) close(descriptor);
    return problem;
  }
  char *problem = NULL;
  if (!S_ISREG(status.st_mode)) problem = copy_text("it is no file"); /* of a pipe, dlopen would wait for a writer */
  else if (read(descriptor, &header, sizeof header) != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    problem = copy_text("it is no shared object; is it a canon plugin?");
  if (!problem) problem = machine_problem(&header);
  if (!problem) problem = size_problem(descriptor, &header);
  close(descriptor);
  return problem;
}
