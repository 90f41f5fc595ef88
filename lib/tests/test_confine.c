// SPDX-License-Identifier: Apache-2.0
#include "lib/confine.h"
#include "lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint16_t calls[] = {
	__NR_read, __NR_write, __NR_openat, __NR_close, __NR_exit_group, __NR_getuid,
	__NR_prctl, __NR_socket, __NR_connect, UINT16_MAX,
};
static const struct confine_path paths[] = {
	{"/etc", CONFINE_READ, false},
	{"/nowhere", CONFINE_READ, true},
	{0},
};

/* Runs `body` confined in a child; returns its wait status. */
static int confined(int (*body)(void))
{
	struct confine_policy policy = {
		.name = "test", .uid = 901, .gid = 901, .paths = paths, .syscalls = calls,
	};
	pid_t pid = fork();
	if (pid == 0) {
		struct error err = ERROR_INIT;
		if (confine_self(&policy, false, &err) < 0)
			_exit(99);
		syscall(__NR_exit_group, body());
	}
	int status;
	waitpid(pid, &status, 0);
	return status;
}

static int identity(void)
{
	return getuid() == 901 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

static int read_allowed(void)
{
	return syscall(__NR_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0) >= 0 ? 0 : 1;
}

static int read_elsewhere(void)
{
	return syscall(__NR_openat, AT_FDCWD, "/proc/version", O_RDONLY, 0) < 0 && errno == EACCES
		       ? 0 : 1;
}

static int write_refused(void)
{
	return syscall(__NR_openat, AT_FDCWD, "/etc/berth-test", O_CREAT | O_WRONLY, 0600) < 0 &&
	       errno == EACCES ? 0 : 1;
}

static int unlisted_call(void)
{
	syscall(__NR_getppid);
	return 0;
}

static void descriptors(void)
{
	int keep = 20, gone = 21, low = 7;
	dup2(0, keep);
	dup2(0, gone);
	dup2(0, low);
	pid_t pid = fork();
	if (pid == 0) {
		confine_close_fds(&keep, 1);
		_exit(fcntl(keep, F_GETFD) >= 0 && fcntl(gone, F_GETFD) < 0 &&
		      fcntl(low, F_GETFD) < 0 && fcntl(2, F_GETFD) >= 0 ? 0 : 1);
	}
	int status;
	waitpid(pid, &status, 0);
	ok(status == 0, "only the descriptors asked for stay open");
}

static void signals(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t all;
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		signal(SIGTERM, SIG_IGN);
		confine_reset_signals();
		raise(SIGTERM);
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM, "signals are reset");
}

/* Neighbours, single ones, not in their order, one of them twice; none of them does anything. */
static const uint16_t scattered[] = {
	__NR_gettid, __NR_getuid, __NR_getpid, __NR_getgid, __NR_geteuid, __NR_getegid,
	__NR_sched_yield, __NR_getppid, __NR_getuid, __NR_sched_get_priority_max,
	__NR_sched_get_priority_min, __NR_exit_group, __NR_exit, UINT16_MAX,
};

static bool is_listed(unsigned call)
{
	size_t at = 0;
	while (scattered[at] != UINT16_MAX && scattered[at] != call)
		at++;
	return scattered[at] == call;
}

/* 1: the call was let through; 0: it killed the process; -1: something else. */
static int try_call(unsigned call)
{
	static const struct confine_policy policy = {.name = "test", .syscalls = scattered};
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		struct error err = ERROR_INIT;
		if (confine_self(&policy, false, &err) < 0)
			syscall(__NR_exit_group, 99);
		syscall(call, 0);
		syscall(__NR_exit_group, 0);
	}
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? 0 : status == 0 ? 1 : -1;
}

static void each_call(void)
{
	enum { MORE_THAN_THERE_ARE = 500 };
	/* uretprobe and uprobe, which newer kernels let through any filter */
	enum { FIRST_OF_PROBES = 335, LAST_OF_PROBES = 336 };
	int wrong = -1;
	for (unsigned call = 0; call < MORE_THAN_THERE_ARE; call++)
		if ((call < FIRST_OF_PROBES || call > LAST_OF_PROBES) &&
		    try_call(call) != is_listed(call))
			wrong = (int)call;
	ok(wrong < 0, "each number is answered as the list says (not: %d)", wrong);
}

int main(void)
{
	descriptors();
	signals();
	each_call();
	if (geteuid() != 0) {
		skip("confinement", "needs root to change identity");
		return tap_end();
	}
	ok(confined(identity) == 0, "user and no_new_privs");
	ok(confined(read_allowed) == 0, "reading below an allowed path");
	int status = confined(unlisted_call);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "an unlisted call kills");
	ok(confined(write_refused) == 0, "writing is refused");
	bool landlock = syscall(__NR_landlock_create_ruleset, NULL, 0, 1U) > 0;
	if (landlock)
		ok(confined(read_elsewhere) == 0, "reading elsewhere is refused");
	else
		skip("reading elsewhere", "this kernel has no Landlock");
	return tap_end();
}
