// SPDX-License-Identifier: Apache-2.0
/* What Berth itself costs in memory: its processes, not the containers'. */
#ifndef BERTH_INIT_SUPERVISE_MEMORY_H
#define BERTH_INIT_SUPERVISE_MEMORY_H

#include <stdint.h>

struct memory_sample {
	uint64_t bytes;     /* sum of the resident sets; pages that several share count for each */
	uint64_t processes; /* how many were counted */
};

/* Takes a sample now, for the report. */
void memory_take_sample(void);
void memory_last_sample(struct memory_sample *out);

#endif
