// SPDX-License-Identifier: Apache-2.0
/*
 * Namespaces that a container shares with the machine or with another one that runs. What is shared
 * of /dev/shm is a file system of the machine's, /run/berth/shm/NAME, which is new with each start of
 * the container that it is made for; /run/berth/shm/@host is that of all with ipc: host.
 */
#ifndef BERTH_INIT_SUPERVISE_SHARING_H
#define BERTH_INIT_SUPERVISE_SHARING_H

#include "init/supervise/instance.h"

/* Descriptors that a specification borrows until its container is cloned; -1 where there is none. */
struct shared_namespaces {
	int pid, ipc;
};

#define SHARED_NAMESPACES_INIT {-1, -1}
void shared_namespaces_close(struct shared_namespaces *shared);

/* What needs only the description: which namespaces are not made. Lists live in `arena`. */
int sharing_specify(const struct instance *instance, struct arena *arena,
		    struct container_spec *spec, struct error *err);
/* At a start: opens the namespaces of others, and makes the file system that others will share. */
int sharing_join(const struct instance *instance, struct container_spec *spec,
		 struct shared_namespaces *out, struct error *err);

#endif
