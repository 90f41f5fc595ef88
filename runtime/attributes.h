// SPDX-License-Identifier: Apache-2.0
/* Attributes of a process beside its identity: limits, OOM score, scheduling. */
#ifndef BERTH_RUNTIME_ATTRIBUTES_H
#define BERTH_RUNTIME_ATTRIBUTES_H

#include "runtime/spec.h"

/* OOM score, scheduler and I/O priority of process `pid` (0: the calling one). Needs the host's
 * procfs, and privilege in the initial user namespace for most values: in a container with a user
 * namespace the parent does it. */
int attributes_apply(const struct process_spec *process, pid_t pid, struct error *err);
/* The parent's half of attributes_limit() in such a container: lifts the hard limits that the
 * process itself could not. */
int attributes_lift_limits(const struct process_spec *process, pid_t pid, struct error *err);
/* Resource limits of the calling process; last, because low ones would stop the start itself. */
int attributes_limit(const struct process_spec *process, struct error *err);
/* Of the calling process; its children have it too. */
int attributes_set_memory_policy(const struct memory_policy *policy, struct error *err);
int attributes_set_affinity(const struct cpu_set *cpus, pid_t pid, struct error *err);

#endif
