// SPDX-License-Identifier: Apache-2.0
/* What a container is refused: one line for each call, for the test to compare. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static void report(const char *name, long result)
{
	printf("%s: %s\n", name, result >= 0 ? "allowed" : strerrorname_np(errno));
}

static void report_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	report(path, fd);
	if (fd >= 0)
		close(fd);
}

int probe_syscalls(long argument)
{
	struct timeval now = { .tv_sec = 1000000000 };

	(void)argument;
	report("mount", mount("none", "/mnt", "tmpfs", 0, NULL));
	report("umount", umount2("/proc", MNT_DETACH));
	report("unshare-user", unshare(CLONE_NEWUSER));
	report("unshare-mount", unshare(CLONE_NEWNS));
	report("setns", setns(0, 0));
	report("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
	report("bpf", syscall(SYS_bpf, 0, NULL, 0));
	report("perf_event_open", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
	report("userfaultfd", syscall(SYS_userfaultfd, 0));
	report("io_uring_setup", syscall(SYS_io_uring_setup, 1, NULL));
	report("open_by_handle_at", syscall(SYS_open_by_handle_at, -1, NULL, 0));
	report("init_module", syscall(SYS_init_module, NULL, 0, ""));
	report("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0));
	report("reboot", syscall(SYS_reboot, 0xfee1dead, 672274793, 0, NULL));
	report("swapon", syscall(SYS_swapon, "/none", 0));
	report("settimeofday", settimeofday(&now, NULL));
	report("sethostname", sethostname("x", 1));
	report("socket-vsock", socket(40, SOCK_STREAM, 0));
	report_open("/proc/sysrq-trigger", O_WRONLY);
	report_open("/proc/sys/kernel/core_pattern", O_WRONLY);
	report_open("/proc/kcore", O_RDONLY);
	report_open("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
	return 0;
}

int probe_burst(long argument)
{
	for (long i = 1; i <= argument; i++)
		printf("line %ld\n", i);
	printf("last line without an end");
	return 0;
}
