/* SPDX-License-Identifier: MIT
 * instance.c: see instance.h. */
#include "core/host/instance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

struct parameter {
  char *key;
  char *text;
  canon_value value;
};

struct canon_instance {
  struct parameter *parameters;
  size_t n, capacity;
};

static const canon_option *find_option(const canon_option *options, uint64_t n, uint32_t size, const char *key) {
  for (uint64_t i = 0; i < n; i++) {
    const canon_option *option = (const canon_option *)(const void *)((const char *)options + i * size);
    if (option->name && strcmp(option->name, key) == 0) return option;
  }
  return NULL;
}

uint32_t options_uses(const canon_option *options, uint64_t n, uint32_t size, const char *key) {
  const uint32_t both = CANON_OPTION_READ | CANON_OPTION_WRITE;
  const canon_option *found = find_option(options, n, size, key);
  if (!found) return 0;
  canon_option option = {0};
  memcpy(&option, found, size < sizeof option ? size : sizeof option);
  return option.flags & both ? option.flags & both : both;
}

static char *copy_text(const char *text) {
  size_t n = strlen(text);
  char *copy = mem_alloc(n + 1);
  if (copy) memcpy(copy, text, n);
  return copy;
}

static int parse_integer(const char *text, int64_t *integer) {
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno || end == text || *end || *text == ' ') return 0;
  *integer = value;
  return 1;
}

static int32_t add(canon_job *job, canon_instance *instance, const canon_option *option, const canon_setting *setting) {
  void *list = instance->parameters;
  if (!mem_reserve(&list, sizeof *instance->parameters, &instance->capacity, instance->n + 1))
    return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  instance->parameters = list;
  struct parameter *p = &instance->parameters[instance->n++];
  *p = (struct parameter){.key = copy_text(setting->key), .text = copy_text(setting->value ? setting->value : "")};
  if (!p->key || !p->text) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  p->value = (canon_value){.struct_size = sizeof(canon_value), .text = p->text};
  p->value.is_integer = (uint32_t)parse_integer(p->text, &p->value.integer);
  if (option->kind == CANON_OPTION_FLAG) {
    p->value.is_integer = 1;
    p->value.integer = 1;
  }
  if (option->kind == CANON_OPTION_INTEGER && !p->value.is_integer)
    return canon_fail(job, CANON_E_USAGE, CANON_NONE, "--%s takes a whole number, not '%s'", setting->key, p->text);
  return CANON_OK;
}

int32_t instance_new(canon_job *job, const char *owner, const canon_option *options, uint64_t n_options,
                     uint32_t option_size, const canon_setting *settings, uint64_t n_settings, int strict,
                     canon_instance **instance) {
  *instance = mem_alloc(sizeof **instance);
  if (!*instance) return canon_fail(job, CANON_E_MEMORY, CANON_NONE, "out of memory");
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < n_settings; i++) {
    const canon_option *option = find_option(options, n_options, option_size, settings[i].key);
    if (option) code = add(job, *instance, option, &settings[i]);
    else if (strict) code = canon_fail(job, CANON_E_USAGE, CANON_NONE, "%s has no option --%s", owner, settings[i].key);
  }
  if (code) {
    instance_free(*instance);
    *instance = NULL;
  }
  return code;
}

void instance_free(canon_instance *instance) {
  if (!instance) return;
  for (size_t i = 0; i < instance->n; i++) {
    mem_free(instance->parameters[i].key);
    mem_free(instance->parameters[i].text);
  }
  mem_free(instance->parameters);
  mem_free(instance);
}

const canon_value *instance_param(const canon_instance *instance, const char *key) {
  for (size_t i = instance ? instance->n : 0; i-- > 0;) /* the last one counts */
    if (strcmp(instance->parameters[i].key, key) == 0) return &instance->parameters[i].value;
  return NULL;
}
