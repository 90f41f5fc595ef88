// SPDX-License-Identifier: Apache-2.0
/* The system call filter of a container's process. */
#ifndef BERTH_RUNTIME_SECCOMP_H
#define BERTH_RUNTIME_SECCOMP_H

#include "runtime/spec.h"

/* Docker's default policy, made at build time by tools/gen_seccomp.c. */
extern const struct sock_filter seccomp_default_program[];
extern const unsigned short seccomp_default_length;

/* Installs the filter on the calling process; needs no_new_privs or CAP_SYS_ADMIN. With a listener
 * (SECCOMP_FILTER_FLAG_NEW_LISTENER) its descriptor goes over the socket `agent` together with the
 * container's process state, from a helper process: the filter may already ask the agent about
 * every further call of this one. */
int seccomp_apply(const struct seccomp_filter *filter, int agent,
		  const struct container_spec *container, struct error *err);

#endif
