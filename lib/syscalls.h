// SPDX-License-Identifier: Apache-2.0
/*
 * System calls that musl has no wrapper for, under names of our own so that a libc which has one
 * does not clash. Each returns what the kernel returns, with -1 and errno on failure. The number in
 * brackets is the Linux version that brought the call.
 */
#ifndef BERTH_LIB_SYSCALLS_H
#define BERTH_LIB_SYSCALLS_H

#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* The tests are also built against a distribution's older kernel headers (6.1). */
#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif

/* Opens `path` below dir_fd with RESOLVE_* rules [5.6]; retries EINTR, and EAGAIN up to a bound. O_CLOEXEC is
 * always added. */
int sys_openat2(int dir_fd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
pid_t sys_clone3(struct clone_args *args);                            /* [5.3] */
int sys_pidfd_open(pid_t pid, unsigned flags);                        /* [5.3] */
int sys_pidfd_send_signal(int pidfd, int signal);                     /* [5.1] */
int sys_close_range(unsigned first, unsigned last, unsigned flags);   /* [5.9] */
int sys_fchmodat2(int dir_fd, const char *path, mode_t mode, int flags); /* [6.6] */
int sys_open_tree(int dir_fd, const char *path, unsigned flags);      /* [5.2] */
int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int sys_mount_setattr(int dir_fd, const char *path, unsigned flags, const struct mount_attr *attr,
		      size_t size);                                   /* [5.12] */
int sys_fsopen(const char *type, unsigned flags);                     /* [5.2] */
int sys_fsconfig(int fs_fd, unsigned command, const char *key, const void *value, int aux);
int sys_fsmount(int fs_fd, unsigned flags, unsigned attributes);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_landlock_create_ruleset(const struct landlock_ruleset_attr *attr, size_t size,
				uint32_t flags);                      /* [5.13] */
int sys_landlock_add_rule(int ruleset, enum landlock_rule_type type, const void *attr);
int sys_landlock_restrict_self(int ruleset);

#endif
