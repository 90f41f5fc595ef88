// SPDX-License-Identifier: Apache-2.0
/* The container's cgroup (v2): limits, events, the end of all its processes. */
#ifndef BERTH_RUNTIME_CGROUP_H
#define BERTH_RUNTIME_CGROUP_H

#include "runtime/container.h"

/* Once: finds the v2 hierarchy, makes /berth in it with the device filter, hands the controllers
 * down. */
int cgroup_prepare(struct error *err);
/* Makes the container's group below /berth with the limits of the specification; returns its owned
 * descriptor. A group of that name left over is removed first; one with processes in it is an
 * error. */
int cgroup_create(const struct container_spec *spec, struct error *err);
/* Removes the group below /berth. -1 with code EBUSY while processes are dying; a missing group is
 * success. */
int cgroup_remove(const char *id, struct error *err);

/* The root directory of the v2 hierarchy, owned. */
int cgroup_hierarchy(struct error *err);
/* Makes the group at `path` (no "..", relative to the hierarchy's root) with its parents, handing
 * every controller down on the way where the kernel lets; returns its owned descriptor. */
int cgroup_make(int hierarchy_fd, const char *path, struct error *err);
/* Opens it; -1 with code ENOENT when it is not there. */
int cgroup_open(int hierarchy_fd, const char *path, struct error *err);
/* Writes the settings and binds the device filter. */
int cgroup_apply(int cgroup_fd, const struct resources *resources, struct error *err);
int cgroup_enter(int cgroup_fd, pid_t pid, struct error *err);
/* Removes the group and all below it, waiting for dying processes for a while. */
int cgroup_remove_tree(int hierarchy_fd, const char *path, struct error *err);
/* Removes the groups below it that have no processes, children first. What cannot be removed shows at
 * the parent. */
void cgroup_remove_children(int cgroup_fd);
/* Stops (or lets go) all processes and waits until they are. */
int cgroup_freeze(int cgroup_fd, bool frozen, struct error *err);
bool cgroup_frozen(int cgroup_fd);

/* Writes the processes of the group and of all groups below it to `text`, one a line, with 0 at the
 * end. -1 when the group cannot be read or the space does not do. */
int cgroup_processes(int cgroup_fd, char *text, size_t size, struct error *err);

/* SIGKILL to everything in the group. */
int cgroup_kill(int cgroup_fd, struct error *err);
/* The number after `key` in an events file ("oom_kill" in "memory.events"); 0 without file or
 * key. */
uint64_t cgroup_event(int cgroup_fd, const char *file, const char *key);

#endif
