// SPDX-License-Identifier: Apache-2.0
/* The system call filter of a container's process. */
#ifndef BERTH_RUNTIME_SECCOMP_H
#define BERTH_RUNTIME_SECCOMP_H

#include "runtime/spec.h"

/* Docker's default policy, made at build time by tools/gen_seccomp.c. */
extern const struct sock_filter seccomp_default_program[];
extern const unsigned short seccomp_default_length;

/* A call that the policy also lets through for who has the capability. */
struct seccomp_unlock {
	uint16_t call;
	uint8_t capability;
};
extern const struct seccomp_unlock seccomp_unlocks[];
extern const size_t seccomp_unlock_count;
extern const uint32_t seccomp_native; /* AUDIT_ARCH_* of all these */

/* Docker's policy for these capabilities: the default program, and what they open before it, made in
 * `arena`. */
int seccomp_for_capabilities(uint64_t capabilities, struct arena *arena, struct seccomp_filter *out,
			     struct error *err);

/* Installs the filter on the calling process; needs no_new_privs or CAP_SYS_ADMIN. With a listener
 * (SECCOMP_FILTER_FLAG_NEW_LISTENER) its descriptor goes over the socket `agent` together with the
 * container's process state, from a helper process: the filter may already ask the agent about
 * every further call of this one. */
int seccomp_apply(const struct seccomp_filter *filter, int agent,
		  const struct container_spec *container, struct error *err);

#endif
