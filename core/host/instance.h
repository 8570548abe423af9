/* SPDX-License-Identifier: MIT
 * instance.h: one use of a format or transform, with the options that the user gave it. */
#ifndef CANON_HOST_INSTANCE_H
#define CANON_HOST_INSTANCE_H

#include <canon/canon.h>

/* Keeps those settings that the option table declares. `strict`: one that it does not declare is CANON_E_USAGE.
 * owner names the format or transform in messages. */
int32_t instance_new(canon_job *job, const char *owner, const canon_option *options, uint64_t n_options,
                     uint32_t option_size, const canon_setting *settings, uint64_t n_settings, int strict,
                     canon_instance **instance);
void instance_free(canon_instance *instance);
const canon_value *instance_param(const canon_instance *instance, const char *key);
/* The uses (CANON_OPTION_READ | CANON_OPTION_WRITE) in which the option of this key means something; 0: the table
 * declares none. */
uint32_t options_uses(const canon_option *options, uint64_t n_options, uint32_t option_size, const char *key);

#endif
