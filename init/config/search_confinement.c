// SPDX-License-Identifier: Apache-2.0
#include "init/config/search_confinement.h"

#include "images/http/http.h"
#include "lib/confine.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMORY_MAX = 96 << 20 };

/* Reading what is open, memory, frames. */
__attribute__((unused)) static const uint16_t local_calls[] = {
	__NR_brk, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise, __NR_futex,
	__NR_read, __NR_readv, __NR_pread64, __NR_write, __NR_writev, __NR_lseek, __NR_fstat,
	__NR_newfstatat, __NR_close, __NR_fcntl, __NR_ioctl, __NR_ppoll, __NR_nanosleep,
	__NR_clock_nanosleep, __NR_clock_gettime, __NR_gettimeofday, __NR_sendto, __NR_sendmsg,
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_restart_syscall,
	__NR_getpid, __NR_gettid, __NR_getrandom, __NR_exit, __NR_exit_group,
#ifdef __x86_64__
	__NR_poll,
#endif
	UINT16_MAX,
};

int search_confine(bool network, bool low_port, struct error *err)
{
	static const struct confine_path web[] = {
		{"/etc/resolv.conf", CONFINE_READ, true},
		{"/etc/hosts", CONFINE_READ, true},
		{"/etc/ssl/cert.pem", CONFINE_READ, true},
		{"/dev/random", CONFINE_READ, true},  /* mbedTLS takes its entropy */
		{"/dev/urandom", CONFINE_READ, true}, /* from one of the two */
		{NULL, 0, false},
	};
	static const struct confine_path nothing[] = {{NULL, 0, false}};
	const struct confine_policy policy = {
		.name = "berth-config",
		.uid = CONFINE_UID_CONFIG,
		.gid = CONFINE_UID_CONFIG,
		.keep_capabilities = low_port ? 1ULL << CAP_NET_BIND_SERVICE : 0,
		.network = network,
		.paths = network ? web : nothing,
#ifndef __GLIBC__
		.syscalls = network ? http_syscalls : local_calls,
#endif
		.address_space = MEMORY_MAX,
	};
	return confine_self(&policy, true, err);
}
