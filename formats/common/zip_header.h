/* SPDX-License-Identifier: MIT
 * zip_header.h: one entry of a zip directory, and the local header that must repeat it. Used by zip.c. */
#ifndef CANON_FORMATS_ZIP_HEADER_H
#define CANON_FORMATS_ZIP_HEADER_H

#include "formats/common/zip.h"

#define ZIP_CENTRAL_SIZE 46u /* without name, extra and comment */
#define ZIP_LOCAL_SIZE 30u   /* without name and extra */
#define ZIP_LONGEST_DESCRIPTOR 24u

/* Fills member from the entry at bytes, of which `room` are left; offset: of the entry in the source. */
int32_t zip_central_read(canon_job *job, const uint8_t *bytes, uint64_t room, uint64_t offset, zip_member *member,
                         uint64_t *length);
/* Compares a whole local header, name and extra included, with the directory's entry. */
int32_t zip_local_check(canon_job *job, const zip_member *member, const uint8_t *bytes);

#endif
