// SPDX-License-Identifier: Apache-2.0
/*
 * Which devices the processes of a cgroup may open or create: a cgroup v2 BPF program. Without it a
 * container's root, which may create device nodes, could open the machine's disks.
 */
#ifndef BERTH_RUNTIME_DEVICE_FILTER_H
#define BERTH_RUNTIME_DEVICE_FILTER_H

#include "lib/error.h"

/* Loads the program for Docker's default rules once; returns its owned descriptor. */
int device_filter_load(struct error *err);
/* Binds a loaded program to the cgroup directory. */
int device_filter_attach(int cgroup_fd, int program_fd, struct error *err);

#endif
