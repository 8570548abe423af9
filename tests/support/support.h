/* SPDX-License-Identifier: MIT
 * support.h: a job over the real host for tests of plugins, sources and sinks in memory, and failing allocations. */
#ifndef CANON_TESTS_SUPPORT_H
#define CANON_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <canon/format.h>
#include <canon/transform.h>

#include <cmocka.h>
/* cmocka's macro fail() is in the way of canon_host.fail; fail_msg, which needs it, without it. */
#undef fail
#undef fail_msg
#define fail_msg(...)          \
  do {                         \
    print_error("ERROR: ");    \
    print_error(__VA_ARGS__);  \
    print_error("\n");         \
    _fail(__FILE__, __LINE__); \
  } while (0)

canon_job *support_job(void);              /* a fresh job; its failure and memory are its own */
void support_job_free(canon_job *job);     /* and all sources, sinks, instances made with it */
int32_t support_code(canon_job *job);      /* the failure recorded, CANON_OK if none */
const char *support_error(canon_job *job); /* its text as a user sees it, "" if none */
uint64_t support_leaked(canon_job *job);   /* bytes that the plugin has not freed */

const canon_source *support_source(canon_job *job, const void *bytes, size_t size); /* borrows bytes; name "test" */
const canon_source *support_file(canon_job *job, const char *path); /* whole file, test fails if absent */
canon_sink *support_sink(canon_job *job);                           /* in memory */
const uint8_t *support_bytes(canon_sink *sink, size_t *size);       /* what was written so far */
/* key, value, key, value, ..., NULL */
const canon_instance *support_instance(canon_job *job, ...);

/* A facet of a built-in plugin by name ("pt", "normalize"); the test fails if there is none. */
const canon_format *support_format(const char *name);
const canon_transform *support_transform(const char *name);

/* Allocation number n from now on fails (1: the next one), once; 0: none. Returns whether the last one set was reached.
 */
int support_fail_allocation(uint64_t n);

/* Reads a whole file; the test fails if it cannot. Free with free(). */
uint8_t *support_slurp(const char *path, size_t *size);

#endif
