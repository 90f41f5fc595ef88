// SPDX-License-Identifier: Apache-2.0
#include "runtime/namespaces.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

const struct namespace_kind namespace_kinds[NAMESPACE_COUNT] = {
	[NAMESPACE_USER] = {"user", "user", CLONE_NEWUSER},
	[NAMESPACE_MOUNT] = {"mount", "mnt", CLONE_NEWNS},
	[NAMESPACE_PID] = {"pid", "pid", CLONE_NEWPID},
	[NAMESPACE_NETWORK] = {"network", "net", CLONE_NEWNET},
	[NAMESPACE_IPC] = {"ipc", "ipc", CLONE_NEWIPC},
	[NAMESPACE_UTS] = {"uts", "uts", CLONE_NEWUTS},
	[NAMESPACE_CGROUP] = {"cgroup", "cgroup", CLONE_NEWCGROUP},
	[NAMESPACE_TIME] = {"time", "time", CLONE_NEWTIME},
};

bool namespaces_new_user(const struct container_spec *spec)
{
	return spec->namespaces & CLONE_NEWUSER;
}

bool namespaces_join_first(const struct container_spec *spec)
{
	bool any = false;
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		any |= spec->join[i] >= 0 && i != NAMESPACE_MOUNT;
	return spec->join[NAMESPACE_USER] >= 0 || (any && namespaces_new_user(spec));
}

bool namespaces_join_pid(const struct container_spec *spec)
{
	return spec->join[NAMESPACE_PID] >= 0 && !namespaces_join_first(spec);
}

int namespaces_children_in(int pid_fd)
{
	return setns(pid_fd, CLONE_NEWPID);
}

unsigned long namespaces_clone_flags(const struct container_spec *spec)
{
	return spec->namespaces & ~(unsigned long)(CLONE_NEWCGROUP | CLONE_NEWTIME);
}

static int join(const struct container_spec *spec, int kind, struct error *err)
{
	if (spec->join[kind] < 0)
		return 0;
	if (setns(spec->join[kind], (int)namespace_kinds[kind].flag) < 0)
		return error_errno(err, errno, "join the %s namespace", namespace_kinds[kind].name);
	return 0;
}

/* Those that the user namespace has no power over are joined before it, the others after it. */
int namespaces_join(const struct container_spec *spec, struct error *err)
{
	bool joined[NAMESPACE_COUNT] = {false};
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (i != NAMESPACE_USER && i != NAMESPACE_MOUNT)
			joined[i] = join(spec, i, NULL) == 0;
	if (join(spec, NAMESPACE_USER, err) < 0)
		return -1;
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (i != NAMESPACE_USER && i != NAMESPACE_MOUNT && !joined[i] &&
		    join(spec, i, err) < 0)
			return -1;
	return 0;
}

int namespaces_write_offsets(const struct container_spec *spec, const char *pid,
			     struct error *err)
{
	char path[64], text[160];
	snprintf(path, sizeof path, "/proc/%s/timens_offsets", pid);
	snprintf(text, sizeof text, "monotonic %" PRId64 " %u\nboottime %" PRId64 " %u\n",
		 spec->monotonic_s, spec->monotonic_ns, spec->boottime_s, spec->boottime_ns);
	return file_put(AT_FDCWD, path, text, err);
}

int namespaces_before_root(const struct container_spec *spec, struct error *err)
{
	if (!(spec->namespaces & CLONE_NEWTIME))
		return 0;
	if (unshare(CLONE_NEWTIME) < 0)
		return error_errno(err, errno, "make a time namespace");
	/* Inside a user namespace the process may not; its parent does. */
	return spec->has_time_offsets && !namespaces_new_user(spec)
		       ? namespaces_write_offsets(spec, "self", err)
		       : 0;
}

int namespaces_become_root(struct error *err)
{
	if (syscall(SYS_setresgid, 0, 0, 0) < 0 || syscall(SYS_setresuid, 0, 0, 0) < 0)
		return error_errno(err, errno, "become root of the user namespace (is ID 0 mapped?)");
	/* Refused where the maps were written without privilege. */
	if (syscall(SYS_setgroups, 0, NULL) < 0 && errno != EPERM)
		return error_errno(err, errno, "drop the supplementary groups");
	return 0;
}

static int enter_time(const struct container_spec *spec, struct error *err)
{
	if (!(spec->namespaces & CLONE_NEWTIME))
		return 0;
	_cleanup_close_ int fd = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
		return error_errno(err, errno, "enter the new time namespace");
	return 0;
}

/* A new network namespace has it switched off; nothing but the container can reach it. */
static int raise_loopback(const struct container_spec *spec, struct error *err)
{
	if (!(spec->namespaces & CLONE_NEWNET))
		return 0;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_errno(err, errno, "switch the loopback device on");
	return 0;
}

int namespaces_enter(const struct container_spec *spec, struct error *err)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (i != NAMESPACE_PID && (i == NAMESPACE_MOUNT || !namespaces_join_first(spec)) &&
		    join(spec, i, err) < 0)
			return -1;
	if (spec->namespaces & CLONE_NEWCGROUP && unshare(CLONE_NEWCGROUP) < 0)
		return error_errno(err, errno, "make a cgroup namespace");
	if (enter_time(spec, err) < 0 || raise_loopback(spec, err) < 0)
		return -1;
	/* Otherwise it is the machine's. */
	bool own_names = spec->namespaces & CLONE_NEWUTS || spec->join[NAMESPACE_UTS] >= 0;
	if (own_names && spec->hostname && sethostname(spec->hostname, strlen(spec->hostname)) < 0)
		return error_errno(err, errno, "set the host name \"%s\"", spec->hostname);
	if (own_names && spec->domainname && setdomainname(spec->domainname, strlen(spec->domainname)) < 0)
		return error_errno(err, errno, "set the domain name \"%s\"", spec->domainname);
	return 0;
}
