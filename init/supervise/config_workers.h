// SPDX-License-Identifier: Apache-2.0
/* The children that ask sources for a metadata file, one job each (init/config/search.h). */
#ifndef BERTH_INIT_SUPERVISE_CONFIG_WORKERS_H
#define BERTH_INIT_SUPERVISE_CONFIG_WORKERS_H

#include "init/config/search.h"

#include <sys/types.h>

enum { CONFIG_WORKERS_MAX = 4 };

struct config_worker {
	struct config_job job;
	pid_t pid; /* 0: not running */
	int fd;
	bool late; /* killed because its time was over */
};

struct config_workers {
	struct config_worker items[CONFIG_WORKERS_MAX];
	size_t count, running;
	/* Frames come in the worker's order. One that is left with frame->bad set was not
	 * understood: the worker is killed. */
	void (*frame)(struct config_worker *worker, struct frame *frame);
	/* After its last frame. */
	void (*ended)(struct config_worker *worker, int wait_status);
};

/* One more, to be filled; NULL when there are CONFIG_WORKERS_MAX. */
struct config_worker *config_workers_add(struct config_workers *workers);
int config_worker_start(struct config_worker *worker, struct error *err);
/* Kills all but one, which may be NULL; `ended` follows for each. */
void config_workers_kill(struct config_workers *workers, const struct config_worker *but);
/* The name of its source, or of their kind. */
const char *config_worker_name(const struct config_worker *worker);

/* PID 1 has one set of them. */
extern struct config_workers config_workers;

#endif
