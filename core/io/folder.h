/* SPDX-License-Identifier: MIT
 * folder.h: the files below a folder, and removing what was made of one. */
#ifndef CANON_IO_FOLDER_H
#define CANON_IO_FOLDER_H

#include <canon/abi.h>

struct folder_list {
  char **names; /* relative, "/" between, sorted by bytes */
  uint64_t n;
  uint64_t bytes;         /* of all files */
  uint64_t empty_folders; /* below it, without a file in or below them: not listed */
};

/* Regular files; links to files of the same folder too, and in a snapshot links to its blobs. Folders below are walked.
 * Fails on links that lead elsewhere or to folders, on all that is no file (which is never opened, so that nothing
 * blocks), and on more than a million files.
 */
int32_t folder_list(canon_job *job, const char *path, struct folder_list *list);
void folder_list_free(struct folder_list *list);
/* Makes the folders of a relative name below `path`. */
int32_t folder_make_parents(canon_job *job, const char *path, const char *name);
/* fsync of a folder and of all folders below it. */
int32_t folder_sync(canon_job *job, const char *path);
void folder_remove(const char *path);

#endif
