// SPDX-License-Identifier: Apache-2.0
/*
 * Which devices the processes of a cgroup may open or create: a cgroup v2 BPF program. Without it a
 * container's root, which may create device nodes, could open the machine's disks.
 */
#ifndef BERTH_RUNTIME_DEVICE_FILTER_H
#define BERTH_RUNTIME_DEVICE_FILTER_H

#include "lib/error.h"

/* Binds Docker's default rules to the cgroup directory and everything below it; replaces the filter
 * of an earlier call. */
int device_filter_attach(int cgroup_fd, struct error *err);

#endif
