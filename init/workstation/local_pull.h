// SPDX-License-Identifier: Apache-2.0
/*
 * One pull on the workstation: the machine's puller as a child, into an image store of its own in a
 * temporary folder that goes away with local_pull_close(), or into one that stays.
 */
#ifndef BERTH_INIT_WORKSTATION_LOCAL_PULL_H
#define BERTH_INIT_WORKSTATION_LOCAL_PULL_H

#include "images/pull/plan.h"
#include "images/pull/pull.h"
#include "init/workstation/options.h"

#include <limits.h>
#include <signal.h>

struct local_pull {
	char folder[PATH_MAX];  /* the temporary one; "" before it was made */
	char store[PATH_MAX];   /* of the image, below it */
	struct pull_result image;
	struct pull_plan plan;  /* of local_pull_plan */
	int beside_fd;          /* the directory that the folder is in */
	sigset_t old_mask;
	int signal_fd;
};

/* Pulls options->image into a folder below `beside` (a directory). Needs root, for the image's
 * files belong to many users. SIGINT, SIGTERM and SIGHUP are held back from here until
 * local_pull_close(), and end a pull as a failure. */
int local_pull_open(const struct options *options, const char *beside, struct arena *arena,
		    struct local_pull *pull, struct error *err);
/* Pulls options->image into the store (option --store), which stays. Needs root as well. */
int local_pull_into_store(const struct options *options, struct arena *arena,
			  struct local_pull *pull, struct error *err);
/* Only finds out what a pull would do; fills pull->plan. */
int local_pull_plan(const struct options *options, struct arena *arena, struct local_pull *pull,
		    struct error *err);
/* Removes the folder and lets signals through; also after a failure. */
void local_pull_close(struct local_pull *pull);

#endif
