// SPDX-License-Identifier: Apache-2.0
#include "runtime/sysctl.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>

/* Through the container's own, unshared procfs and nowhere else (CVE-2025-52881). */
static int set(int proc_fd, const char *path, const char *value, struct error *err)
{
	_cleanup_close_ int fd = sys_openat2(
		proc_fd, path, O_WRONLY, 0,
		RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
	if (fd < 0 || write(fd, value, strlen(value)) < 0)
		return error_errno(err, errno, "set %s to \"%s\"", path, value);
	return 0;
}

int sysctl_apply_network(int proc_fd, struct error *err)
{
	if (set(proc_fd, "sys/net/ipv4/ip_unprivileged_port_start", "0", err) < 0)
		return -1;
	return set(proc_fd, "sys/net/ipv4/ping_group_range", "0 2147483647", err);
}
