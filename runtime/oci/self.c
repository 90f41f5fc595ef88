// SPDX-License-Identifier: Apache-2.0
/*
 * The runtime's own program, out of reach of containers (CVE-2019-5736). A container's program may be
 * "#!/proc/self/exe": what it then executes, and can try to overwrite, is this file. On a read-only
 * file system that is vain; elsewhere the runtime goes on from its file seen through an overlay mount
 * without an upper directory, which nobody can make writable, or, where that cannot be had, from a
 * sealed copy in memory (whose pages are new each time: dearer).
 */
#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

extern char **environ;

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE };

static bool is_safe(int exe_fd)
{
	struct statvfs fs;
	return fcntl(exe_fd, F_GET_SEALS) == SEALS ||
	       (fstatvfs(exe_fd, &fs) == 0 && fs.f_flag & ST_RDONLY);
}

static int copy(int exe_fd, int to_fd, struct error *err)
{
	struct stat st;
	if (fstat(exe_fd, &st) < 0)
		return error_errno(err, errno, "inspect the runtime's program");
	for (off_t left = st.st_size; left > 0;) {
		ssize_t sent = sendfile(to_fd, exe_fd, NULL, (size_t)left);
		if (sent <= 0)
			return error_errno(err, errno, "copy the runtime's program");
		left -= sent;
	}
	return fcntl(to_fd, F_ADD_SEALS, SEALS) < 0
		       ? error_errno(err, errno, "seal the copy of the runtime's program")
		       : 0;
}

/* The file through a read-only overlay of its directory; -1 when that is not to be had. An overlay
 * without an upper directory has two lower ones; nothing is looked for in the second. */
static int open_through_overlay(int exe_fd)
{
	struct error ignored = ERROR_INIT;
	struct stat real, seen;
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0 || path[0] != '/')
		return -1;
	path[length] = 0;
	char *name = strrchr(path, '/');
	*name++ = 0;
	const struct mount_option options[] = {
		{"source", "berth-runtime"}, {"lowerdir+", path[0] ? path : "/"},
		{"lowerdir+", "/sys/fs/cgroup"}, {NULL, NULL},
	};
	_cleanup_close_ int mount_fd =
		mount_new("overlay", options, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
			  &ignored);
	if (mount_fd < 0)
		return -1;
	_cleanup_close_ int fd = openat(mount_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &seen) < 0 || fstat(exe_fd, &real) < 0 ||
	    seen.st_ino != real.st_ino || seen.st_size != real.st_size || !is_safe(fd))
		return -1;
	return steal_fd(&fd);
}

static int open_sealed_copy(int exe_fd, struct error *err)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	_cleanup_close_ int copy_fd = memfd_create("berth-runtime", flags | MFD_EXEC);
	if (copy_fd < 0 && errno == EINVAL)
		copy_fd = memfd_create("berth-runtime", flags); /* before Linux 6.3 */
	if (copy_fd < 0)
		return error_errno(err, errno, "make a copy of the runtime's program");
	return copy(exe_fd, copy_fd, err) < 0 ? -1 : steal_fd(&copy_fd);
}

int go_out_of_reach(char **argv, struct error *err)
{
	_cleanup_close_ int exe_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (exe_fd < 0)
		return error_errno(err, errno, "open the runtime's program (is /proc there?)");
	if (is_safe(exe_fd))
		return 0;
	_cleanup_close_ int safe_fd = open_through_overlay(exe_fd);
	if (safe_fd < 0)
		safe_fd = open_sealed_copy(exe_fd, err);
	if (safe_fd < 0)
		return -1;
	syscall(SYS_execveat, safe_fd, "", argv, environ, AT_EMPTY_PATH);
	return error_errno(err, errno, "execute the copy of the runtime's program");
}
