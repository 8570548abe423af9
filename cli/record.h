/* SPDX-License-Identifier: MIT
 * record.h: the provenance of an output, OUT.canon.json (schema canon.record/1): what it was made of and how. It tells
 * nothing of time, host, user and folders, so that the same conversion has the same record everywhere. */
#ifndef CANON_CLI_RECORD_H
#define CANON_CLI_RECORD_H

#include "cli/checks.h"
#include "cli/facets.h"
#include "cli/options.h"

struct json_writer;
struct record;

/* Before the conversion: NULL after an error was printed, as where a record is there already and --force is not. */
struct record *record_begin(const cli_options *options);
/* After it, which was done with CANON_CONVERT_DIGEST: reads OUT again, writes the record. Gives the exit status. */
int record_write(canon_context *context, const cli_options *options, const canon_report *report, struct record *record);
void record_free(struct record *record);

/* The member "options" of a record, and of a report: those settings that the plugin declares and that mean something
 * where this (TAKES_*) is taken; a flag is true, all else the text that was given. */
void record_put_settings(struct json_writer *json, const cli_settings *settings, facet_options declared,
                         uint32_t takes);

/* A record as canon verify reads it. */
struct record_read {
  struct json_t *root; /* of jansson */
  struct record_file *files;
  size_t n_files;
};

/* Adds the checks of the files that the record `name` tells of, which lie beside it. 0, or the exit status after an
 * error was printed. common: what holds for all of them. */
int record_checks(const char *name, const char *text, size_t size, const cli_options *common, struct record_read *read,
                  struct checks *checks);
void record_read_free(struct record_read *read);

#endif
