// SPDX-License-Identifier: Apache-2.0
/* The best of several answers (a small form of RFC 5905, section 11.2.1). */
#include "init/clock/ntp.h"

static bool agrees(const struct ntp_sample *a, const struct ntp_sample *b)
{
	uint64_t apart = a->base > b->base ? (uint64_t)a->base - (uint64_t)b->base
					   : (uint64_t)b->base - (uint64_t)a->base;
	return apart <= a->error_ns + b->error_ns;
}

const struct ntp_sample *ntp_select(const struct ntp_sample *samples, size_t count, size_t *agree)
{
	const struct ntp_sample *best = NULL;
	*agree = 0;
	for (size_t i = 0; i < count; i++) {
		size_t with = 0;
		for (size_t k = 0; k < count; k++)
			with += agrees(&samples[i], &samples[k]);
		if (2 * with <= count || with < *agree)
			continue;
		if (!best || with > *agree || samples[i].error_ns < best->error_ns)
			best = &samples[i];
		*agree = with;
	}
	return best;
}
