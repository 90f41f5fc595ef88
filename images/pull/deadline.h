// SPDX-License-Identifier: Apache-2.0
/* The time that a whole pull may take, waiting and repeating included. */
#ifndef BERTH_IMAGES_PULL_DEADLINE_H
#define BERTH_IMAGES_PULL_DEADLINE_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

enum { DEADLINE_DEFAULT_S = 6 * 3600, DEADLINE_LONGEST_S = 30 * 86400 };

struct deadline {
	uint64_t began; /* monotonic_ns */
	uint64_t span;  /* nanoseconds; 0: no deadline */
};

void deadline_begin(struct deadline *deadline, unsigned seconds);
bool deadline_is_over(const struct deadline *deadline);
/* `milliseconds`, or less when the deadline comes first: a time to wait. */
int deadline_limit(const struct deadline *deadline, int milliseconds);
/* The error of a pull that has taken too long: how far it came, and how fast. Always -1. */
int deadline_error(const struct deadline *deadline, uint64_t bytes, uint64_t bytes_total,
		   struct error *err);

#endif
