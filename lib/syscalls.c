// SPDX-License-Identifier: Apache-2.0
#include "lib/syscalls.h"

#include <errno.h>

/* EAGAIN means that something was renamed or mounted meanwhile; who renames all the time must not
 * hold us up forever. */
enum { ATTEMPTS_MAX = 10000 };

int sys_openat2(int dir_fd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
	long fd;
	int attempts = 0;
	do
		fd = syscall(__NR_openat2, dir_fd, path, &how, sizeof how);
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++attempts < ATTEMPTS_MAX)));
	return (int)fd;
}

pid_t sys_clone3(struct clone_args *args)
{
	return (pid_t)syscall(__NR_clone3, args, sizeof *args);
}

int sys_pidfd_open(pid_t pid, unsigned flags)
{
	return (int)syscall(__NR_pidfd_open, pid, flags);
}

int sys_pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(__NR_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(__NR_close_range, first, last, flags);
}

int sys_fchmodat2(int dir_fd, const char *path, mode_t mode, int flags)
{
	return (int)syscall(__NR_fchmodat2, dir_fd, path, mode, flags);
}

int sys_open_tree(int dir_fd, const char *path, unsigned flags)
{
	return (int)syscall(__NR_open_tree, dir_fd, path, flags);
}

int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return (int)syscall(__NR_move_mount, from_fd, from, to_fd, to, flags);
}

int sys_mount_setattr(int dir_fd, const char *path, unsigned flags, const struct mount_attr *attr,
		      size_t size)
{
	return (int)syscall(__NR_mount_setattr, dir_fd, path, flags, attr, size);
}

int sys_fsopen(const char *type, unsigned flags)
{
	return (int)syscall(__NR_fsopen, type, flags);
}

int sys_fsconfig(int fs_fd, unsigned command, const char *key, const void *value, int aux)
{
	return (int)syscall(__NR_fsconfig, fs_fd, command, key, value, aux);
}

int sys_fsmount(int fs_fd, unsigned flags, unsigned attributes)
{
	return (int)syscall(__NR_fsmount, fs_fd, flags, attributes);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(__NR_pivot_root, new_root, put_old);
}

int sys_landlock_create_ruleset(const struct landlock_ruleset_attr *attr, size_t size,
				uint32_t flags)
{
	return (int)syscall(__NR_landlock_create_ruleset, attr, size, flags);
}

int sys_landlock_add_rule(int ruleset, enum landlock_rule_type type, const void *attr)
{
	return (int)syscall(__NR_landlock_add_rule, ruleset, type, attr, 0);
}

int sys_landlock_restrict_self(int ruleset)
{
	return (int)syscall(__NR_landlock_restrict_self, ruleset, 0);
}
