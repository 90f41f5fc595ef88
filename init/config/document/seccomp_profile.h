// SPDX-License-Identifier: Apache-2.0
/*
 * A profile of system calls, as Docker and the OCI runtime specification have it (JSON), compiled to
 * the program that the kernel takes. For confined workers and the workstation; PID 1 only hands the
 * result on.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_SECCOMP_PROFILE_H
#define BERTH_INIT_CONFIG_DOCUMENT_SECCOMP_PROFILE_H

#include "lib/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SECCOMP_PROFILE_MAX = 256 * 1024 /* bytes of JSON */ };

/* `capabilities`: those of the container, which rules may be about. `out` becomes a content as
 * init/config/security.h has it. Returns its size, or -1 when it is no profile or `capacity` is too
 * small. */
ssize_t seccomp_profile_compile(const char *text, size_t size, uint64_t capabilities, void *out,
				size_t capacity, struct error *err);

#endif
