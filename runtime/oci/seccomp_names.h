// SPDX-License-Identifier: Apache-2.0
/* The names of the specification's seccomp object, for reading it and for `features`. */
#ifndef BERTH_RUNTIME_OCI_SECCOMP_NAMES_H
#define BERTH_RUNTIME_OCI_SECCOMP_NAMES_H

#include "runtime/oci/config.h"

struct seccomp_name {
	const char *name; /* NULL ends a table */
	uint32_t value;
};

extern const struct seccomp_name seccomp_actions[], seccomp_operators[], seccomp_architectures[],
	seccomp_flags[];

#endif
