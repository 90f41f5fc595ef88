// SPDX-License-Identifier: Apache-2.0
/* How much memory a pull may use for its buffers. */
#ifndef BERTH_IMAGES_PULL_MEMORY_H
#define BERTH_IMAGES_PULL_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MemAvailable of the machine, in bytes; UINT64_MAX when it cannot be read. */
uint64_t memory_available(void);

struct memory_plan {
	unsigned workers;   /* layer workers at once */
	size_t buffer_size; /* receive buffer of each, bytes */
	size_t queue_size;  /* of each, in front of its pipe, bytes */
	int pipe_size;      /* between a layer worker and the applier, bytes */
	size_t chunk_size;  /* of a large layer on several connections, bytes; 0: no splitting */
};

/* in_memory: what is unpacked stays in memory too, and leaves little for anything else. */
struct memory_plan memory_plan(uint64_t available, bool in_memory);

#endif
