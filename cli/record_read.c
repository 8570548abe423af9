/* SPDX-License-Identifier: MIT
 * record_read.c: reads a record; see record.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"
#include "cli/report.h"

/* A file that a record tells of. */
struct record_file {
  char *path; /* beside the record */
  cli_options how;
};

struct place {
  const char *record; /* its name */
  const json_values *values;
  char at[64]; /* "/inputs/0" */
};

static int malformed(const struct place *place, const char *what) {
  report_error("%s: no canon.record/1: %s%s is not as canon convert --record writes it", place->record, place->at,
               what);
  return 3;
}

static const json_value *find(const struct place *place, const char *key, int kind) {
  char path[128];
  snprintf(path, sizeof path, "%s%s", place->at, key);
  return json_find(place->values, path, kind);
}

/* The strings of an array or object, with their keys. */
static void each_string(const struct place *place, const char *key,
                        void (*use)(cli_options *how, const json_value *value, const char *key), cli_options *how) {
  char path[128];
  size_t length = (size_t)snprintf(path, sizeof path, "%s%s/", place->at, key);
  for (size_t i = 0; i < place->values->n; i++) {
    const json_value *value = &place->values->items[i];
    if (value->kind == JSON_STRING && strncmp(value->path, path, length) == 0) use(how, value, value->path + length);
  }
}

static void list_add(cli_list *list, const char *item) {
  list->items = report_resize(list->items, list->n + 1, sizeof *list->items);
  list->items[list->n++] = item;
}

static void use_select(cli_options *how, const json_value *value, const char *key) {
  (void)key;
  list_add(&how->select, value->text);
}

static void use_exclude(cli_options *how, const json_value *value, const char *key) {
  (void)key;
  list_add(&how->exclude, value->text);
}

static void use_setting(cli_options *how, const json_value *value, const char *key) {
  how->settings.items = report_resize(how->settings.items, how->settings.n + 1, sizeof *how->settings.items);
  how->settings.items[how->settings.n++] = (canon_setting){key, value->text};
}

/* Beside the record, whose folder is what its name has before the last slash. */
static char *beside(const char *record, const char *file) {
  const char *slash = strrchr(record, '/');
  size_t folder = slash ? (size_t)(slash + 1 - record) : 0;
  char *path = report_resize(NULL, folder + strlen(file) + 3, 1);
  sprintf(path, "%.*s%s%s", (int)folder, record, folder ? "" : "./", file);
  return path;
}

/* A name in a folder, no way out of it: a slash only behind "#". */
static int is_plain_name(const char *file) {
  const char *slash = strchr(file, '/');
  return *file && strcmp(file, "..") != 0 && strcmp(file, ".") != 0 && (!slash || (slash > file && slash[-1] == '#'));
}

static int add_checks(const struct place *place, const struct record_file *file, const char *name, int may_be_absent,
                      struct checks *checks) {
  for (int scheme = SUM_TENSORS; scheme <= SUM_TREE; scheme++) {
    char key[32];
    snprintf(key, sizeof key, "/digest/%s", sum_names[scheme]);
    const json_value *hex = find(place, key, JSON_STRING);
    struct check check = {
        .sum = {.scheme = scheme, .file = name}, .name = file->path, .how = &file->how, .may_be_absent = may_be_absent};
    if (!hex || !sums_hex(hex->text, strlen(hex->text), check.sum.digest)) return malformed(place, key);
    checks_add(checks, check);
  }
  return 0;
}

static int read_file(const struct place *place, const cli_options *common, struct record_file *file, int is_input,
                     struct checks *checks) {
  const json_value *name = find(place, "/file", JSON_STRING), *format = find(place, "/format", JSON_STRING);
  if (!name || !is_plain_name(name->text)) return malformed(place, "/file");
  if (!format) return malformed(place, "/format");
  file->path = beside(place->record, name->text);
  file->how = *common;
  file->how.from = format->text;
  file->how.select = file->how.exclude = (cli_list){0};
  file->how.settings = (cli_settings){0};
  each_string(place, "/options", use_setting, &file->how);
  if (is_input) {
    const json_value *tensors_only = find(place, "/tensors_only", JSON_PLAIN);
    each_string(place, "/select", use_select, &file->how);
    each_string(place, "/exclude", use_exclude, &file->how);
    if (!tensors_only) return malformed(place, "/tensors_only");
    file->how.tensors_only = strcmp(tensors_only->text, "true") == 0;
  } else {
    file->how.tensors_only = 0;
  }
  return add_checks(place, file, name->text, is_input, checks);
}

static int check_schema(const struct place *place) {
  const json_value *schema = find(place, "/schema", JSON_STRING);
  if (!schema) {
    report_error("%s: it is JSON without a schema; canon verify reads lists of digests, and canon.record/1",
                 place->record);
    return 3;
  }
  if (strcmp(schema->text, "canon.record/1") == 0) return 0;
  report_error("%s: it is %s; canon verify reads lists of digests, and canon.record/1", place->record, schema->text);
  return 3;
}

int record_checks(const char *name, const char *text, size_t size, const cli_options *common, struct record_read *read,
                  struct checks *checks) {
  size_t wrong;
  struct place place = {.record = name, .values = &read->values};
  if (!json_read(text, size, &read->values, &wrong)) {
    report_error("%s: it begins as JSON and is none (byte %zu)", name, wrong);
    return 3;
  }
  int status = check_schema(&place);
  size_t n = 0;
  for (; n < 1000; n++) {
    snprintf(place.at, sizeof place.at, "/inputs/%zu", n);
    if (!find(&place, "", JSON_OBJECT)) break;
  }
  read->files = report_resize(NULL, n + 1, sizeof *read->files);
  for (size_t i = 0; !status && i <= n; i++) { /* the output comes first */
    if (i) snprintf(place.at, sizeof place.at, "/inputs/%zu", i - 1);
    else snprintf(place.at, sizeof place.at, "/output");
    read->files[i] = (struct record_file){0};
    read->n_files = i + 1;
    status = read_file(&place, common, &read->files[i], i > 0, checks);
  }
  return status;
}

void record_read_free(struct record_read *read) {
  for (size_t i = 0; i < read->n_files; i++) {
    free(read->files[i].path);
    free(read->files[i].how.select.items);
    free(read->files[i].how.exclude.items);
    free(read->files[i].how.settings.items);
  }
  free(read->files);
  json_values_free(&read->values);
}
