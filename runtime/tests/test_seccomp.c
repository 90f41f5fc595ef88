// SPDX-License-Identifier: Apache-2.0
/* The generated filter, asked by real system calls in a child. */
#include "lib/cleanup.h"
#include "lib/tap.h"
#include "runtime/capabilities.h"
#include "runtime/seccomp.h"
#include "runtime/tests/bpf.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { ALLOWED = 0 }; /* anything but EPERM and ENOSYS */

/* High bits that the kernel drops from an int argument: a filter must not see another value. */
#define HIGH 0x100000000ul

static const struct {
	const char *name;
	long number;
	unsigned long arguments[4];
	int want;
} CALLS[] = {
	{"getpid", SYS_getpid, {0}, ALLOWED},
	{"read", SYS_read, {99, 0, 0}, ALLOWED},
	{"write", SYS_write, {99, 0, 0}, ALLOWED},
	{"openat", SYS_openat, {99, 0, 0}, ALLOWED},
	{"memfd_create", SYS_memfd_create, {0}, ALLOWED},
	{"prctl", SYS_prctl, {PR_GET_DUMPABLE}, ALLOWED},
	{"chroot (CAP_SYS_CHROOT is a default)", SYS_chroot, {0}, ALLOWED},
	{"ptrace (allowed since Linux 4.8)", SYS_ptrace, {PTRACE_PEEKDATA, 0, 0, 0}, ALLOWED},
	{"mknodat", SYS_mknodat, {99, 0}, ALLOWED},
	{"execve", SYS_execve, {0}, ALLOWED},
	{"seccomp", SYS_seccomp, {99}, ALLOWED},
	{"personality(PER_LINUX)", SYS_personality, {0}, ALLOWED},
	{"personality(query)", SYS_personality, {0xffffffff}, ALLOWED},
	{"personality(ADDR_NO_RANDOMIZE)", SYS_personality, {0x40000}, EPERM},
	{"personality(READ_IMPLIES_EXEC)", SYS_personality, {0x400000}, EPERM},
	{"socket(AF_INET)", SYS_socket, {AF_INET, SOCK_STREAM}, ALLOWED},
	{"socket(AF_VSOCK)", SYS_socket, {40, SOCK_STREAM}, EPERM},
	{"socket(AF_VSOCK with high bits)", SYS_socket, {HIGH + 40, SOCK_STREAM}, EPERM},
	{"CVE-2026-31431: socket(AF_ALG)", SYS_socket, {38, SOCK_SEQPACKET}, EPERM},
	{"ioctl(FIONREAD)", SYS_ioctl, {99, 0x541b}, ALLOWED},
	{"CVE-2017-5226: ioctl(TIOCSTI)", SYS_ioctl, {99, 0x5412}, EPERM},
	{"CVE-2017-5226: ioctl(TIOCSTI with high bits)", SYS_ioctl, {99, HIGH + 0x5412}, EPERM},
	{"ioctl(TIOCLINUX)", SYS_ioctl, {99, 0x541c}, EPERM},
	{"clone(CLONE_NEWUSER)", SYS_clone, {CLONE_NEWUSER | SIGCHLD}, EPERM},
	{"clone(CLONE_NEWNS)", SYS_clone, {CLONE_NEWNS | SIGCHLD}, EPERM},
	{"clone(CLONE_NEWCGROUP)", SYS_clone, {CLONE_NEWCGROUP | SIGCHLD}, EPERM},
	{"clone3", SYS_clone3, {0}, ENOSYS},
	{"mount", SYS_mount, {0}, EPERM},
	{"umount2", SYS_umount2, {0}, EPERM},
	{"pivot_root", SYS_pivot_root, {0}, EPERM},
	{"unshare", SYS_unshare, {0}, EPERM},
	{"setns", SYS_setns, {99}, EPERM},
	{"open_tree", 428, {99}, EPERM},
	{"move_mount", 429, {99}, EPERM},
	{"fsopen", 430, {0}, EPERM},
	{"mount_setattr", 442, {99}, EPERM},
	{"keyctl", SYS_keyctl, {KEYCTL_GET_KEYRING_ID}, EPERM},
	{"add_key", SYS_add_key, {0}, EPERM},
	{"request_key", SYS_request_key, {0}, EPERM},
	{"bpf", SYS_bpf, {99}, EPERM},
	{"perf_event_open", SYS_perf_event_open, {0}, EPERM},
	{"userfaultfd", SYS_userfaultfd, {0}, EPERM},
	{"io_uring_setup", 425, {0}, EPERM},
	{"open_by_handle_at", SYS_open_by_handle_at, {99}, EPERM},
	{"init_module", SYS_init_module, {0}, EPERM},
	{"finit_module", SYS_finit_module, {99}, EPERM},
	{"delete_module", SYS_delete_module, {0}, EPERM},
	{"kexec_load", SYS_kexec_load, {0}, EPERM},
	{"reboot", SYS_reboot, {0}, EPERM},
	{"swapon", SYS_swapon, {0}, EPERM},
	{"acct", SYS_acct, {99}, EPERM},
	{"syslog", SYS_syslog, {99}, EPERM},
	{"sethostname", SYS_sethostname, {0}, EPERM},
	{"settimeofday", SYS_settimeofday, {1, 1}, EPERM},
	{"clock_settime", SYS_clock_settime, {99}, EPERM},
	{"kcmp", SYS_kcmp, {0}, EPERM},
	{"pidfd_getfd", 438, {99}, EPERM},
	{"quotactl", SYS_quotactl, {0}, EPERM},
	{"mbind", SYS_mbind, {0}, EPERM},
	{"vhangup", SYS_vhangup, {0}, EPERM},
	{"a call younger than the table", 2000, {0}, ENOSYS},
	{"a call without a number", 0xffffffff, {0}, ENOSYS},
#if defined __x86_64__
	{"iopl", SYS_iopl, {3}, EPERM},
	{"ioperm", SYS_ioperm, {0}, EPERM},
	{"arch_prctl", SYS_arch_prctl, {0}, ALLOWED},
	{"an x32 call", 0x40000000 + SYS_mount, {0}, ENOSYS},
#endif
};

/* In a child: the errno of each call, in shared memory. */
static void probe(int *answers)
{
	const struct seccomp_filter filter = {.code = seccomp_default_program,
					      .length = seccomp_default_length};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || seccomp_apply(&filter, -1, NULL, NULL) < 0)
		_exit(1);
	for (size_t i = 0; i < countof(CALLS); i++) {
		const unsigned long *arguments = CALLS[i].arguments;
		long result = syscall(CALLS[i].number, arguments[0], arguments[1], arguments[2],
				      arguments[3]);
		answers[i] = result < 0 ? errno : 0;
	}
	_exit(0);
}

static struct seccomp_filter filter;

static bool lets(long call, uint64_t argument)
{
	return bpf_answer(filter.code, filter.length, seccomp_native, (int)call, argument) ==
	       SECCOMP_RET_ALLOW;
}

static void test_capabilities(void)
{
	static char block[64 * 1024];
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	const uint64_t none = CAPABILITIES_DEFAULT, admin = none | 1ULL << CAP_SYS_ADMIN;
	ok(seccomp_for_capabilities(none, &arena, &filter, NULL) == 0 &&
		   filter.code == seccomp_default_program,
	   "the default ones open nothing");
	ok(seccomp_for_capabilities(admin, &arena, &filter, NULL) == 0 &&
		   filter.length > seccomp_default_length,
	   "CAP_SYS_ADMIN is more");
	ok(lets(SYS_mount, 0) && lets(SYS_umount2, 0) && lets(SYS_unshare, 0) && lets(SYS_setns, 0) &&
		   lets(SYS_sethostname, 0) && lets(SYS_bpf, 0) && lets(SYS_clone3, 0) &&
		   lets(SYS_clone, CLONE_NEWUSER | SIGCHLD),
	   "with it mounts and namespaces");
	ok(!lets(SYS_reboot, 0) && !lets(SYS_init_module, 0) && !lets(SYS_settimeofday, 0) &&
		   !lets(SYS_pivot_root, 0) && !lets(SYS_kexec_load, 0) && !lets(SYS_keyctl, 0),
	   "but not what others open, or nobody");
	ok(lets(SYS_read, 0) && lets(SYS_clone, SIGCHLD) && !lets(SYS_socket, 38), "and the rest as ever");
	ok(bpf_answer(filter.code, filter.length, seccomp_native + 1, SYS_mount, 0) ==
		   (SECCOMP_RET_ERRNO | ENOSYS),
	   "calls of another architecture are not there");
	ok(seccomp_for_capabilities(none | 1ULL << CAP_SYS_TIME | 1ULL << CAP_SYS_BOOT, &arena, &filter,
				    NULL) == 0 &&
		   lets(SYS_settimeofday, 0) && lets(SYS_reboot, 0) && !lets(SYS_mount, 0) &&
		   !lets(SYS_clone, CLONE_NEWUSER | SIGCHLD),
	   "two of them");
	ok(seccomp_for_capabilities(UINT64_MAX, &arena, &filter, NULL) == 0 && lets(SYS_mount, 0) &&
		   lets(SYS_kcmp, 0) && lets(SYS_mbind, 0) && !lets(SYS_kexec_load, 0),
	   "all of them");
}

int main(void)
{
	test_capabilities();
	int *answers = mmap(NULL, sizeof(int) * countof(CALLS), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answers == MAP_FAILED)
		return 1;
	int status = 0;
	pid_t pid = fork();
	if (pid == 0)
		probe(answers);
	waitpid(pid, &status, 0);
	if (!ok(status == 0, "the filter of %u instructions installs", seccomp_default_length))
		return tap_end();
	for (size_t i = 0; i < countof(CALLS); i++) {
		int got = answers[i], want = CALLS[i].want;
		bool same = want == ALLOWED ? got != EPERM && got != ENOSYS : got == want;
		ok(same, "%s: %s (%s)", CALLS[i].name,
		   want == ALLOWED ? "allowed" : want == EPERM ? "EPERM" : "ENOSYS",
		   got ? strerror(got) : "done");
	}
	return tap_end();
}
