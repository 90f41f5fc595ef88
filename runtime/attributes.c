// SPDX-License-Identifier: Apache-2.0
#include "runtime/attributes.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <linux/sched/types.h>
#include <stdio.h>
#include <sys/resource.h>

enum { IOPRIO_WHO_PROCESS = 1 };

static int set_oom_score(int value, pid_t pid, struct error *err)
{
	char path[64], text[16];
	if (pid)
		snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
	else
		snprintf(path, sizeof path, "/proc/self/oom_score_adj");
	snprintf(text, sizeof text, "%d", value);
	return file_put(AT_FDCWD, path, text, err);
}

static int set_scheduler(const struct scheduler_spec *scheduler, pid_t pid, struct error *err)
{
	struct sched_attr attr = {
		.size = sizeof attr,
		.sched_policy = scheduler->policy,
		.sched_flags = scheduler->flags,
		.sched_nice = scheduler->nice,
		.sched_priority = scheduler->priority,
		.sched_runtime = scheduler->runtime,
		.sched_deadline = scheduler->deadline,
		.sched_period = scheduler->period,
	};
	if (syscall(SYS_sched_setattr, pid, &attr, 0) < 0)
		return error_errno(err, errno, "set scheduling policy %u", scheduler->policy);
	return 0;
}

int attributes_apply(const struct process_spec *process, pid_t pid, struct error *err)
{
	if (process->has_oom_score_adj && set_oom_score(process->oom_score_adj, pid, err) < 0)
		return -1;
	if (process->scheduler.given && set_scheduler(&process->scheduler, pid, err) < 0)
		return -1;
	if (process->has_io_priority &&
	    syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, process->io_priority) < 0)
		return error_errno(err, errno, "set the I/O priority");
	return 0;
}

int attributes_set_affinity(const struct cpu_set *cpus, pid_t pid, struct error *err)
{
	if (cpus->given &&
	    syscall(SYS_sched_setaffinity, pid, sizeof cpus->bits, cpus->bits) < 0)
		return error_errno(err, errno, "set the CPU affinity");
	return 0;
}

int attributes_set_memory_policy(const struct memory_policy *policy, struct error *err)
{
	/* The kernel reads one bit less than it is told. */
	unsigned long bits = policy->nodes.given ? SPEC_CPUS_MAX + 1 : 0;
	if (policy->given && syscall(SYS_set_mempolicy, policy->mode,
				     bits ? policy->nodes.bits : NULL, bits) < 0)
		return error_errno(err, errno, "set the memory policy");
	return 0;
}

/* The kernel's own call: its 64-bit limits are those of the specification on every libc. */
static int call_prlimit(pid_t pid, int resource, const uint64_t new[2], uint64_t old[2])
{
	return (int)syscall(SYS_prlimit64, pid, resource, new, old);
}

int attributes_lift_limits(const struct process_spec *process, pid_t pid, struct error *err)
{
	for (size_t i = 0; i < process->limit_count; i++) {
		const struct resource_limit *limit = &process->limits[i];
		uint64_t now[2];
		if (call_prlimit(pid, limit->resource, NULL, now) < 0)
			return error_errno(err, errno, "read resource limit %d", limit->resource);
		if (limit->hard <= now[1])
			continue;
		now[1] = limit->hard;
		if (call_prlimit(pid, limit->resource, now, NULL) < 0)
			return error_errno(err, errno, "raise resource limit %d", limit->resource);
	}
	return 0;
}

/* Without CAP_SYS_RESOURCE the hard limit can only fall. */
static int lower(const struct resource_limit *limit, uint64_t wanted[2])
{
	uint64_t now[2];
	if (call_prlimit(0, limit->resource, NULL, now) < 0)
		return -1;
	if (wanted[1] > now[1])
		wanted[1] = now[1];
	if (wanted[0] > wanted[1])
		wanted[0] = wanted[1];
	return call_prlimit(0, limit->resource, wanted, NULL);
}

int attributes_limit(const struct process_spec *process, struct error *err)
{
	for (size_t i = 0; i < process->limit_count; i++) {
		const struct resource_limit *limit = &process->limits[i];
		uint64_t wanted[2] = {limit->soft, limit->hard};
		if (call_prlimit(0, limit->resource, wanted, NULL) == 0 ||
		    (errno == EPERM && limit->may_be_lower && lower(limit, wanted) == 0))
			continue;
		return error_errno(err, errno, "set resource limit %d to %llu:%llu",
				   limit->resource, (unsigned long long)limit->soft,
				   (unsigned long long)limit->hard);
	}
	return 0;
}
