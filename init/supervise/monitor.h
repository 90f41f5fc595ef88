// SPDX-License-Identifier: Apache-2.0
/*
 * The health of a supervised container: timers of PID 1's event loop start probers, whose results
 * change its status (init/config/health.h). Each change is a line on the console. A container that
 * has a test of its start is not tested otherwise before that was good.
 */
#ifndef BERTH_INIT_SUPERVISE_MONITOR_H
#define BERTH_INIT_SUPERVISE_MONITOR_H

#include "init/config/health.h"
#include "init/supervise/prober.h"

struct instance;

/* One test of one container. */
struct watch {
	struct instance *instance;
	enum check check;
	struct health_plan plan;
	struct health health; /* its status stays when the container ends */
	int timer;
	struct prober prober;
	uint64_t test_began_ns;
	char failure[256]; /* how the last one that failed did, or "" */
};

struct monitor {
	struct watch watches[CHECK_COUNT];
	/* What the report says, of the test of its health. */
	uint64_t tests;      /* that ended */
	int last_status;     /* of the last one; -1: it did not end by itself */
	uint64_t healthy_ns; /* when it became healthy last, CLOCK_BOOTTIME; 0: never */
};

/* The image is there: what its test is. */
void monitor_plan(struct instance *instance, const struct image_config *image);
/* The container runs; or is not to be tested any longer. */
void monitor_start(struct instance *instance);
void monitor_stop(struct instance *instance);

/* The test that its health is: where there is none, that of its start; NULL: none at all. */
const struct watch *monitor_health(const struct instance *instance);
/* What the last test of its health that failed printed, at most PROBE_OUTPUT_MAX bytes; "" when none
 * did. */
const char *monitor_output(const struct instance *instance);

#endif
