// SPDX-License-Identifier: Apache-2.0
/*
 * Which devices the processes of a cgroup may open or create: a cgroup v2 BPF program. Without it a
 * container's root, which may create device nodes, could open the machine's disks.
 */
#ifndef BERTH_RUNTIME_DEVICE_FILTER_H
#define BERTH_RUNTIME_DEVICE_FILTER_H

#include "runtime/spec.h"

/* Binds the rules to the cgroup directory and everything below it, with the default devices (null,
 * zero, full, random, urandom, tty, ptmx, pts, and making of any node) allowed before them. Replaces
 * the filter of an earlier call. Of two rules that match, the later one decides. */
int device_filter_attach(int cgroup_fd, const struct device_rule *rules, size_t count,
			 struct error *err);
/* Binds only the default devices; a group below that gets a filter of its own has that one alone. */
int device_filter_attach_default(int cgroup_fd, struct error *err);

#endif
