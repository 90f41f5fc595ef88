// SPDX-License-Identifier: Apache-2.0
/*
 * Shares, reservations and rates: limits that a container may have beside memory, CPUs and
 * processes. The description keeps them as struct resource_config (init/config/machine.h).
 */
#ifndef BERTH_INIT_CONFIG_RESOURCES_H
#define BERTH_INIT_CONFIG_RESOURCES_H

#include "init/config/container_options.h"

/* "/dev/vda:10M" → the disk's path, in `arena`, and the rate for a second. */
int parse_rate(const char *text, struct arena *arena, const char **path, uint64_t *rate,
	       struct error *err);

/* Whether reservation, swap and the limit of memory fit together. */
int resources_check(const struct container_config *container, struct error *err);

/* Bytes of swap beside the limit of memory, or UINT64_MAX for any number. */
uint64_t resources_swap(const struct container_config *container);

container_setter set_cpu_shares, set_cpuset, set_memory_reservation, set_memory_swap, add_read_bps,
	add_write_bps, add_read_iops, add_write_iops;

#endif
