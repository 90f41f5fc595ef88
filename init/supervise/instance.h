// SPDX-License-Identifier: Apache-2.0
/*
 * One supervised container: a table of state × event. The supervisor owns its output pipes and its
 * network namespace across restarts.
 */
#ifndef BERTH_INIT_SUPERVISE_INSTANCE_H
#define BERTH_INIT_SUPERVISE_INSTANCE_H

#include "images/pull/pull.h"
#include "init/config/machine.h"
#include "init/config/resolver_keys.h"
#include "init/net/network.h"
#include "init/supervise/hooks.h"
#include "init/supervise/monitor.h"
#include "runtime/container.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum instance_state {
	INSTANCE_WAITING,  /* for its image */
	INSTANCE_STARTING, /* cloned, not yet executing */
	INSTANCE_RUNNING,
	INSTANCE_STOPPING, /* asked to end */
	INSTANCE_CLEANING, /* ended; its cgroup is still being emptied */
	INSTANCE_BACKOFF,  /* ended; will be started again */
	INSTANCE_ENDED,
	INSTANCE_STATE_COUNT,
};

/* Descriptors of init/supervise/standard_io.h, or -1. */
struct standard_io {
	int input;      /* read end of its input */
	int input_kept; /* write end, when nobody else has it: the input stays open */
	int terminal;   /* socket that its terminal comes over */
};

/* A container that is made before its time (standby.h). Its process is `process`. */
enum standby {
	STANDBY_NONE,
	STANDBY_MADE,  /* or being made: it can be told to go */
	STANDBY_LEAVING, /* it has failed or was dropped, and has not ended yet */
};

struct instance {
	const struct machine *machine;
	const struct container_config *config;
	unsigned number; /* among the machine's containers; the following ones stand behind it */
	enum instance_state state;
	const struct pull_result *image; /* NULL until pulled */
	struct container process;
	int netns_fd;
	int user_ns;        /* see user_namespace.h; -1: it has the machine's users */
	uint32_t user_base; /* what its ID 0 is outside */
	char address[NET_TEXT];
	char resolv_conf[RESOLV_CONF_MAX];
	int stdout_fd, stderr_fd; /* write ends of the logger's pipes, owned by output.c */
	struct standard_io io;
	int timer;
	bool stop_requested;
	enum standby standby;
	bool standby_failed;    /* none is made again */
	bool resolver_changed;  /* since it was made */
	struct monitor monitor; /* of its health */
	struct hooks hooks;
	bool settled;   /* it has started once, and its hooks behind the start were good: others need not
			 * wait any longer */
	bool failed;    /* it is being stopped for a test or a hook that failed: its policy counts that as
			 * a failure, whatever its status */
	uint64_t stop_ns; /* when it was asked to stop */
	unsigned failures; /* since the last run that lasted 10 s */
	unsigned attempts; /* to start it again, since the last run that lasted the policy's window */

	/* What the report says. */
	unsigned restarts;
	int exit_status, signal; /* exit_status is 128 + signal for a killed process */
	bool oom;
	uint64_t started_ns, ended_ns;  /* CLOCK_BOOTTIME, 0: never */
	uint64_t decided_ns;  /* when it was to start */
	uint64_t prepared_ns; /* when it waited for that, 0: it did not */
	time_t started, ended;
	struct error error; /* why it could not start, or empty */

	const struct instance_callbacks *callbacks;
};

struct instance_callbacks {
	void (*started)(struct instance *instance); /* executes; again after a restart */
	void (*changed)(struct instance *instance); /* its health has */
	void (*ended)(struct instance *instance);   /* and will not be started again */
};

/* Containers of a machine are elements of one array, in their order. */
void instance_init(struct instance *instance, const struct machine *machine, unsigned number,
		   const struct instance_callbacks *callbacks);
/* The image is there, and something else that it waits for is not: makes the container beforehand, if
 * it is one that can be and there is memory to spare. */
void instance_prepare(struct instance *instance, const struct pull_result *image);
/* The image is there: starts the container. */
void instance_start(struct instance *instance, const struct pull_result *image);
/* The resolver's settings are known, or have changed: also for a container that runs already. */
void instance_set_resolver(struct instance *instance, const char *resolv_conf);
/* Puts them into the container's file. */
void instance_write_resolver(const struct instance *instance);
/* The machine stops: stop signal, then after the stop timeout the kill. */
void instance_stop(struct instance *instance);
/* Its monitor has seen a change: tells who waits, and stops it when that is what it is for. */
void instance_health_changed(struct instance *instance);
/* It has failed a test that it must not: stopped, and started again as its policy says. */
void instance_stop_failed(struct instance *instance);
/* Its hooks have been run, or one has failed: then `why` says which and how. */
void instance_hooks_done(struct instance *instance, const struct error *why, bool restart);
/* That of its present run; starting also while it does not run. */
enum health_status instance_health(const struct instance *instance);
/* It will never start (no image, bad settings): ended with `status` and this reason. */
void instance_give_up(struct instance *instance, int status, const struct error *why);

/* That of a service of the same machine, or NULL. */
const struct instance *instance_of_service(const struct instance *instance, const char *service);

const char *instance_state_name(enum instance_state state);

#endif
