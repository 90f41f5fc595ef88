// SPDX-License-Identifier: Apache-2.0
#include "images/pull/deadline.h"

#include "lib/loop.h"

#define ADVICE "allow more time (berth.pull.deadline, --deadline) or look at the network"

void deadline_begin(struct deadline *deadline, unsigned seconds)
{
	deadline->began = monotonic_ns();
	deadline->span = seconds * 1000000000ULL;
}

bool deadline_is_over(const struct deadline *deadline)
{
	return deadline->span > 0 && monotonic_ns() - deadline->began >= deadline->span;
}

int deadline_limit(const struct deadline *deadline, int milliseconds)
{
	if (deadline->span == 0)
		return milliseconds;
	uint64_t passed = monotonic_ns() - deadline->began;
	uint64_t left = passed < deadline->span ? deadline->span - passed : 0;
	uint64_t wait = (left + 999999) / 1000000;
	return wait < (uint64_t)milliseconds ? (int)wait : milliseconds;
}

int deadline_error(const struct deadline *deadline, uint64_t bytes, uint64_t bytes_total,
		   struct error *err)
{
	double seconds = (double)(monotonic_ns() - deadline->began) / 1e9;
	unsigned span = (unsigned)(deadline->span / 1000000000ULL);
	if (bytes_total == 0)
		return error_set(err, "nobody has said within %u s what the image is: " ADVICE,
				 span);
	return error_set(err, "not done within %u s: %llu of %llu bytes came, %.1f kB/s: " ADVICE,
			 span, (unsigned long long)bytes, (unsigned long long)bytes_total,
			 seconds > 0 ? (double)bytes / 1e3 / seconds : 0);
}
