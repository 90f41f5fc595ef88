// SPDX-License-Identifier: Apache-2.0
#include "init/net/dhcp_confinement.h"

#include "lib/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * What busybox udhcpc and its script call, from traces of builds with musl and with glibc; the
 * calls that only old architectures have are left out elsewhere. `capset` and `prctl` are for
 * keep_capabilities_across_exec() below, `setuid` and `setgid` for busybox, which gives up what it
 * does not have; nothing can be gained with any of them.
 */
static const uint16_t CALLS[] = {
	/* memory and start of a static program */
	__NR_execve, __NR_brk, __NR_mmap, __NR_munmap, __NR_mprotect, __NR_mremap, __NR_madvise,
	__NR_set_tid_address, __NR_set_robust_list, __NR_rseq, __NR_prlimit64, __NR_getrandom,
	__NR_futex, __NR_uname, __NR_sysinfo, __NR_readlinkat, __NR_capset, __NR_prctl,
	/* files and descriptors */
	__NR_openat, __NR_close, __NR_read, __NR_write, __NR_readv, __NR_writev, __NR_lseek,
	__NR_newfstatat, __NR_fstat, __NR_fcntl, __NR_ioctl, __NR_dup, __NR_dup3, __NR_pipe2,
	__NR_faccessat, __NR_umask,
	/* sockets */
	__NR_socket, __NR_bind, __NR_connect, __NR_setsockopt, __NR_getsockopt, __NR_getsockname,
	__NR_sendto, __NR_sendmsg, __NR_recvfrom, __NR_recvmsg, __NR_ppoll, __NR_pselect6,
	/* signals, time */
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_rt_sigtimedwait,
	__NR_sigaltstack, __NR_restart_syscall, __NR_nanosleep, __NR_clock_nanosleep,
	__NR_clock_gettime, __NR_gettimeofday,
	/* the script */
	__NR_clone, __NR_clone3, __NR_wait4, __NR_waitid, __NR_exit, __NR_exit_group, __NR_kill,
	__NR_tkill, __NR_tgkill, __NR_getpid, __NR_getppid, __NR_gettid, __NR_getuid, __NR_geteuid,
	__NR_getgid, __NR_getegid, __NR_setsid, __NR_setgid, __NR_setuid,
#ifdef __x86_64__
	__NR_arch_prctl, __NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_readlink, __NR_dup2,
	__NR_pipe, __NR_poll, __NR_select, __NR_fork, __NR_vfork, __NR_time, __NR_alarm,
	__NR_getrlimit,
#endif
	UINT16_MAX,
};

/* An exec by a user other than root keeps only the ambient capabilities. */
static int keep_capabilities_across_exec(uint64_t keep, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable =
			(uint32_t)(keep >> (32 * i));
	if (syscall(__NR_capset, &header, data) < 0)
		return error_errno(err, errno, "set the inheritable capabilities");
	for (unsigned long cap = 0; cap < 64; cap++)
		if (keep >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return error_errno(err, errno, "keep capability %lu across exec", cap);
	return 0;
}

int dhcp_confine(const char *busybox, const char *script, struct error *err)
{
	const struct confine_path paths[] = {
		{busybox, CONFINE_READ | CONFINE_EXECUTE, false},
		{script, CONFINE_READ | CONFINE_EXECUTE, false},
		{"/dev/null", CONFINE_READ | CONFINE_WRITE, false},
		{NULL, 0, false},
	};
	const struct confine_policy policy = {
		.name = "udhcpc",
		.uid = CONFINE_UID_NET,
		.gid = CONFINE_UID_NET,
		.keep_capabilities = 1ULL << CAP_NET_RAW | 1ULL << CAP_NET_BIND_SERVICE,
		.network = true,
		.paths = paths,
		.syscalls = CALLS,
		.address_space = 64 << 20,
		.open_files = 32,
	};
	bool strict = getppid() == 1; /* in the machine, not in a test on a workstation */
	if (confine_self(&policy, strict, err) < 0)
		return -1;
	/* Not root: a test on a workstation, which has no capability to keep. */
	if (geteuid() != CONFINE_UID_NET)
		return 0;
	return keep_capabilities_across_exec(policy.keep_capabilities, err);
}
