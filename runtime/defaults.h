// SPDX-License-Identifier: Apache-2.0
/* Docker's defaults, for containers that init starts from an image. */
#ifndef BERTH_RUNTIME_DEFAULTS_H
#define BERTH_RUNTIME_DEFAULTS_H

#include "runtime/spec.h"

/* Sets everything that neither an image nor a user need say: namespaces, mounts, masks, devices,
 * capabilities, filter, limits, and no descriptors. The caller adds what is the container's own:
 * id, process, layers, state_dir; and netns_fd through defaults_join_network(). */
void defaults_fill(struct container_spec *spec);
/* Joins the network namespace (borrowed), with low ports free in it. -1: the machine's own. */
void defaults_join_network(struct container_spec *spec, int netns_fd);

/* Limits as init's configuration has them; 0: none. */
struct simple_limits {
	uint64_t memory_bytes; /* memory.max; swap is not allowed beyond it */
	uint64_t cpu_millis;   /* cpu.max, thousandths of a CPU */
	uint64_t pids;         /* pids.max */
};
int defaults_limit(struct container_spec *spec, const struct simple_limits *limits,
		   struct arena *arena, struct error *err);

#endif
