// SPDX-License-Identifier: Apache-2.0
/* The capability sets of a container's process. */
#ifndef BERTH_RUNTIME_CAPABILITIES_H
#define BERTH_RUNTIME_CAPABILITIES_H

#include "lib/error.h"

#include <stdint.h>

/* Docker's default set, one bit per CAP_*. */
extern const uint64_t CAPABILITIES_DEFAULT;

/* Takes everything outside `keep` from the bounding set of the calling process. Needs
 * CAP_SETPCAP. */
int capabilities_limit(uint64_t keep, struct error *err);
/* Permitted and effective become `held`; inheritable and ambient become empty. */
int capabilities_set(uint64_t held, struct error *err);

#endif
