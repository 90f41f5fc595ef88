// SPDX-License-Identifier: Apache-2.0
/* The container's cgroup (v2): limits, events, the end of all its processes. */
#ifndef BERTH_RUNTIME_CGROUP_H
#define BERTH_RUNTIME_CGROUP_H

#include "runtime/container.h"

/* Once: finds the v2 hierarchy, makes /berth in it with the device filter, hands the controllers
 * down. */
int cgroup_prepare(struct error *err);
/* Makes the container's group with the limits of the specification; returns its owned descriptor.
 * A group of that name left over is removed first; one with processes in it is an error. */
int cgroup_create(const struct container_spec *spec, struct error *err);
/* SIGKILL to everything in the group. */
int cgroup_kill(int cgroup_fd, struct error *err);
/* The number after `key` in an events file ("oom_kill" in "memory.events"); 0 without file or
 * key. */
uint64_t cgroup_event(int cgroup_fd, const char *file, const char *key);
/* Removes the group. -1 with code EBUSY while processes are dying; a missing group is success. */
int cgroup_remove(const char *id, struct error *err);

#endif
