// SPDX-License-Identifier: Apache-2.0
/* Namespaces of a container: by creation or by joining. */
#ifndef BERTH_RUNTIME_NAMESPACES_H
#define BERTH_RUNTIME_NAMESPACES_H

#include "runtime/spec.h"

struct namespace_kind {
	const char *name;     /* in config.json */
	const char *file;     /* in /proc/PID/ns */
	unsigned long flag;   /* CLONE_NEW* */
};
extern const struct namespace_kind namespace_kinds[NAMESPACE_COUNT];

/* A new user namespace is made. */
bool namespaces_new_user(const struct container_spec *spec);
/* Only a PID namespace has to be joined before the clone, which the parent can for its children. */
bool namespaces_join_pid(const struct container_spec *spec);
/* Joining must come before the clone, in a helper: a user namespace to join, or a new one that would
 * have no power over the others. */
bool namespaces_join_first(const struct container_spec *spec);
/* What clone3 makes. The cgroup namespace's root is the cgroup of the process that makes it, and
 * the time namespace gets its offsets before it is entered: the process makes these itself. */
unsigned long namespaces_clone_flags(const struct container_spec *spec);

/* Where the next children of this process are made: in the PID namespace; -1 with errno. */
int namespaces_children_in(int pid_fd);

/* In the process that clones: joins all but the mount namespace. */
int namespaces_join(const struct container_spec *spec, struct error *err);

/* In the child, in this order. */
int namespaces_before_root(const struct container_spec *spec, struct error *err);
int namespaces_become_root(struct error *err);
int namespaces_enter(const struct container_spec *spec, struct error *err);

/* In the parent: writes maps and offsets of process `pid`, which has made the namespaces. */
int namespaces_write_maps(const struct id_maps *maps, pid_t pid, struct error *err);
int namespaces_write_offsets(const struct container_spec *spec, const char *pid,
			     struct error *err);
/* A user namespace with the maps and nothing in it, for idmapped mounts; returns its owned
 * descriptor. */
int namespaces_make_user(const struct id_maps *maps, struct error *err);

#endif
