// SPDX-License-Identifier: Apache-2.0
/* The system call filter of containers; the program is made at build time by
 * tools/gen_seccomp.c. */
#ifndef BERTH_RUNTIME_SECCOMP_H
#define BERTH_RUNTIME_SECCOMP_H

#include "lib/error.h"

#include <linux/filter.h>

extern const struct sock_filter seccomp_default_program[];
extern const unsigned short seccomp_default_length;

/* Installs the default policy on the calling process; needs no_new_privs, no capability. */
int seccomp_apply_default(struct error *err);

#endif
