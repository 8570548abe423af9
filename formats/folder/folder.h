/* SPDX-License-Identifier: MIT
 * folder.h: what the files of the folder plugin share.
 *
 *   FOLDER/a/b.pt  <->  /a/b.pt: the tree of that file      FOLDER/a/notes.txt  <->  /a/notes.txt: u8 [bytes]
 *
 * Folders are dicts, files are what the format that knows them makes of them, and where none does, their bytes. */
#ifndef CANON_FORMATS_FOLDER_H
#define CANON_FORMATS_FOLDER_H

#include <inttypes.h>

#include <canon/format.h>

/* names.c */
#define FOLDER_PATH_BYTES 4096 /* Linux's PATH_MAX */
#define FOLDER_NAME_BYTES 255  /* of one file or folder */

/* As manifests allow it: a surrogate as its three bytes passes. */
int folder_is_utf8(const char *text, uint64_t size);
/* Components that two relative names begin with in common; their last ones, which are files, do not count. */
uint32_t folder_shared_depth(const char *a, const char *b);
/* Why a key is no name of a file, with what to do; NULL: it is one. */
const char *folder_name_problem(const canon_node *node);
/* < 0, 0, > 0: paths as a file system sees them that does not tell A from a. */
int folder_path_compare(const char *a, const char *b);

/* reader.c */
int32_t folder_open(canon_job *job, const canon_instance *instance, const canon_source *source, void **reader);
int32_t folder_manifest(canon_job *job, void *reader, canon_manifest *manifest);
int32_t folder_read(canon_job *job, void *reader, uint64_t node, uint64_t first, uint64_t count, void *dst);
void folder_close(canon_job *job, void *reader);

/* plan.c: which nodes become files, and their names. */
typedef struct folder_file {
  uint64_t node, end; /* its subtree: one past the last node */
  uint64_t path;      /* in folder_plan.text */
  uint32_t is_bytes;  /* a u8 vector that is written as it stands */
  uint32_t is_folder; /* made by its files; here for its name only */
} folder_file;

typedef struct folder_plan {
  folder_file *files; /* and folders, in order of nodes */
  uint64_t n_files, files_room;
  char *text; /* paths, each terminated */
  uint64_t text_size, text_room;
} folder_plan;

int32_t folder_plan_make(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                         folder_plan *plan);
void folder_plan_free(canon_job *job, folder_plan *plan);
/* The subtree of one file as a manifest of its own; its nodes are freed by the caller. NULL after a failure. */
canon_node *folder_subtree(canon_job *job, const canon_manifest *whole, const folder_file *file, canon_manifest *part);

/* writer.c */
int32_t folder_can_write(canon_job *job, const canon_instance *instance, const canon_manifest *manifest);
int32_t folder_begin(canon_job *job, const canon_instance *instance, const canon_manifest *manifest, canon_sink *sink,
                     void **writer);
int32_t folder_place(canon_job *job, void *writer, uint64_t node, canon_extent *extent);
int32_t folder_end(canon_job *job, void *writer, const canon_written *written, uint64_t n_written,
                   uint32_t written_size);
void folder_release(canon_job *job, void *writer);

#endif
