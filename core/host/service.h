/* SPDX-License-Identifier: MIT
 * service.h: what query(id) answers. */
#ifndef CANON_HOST_SERVICE_H
#define CANON_HOST_SERVICE_H

const void *service_find(const char *id); /* NULL: no such service */

#endif
