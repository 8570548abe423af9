/* SPDX-License-Identifier: MIT
 * record_read.c: reads a record; see record.h. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/record.h"
#include "cli/report.h"

enum { MOST_BYTES = 16 << 20 }; /* of a record: ours have some hundreds */

/* A file that a record tells of. */
struct record_file {
  char *path; /* beside the record */
  cli_options how;
};

struct place {
  const char *record; /* its name */
  const json_t *value;
  char at[64]; /* "/inputs/0" */
};

static int malformed(const struct place *place, const char *what) {
  report_error("%s: no canon.record/1: %s%s is not as canon convert --record writes it", place->record, place->at,
               what);
  return 3;
}

/* A member that is a string, or NULL. */
static const char *find_text(const struct place *place, const char *key) {
  return json_string_value(json_object_get(place->value, key));
}

static void list_add(cli_list *list, const char *item) {
  list->items = report_resize(list->items, list->n + 1, sizeof *list->items);
  list->items[list->n++] = item;
}

static int read_list(const struct place *place, const char *key, cli_list *list) {
  const json_t *array = json_object_get(place->value, key), *item;
  size_t i;
  if (!json_is_array(array)) return 0;
  json_array_foreach(array, i, item) {
    if (!json_is_string(item)) return 0;
    list_add(list, json_string_value(item));
  }
  return 1;
}

static int read_settings(const struct place *place, cli_settings *settings) {
  json_t *options = json_object_get(place->value, "options"), *value;
  const char *key;
  if (options && !json_is_object(options)) return 0;
  settings->items = report_resize(NULL, json_object_size(options) + 1, sizeof *settings->items);
  json_object_foreach(options, key, value) {
    const char *text = json_is_true(value) ? "" : json_string_value(value); /* a flag, or what was said */
    if (!text) return 0;
    settings->items[settings->n++] = (canon_setting){key, text};
  }
  return 1;
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
  const json_t *digest = json_object_get(place->value, "digest");
  for (int scheme = SUM_TENSORS; scheme <= SUM_TREE; scheme++) {
    const char *hex = json_string_value(json_object_get(digest, sum_names[scheme]));
    struct check check = {
        .sum = {.scheme = scheme, .file = name}, .name = file->path, .how = &file->how, .may_be_absent = may_be_absent};
    char key[32];
    snprintf(key, sizeof key, "/digest/%s", sum_names[scheme]);
    if (!hex || !sums_hex(hex, strlen(hex), check.sum.digest)) return malformed(place, key);
    checks_add(checks, check);
  }
  return 0;
}

static int read_file(const struct place *place, const cli_options *common, struct record_file *file, int is_input,
                     struct checks *checks) {
  const char *name = find_text(place, "file"), *format = find_text(place, "format");
  const json_t *tensors_only = json_object_get(place->value, "tensors_only");
  if (!name || !is_plain_name(name)) return malformed(place, "/file");
  if (!format) return malformed(place, "/format");
  file->path = beside(place->record, name);
  file->how = *common;
  file->how.from = format;
  file->how.select = file->how.exclude = (cli_list){0};
  file->how.settings = (cli_settings){0};
  file->how.recorded = 1;
  file->how.tensors_only = is_input && json_is_true(tensors_only);
  if (!read_settings(place, &file->how.settings)) return malformed(place, "/options");
  if (is_input && !read_list(place, "select", &file->how.select)) return malformed(place, "/select");
  if (is_input && !read_list(place, "exclude", &file->how.exclude)) return malformed(place, "/exclude");
  if (is_input && !json_is_boolean(tensors_only)) return malformed(place, "/tensors_only");
  return add_checks(place, file, name, is_input, checks);
}

static int check_schema(const struct place *place) {
  const char *schema = find_text(place, "schema");
  if (!schema) {
    report_error("%s: it is JSON without a schema; canon verify reads lists of digests, and canon.record/1",
                 place->record);
    return 3;
  }
  if (strcmp(schema, "canon.record/1") == 0) return 0;
  report_error("%s: it is %s; canon verify reads lists of digests, and canon.record/1", place->record, schema);
  return 3;
}

/* The output, then each input. */
static int read_files(const struct place *root, const cli_options *common, struct record_read *read,
                      struct checks *checks) {
  const json_t *inputs = json_object_get(root->value, "inputs");
  size_t n = json_array_size(inputs);
  read->files = report_resize(NULL, n + 1, sizeof *read->files);
  for (size_t i = 0; i <= n; i++) {
    struct place place = {.record = root->record};
    if (i) snprintf(place.at, sizeof place.at, "/inputs/%zu", i - 1);
    else snprintf(place.at, sizeof place.at, "/output");
    place.value = i ? json_array_get(inputs, i - 1) : json_object_get(root->value, "output");
    read->files[i] = (struct record_file){0};
    read->n_files = i + 1;
    int status = read_file(&place, common, &read->files[i], i > 0, checks);
    if (status) return status;
  }
  return 0;
}

int record_checks(const char *name, const char *text, size_t size, const cli_options *common, struct record_read *read,
                  struct checks *checks) {
  json_error_t error;
  if (size > MOST_BYTES) {
    report_error("%s: it begins as JSON and has %zu bytes, a record at most %d", name, size, MOST_BYTES);
    return 3;
  }
  read->root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
  if (!read->root) {
    if (json_error_code(&error) == json_error_out_of_memory) report_out_of_memory();
    report_error("%s: it begins as JSON and is no record: %s (byte %d)", name, error.text, error.position);
    return 3;
  }
  const struct place place = {.record = name, .value = read->root};
  int status = check_schema(&place);
  return status ? status : read_files(&place, common, read, checks);
}

void record_read_free(struct record_read *read) {
  for (size_t i = 0; i < read->n_files; i++) {
    free(read->files[i].path);
    free(read->files[i].how.select.items);
    free(read->files[i].how.exclude.items);
    free(read->files[i].how.settings.items);
  }
  free(read->files);
  json_decref(read->root);
}
