// SPDX-License-Identifier: Apache-2.0
#include "images/policy.h"

#include "lib/confine.h"
#include "lib/syscalls.h"

#include <linux/capability.h>

/* The tables are those of the appliance's libc (musl); another one makes other calls. */
#ifdef __GLIBC__
#define TABLE(table) NULL
#else
#define TABLE(table) (table)
#endif

#define END_OF_TABLE UINT16_MAX

/* Calls that any C program makes: memory, time, signals, its end. */
#define COMMON_CALLS                                                                             \
	__NR_brk, __NR_clock_gettime, __NR_clock_nanosleep, __NR_close, __NR_exit,               \
		__NR_exit_group, __NR_fcntl, __NR_fstat, __NR_futex, __NR_getpid, __NR_getrandom, \
		__NR_gettid, __NR_gettimeofday, __NR_ioctl, __NR_lseek, __NR_madvise,            \
		__NR_mmap, __NR_mprotect, __NR_mremap, __NR_munmap, __NR_nanosleep, __NR_read,   \
		__NR_readv, __NR_restart_syscall, __NR_rt_sigaction, __NR_rt_sigprocmask,        \
		__NR_rt_sigreturn, __NR_sched_yield, __NR_sendmsg, __NR_sendto, __NR_write,      \
		__NR_writev, __NR_newfstatat, __NR_openat, __NR_openat2, __NR_pread64

/* What only the older architectures have. */
#ifdef __x86_64__
#define OLD_CALLS                                                                               \
	__NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_poll, __NR_pipe, __NR_time
#define OLD_WRITING_CALLS                                                                       \
	__NR_chmod, __NR_chown, __NR_lchown, __NR_link, __NR_mkdir, __NR_mknod, __NR_readlink,  \
		__NR_rename, __NR_rmdir, __NR_symlink, __NR_unlink
#else
#define OLD_CALLS __NR_ppoll
#define OLD_WRITING_CALLS __NR_unlinkat
#endif

__attribute__((unused)) static const uint16_t fetch_calls[] = {
	COMMON_CALLS,
	OLD_CALLS,
	__NR_ppoll,
	__NR_faccessat,
	__NR_getdents64,
	__NR_socket,
	__NR_socketpair,
	__NR_connect,
	__NR_bind,
	__NR_getsockname,
	__NR_getpeername,
	__NR_getsockopt,
	__NR_setsockopt,
	__NR_shutdown,
	__NR_recvfrom,
	__NR_recvmsg,
	__NR_eventfd2,
	__NR_pipe2,
	__NR_uname,
	END_OF_TABLE,
};

__attribute__((unused)) static const uint16_t apply_calls[] = {
	COMMON_CALLS,
	OLD_CALLS,
	OLD_WRITING_CALLS,
	__NR_faccessat,
	__NR_fallocate,
	__NR_fchdir,
	__NR_fchmod,
	__NR_fchmodat,
	__NR_fchmodat2,
	__NR_fchown,
	__NR_fchownat,
	__NR_fgetxattr,
	__NR_flistxattr,
	__NR_fremovexattr,
	__NR_fsetxattr,
	__NR_fstatfs,
	__NR_ftruncate,
	__NR_getdents64,
	__NR_getegid,
	__NR_geteuid,
	__NR_getgid,
	__NR_getuid,
	__NR_getxattr,
	__NR_lgetxattr,
	__NR_linkat,
	__NR_listxattr,
	__NR_llistxattr,
	__NR_lremovexattr,
	__NR_lsetxattr,
	__NR_mkdirat,
	__NR_mknodat,
	__NR_pwrite64,
	__NR_pwritev,
	__NR_readlinkat,
	__NR_removexattr,
	__NR_renameat,
	__NR_renameat2,
	__NR_setxattr,
	__NR_splice,
	__NR_statfs,
	__NR_statx,
	__NR_symlinkat,
	__NR_umask,
	__NR_unlinkat,
	__NR_utimensat,
	END_OF_TABLE,
};

int policy_fetch(const struct pull_request *request, const char *name, struct error *err)
{
	struct confine_path paths[8] = {{0}};
	size_t count = 0;
	paths[count++] = (struct confine_path){"/etc/resolv.conf", CONFINE_READ, true};
	paths[count++] = (struct confine_path){"/etc/hosts", CONFINE_READ, true};
	paths[count++] = (struct confine_path){"/etc/services", CONFINE_READ, true};
	if (request->ca_bundle)
		paths[count++] = (struct confine_path){request->ca_bundle, CONFINE_READ, true};
	if (request->layouts)
		paths[count++] = (struct confine_path){request->layouts, CONFINE_READ, true};
	const struct confine_policy policy = {
		.name = name,
		.uid = CONFINE_UID_FETCH,
		.gid = CONFINE_UID_FETCH,
		.network = true,
		.paths = paths,
		.syscalls = TABLE(fetch_calls),
		.open_files = 128,
	};
	return confine_self(&policy, request->strict, err);
}

int policy_apply(const struct pull_request *request, const char *tree, struct error *err)
{
	const struct confine_path paths[] = {
		{tree, CONFINE_READ | CONFINE_WRITE, false},
		{NULL, 0, false},
	};
	const struct confine_policy policy = {
		.name = "berth-apply",
		.keep_capabilities = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE |
				     1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_MKNOD |
				     1ULL << CAP_SETFCAP | 1ULL << CAP_SYS_ADMIN,
		.network = false,
		.paths = paths,
		.syscalls = TABLE(apply_calls),
		.open_files = 1024,
	};
	return confine_self(&policy, request->strict, err);
}
