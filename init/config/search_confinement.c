// SPDX-License-Identifier: Apache-2.0
#include "init/config/search_confinement.h"

#include "images/http/http.h"
#include "lib/cleanup.h"
#include "lib/confine.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MEMORY_MAX = 96 << 20 };

/* Reading what is open, memory, frames. */
__attribute__((unused)) static const uint16_t local_calls[] = {
	__NR_brk, __NR_mmap, __NR_munmap, __NR_mremap, __NR_mprotect, __NR_madvise, __NR_futex,
	__NR_openat, __NR_openat2, __NR_read, __NR_readv, __NR_pread64, __NR_write, __NR_writev, __NR_lseek, __NR_fstat,
	__NR_newfstatat, __NR_close, __NR_fcntl, __NR_ioctl, __NR_ppoll, __NR_nanosleep,
	__NR_clock_nanosleep, __NR_clock_gettime, __NR_gettimeofday, __NR_sendto, __NR_sendmsg,
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_restart_syscall,
	__NR_getpid, __NR_sched_yield, __NR_gettid, __NR_getrandom, __NR_exit, __NR_exit_group,
#ifdef __x86_64__
	__NR_poll,
#endif
	UINT16_MAX,
};

static const char *const web[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/cert.pem", "/etc/ssl/cert.pem.zst",
	"/dev/random", "/dev/urandom", /* mbedTLS takes its entropy from one of the two */
};

int search_confine(const struct search_needs *needs, struct error *err)
{
	enum { FOLDERS_MAX = 26 };
	struct confine_path paths[countof(web) + FOLDERS_MAX + 1];
	size_t count = 0;
	for (size_t i = 0; needs->network && i < countof(web); i++)
		paths[count++] = (struct confine_path){web[i], CONFINE_READ, true};
	for (size_t i = 0; i < needs->folder_count && i < FOLDERS_MAX; i++)
		paths[count++] = (struct confine_path){needs->folders[i], CONFINE_READ, true};
	paths[count] = (struct confine_path){NULL, 0, false};
	const struct confine_policy policy = {
		.name = "berth-config",
		.uid = CONFINE_UID_CONFIG,
		.gid = CONFINE_UID_CONFIG,
		.keep_capabilities =
			(needs->low_port ? 1ULL << CAP_NET_BIND_SERVICE : 0) |
			(needs->folder_count ? 1ULL << CAP_DAC_READ_SEARCH : 0),
		.network = needs->network,
		.paths = paths,
#ifndef __GLIBC__
		.syscalls = needs->network ? http_syscalls : local_calls,
#endif
		.address_space = MEMORY_MAX,
	};
	return confine_self(&policy, true, err);
}
