// SPDX-License-Identifier: Apache-2.0
/*
 * The health of a supervised container: timers of PID 1's event loop start probers, whose results
 * change its status (init/config/health.h). Each change is a line on the console.
 */
#ifndef BERTH_INIT_SUPERVISE_MONITOR_H
#define BERTH_INIT_SUPERVISE_MONITOR_H

#include "init/config/health.h"
#include "init/supervise/prober.h"

struct instance;

struct monitor {
	struct health_plan plan;
	struct health health; /* its status stays when the container ends */
	int timer;
	struct prober prober; /* pid 0: no test runs */
	uint64_t test_began_ns;

	/* What the report says. */
	uint64_t tests;      /* that ended */
	int last_status;     /* of the last one; -1: it did not end by itself */
	uint64_t healthy_ns; /* when it became healthy last, CLOCK_BOOTTIME; 0: never */
	char failure[256];   /* how the last one that failed did, or "" */
};

/* The image is there: what its test is. */
void monitor_plan(struct instance *instance, const struct image_config *image);
/* The container runs; or is not to be tested any longer. */
void monitor_start(struct instance *instance);
void monitor_stop(struct instance *instance);

/* What the last test that failed printed, at most PROBE_OUTPUT_MAX bytes; "" when none did. */
const char *monitor_output(const struct instance *instance);

#endif
