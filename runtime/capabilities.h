// SPDX-License-Identifier: Apache-2.0
/* The capability sets of a container's process. */
#ifndef BERTH_RUNTIME_CAPABILITIES_H
#define BERTH_RUNTIME_CAPABILITIES_H

#include "runtime/spec.h"

#include <stdint.h>

/* Docker's default set, one bit per CAP_*. */
extern const uint64_t CAPABILITIES_DEFAULT;

/* Takes everything outside `keep` from the bounding set of the calling process. Needs
 * CAP_SETPCAP. */
int capabilities_limit(uint64_t keep, struct error *err);
/* The four other sets become those given, as far as the process has them permitted now: what it
 * does not have it cannot give. */
int capabilities_set(const struct capability_sets *sets, struct error *err);

/* "CAP_CHOWN" → number; -1 when unknown. */
int capability_number(const char *name);
/* The name of a number, or NULL. */
const char *capability_name(int number);

#endif
