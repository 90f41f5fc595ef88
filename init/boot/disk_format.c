// SPDX-License-Identifier: Apache-2.0
#include "init/boot/disk_format.h"

#include "init/boot/packed_program.h"
#include "lib/cleanup.h"
#include "lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ADDRESS_SPACE = 1 << 30 };

static const char packed[] = "/bin/mke2fs.zst";

/* What it calls, from a trace; a call that is not here ends it. */
static const uint16_t CALLS[] = {
	__NR_execveat, __NR_brk, __NR_mmap, __NR_munmap, __NR_mprotect, __NR_mremap, __NR_madvise,
	__NR_set_tid_address, __NR_getrandom, __NR_uname, __NR_prctl, __NR_openat, __NR_close,
	__NR_read, __NR_readv, __NR_write, __NR_writev, __NR_pread64, __NR_pwrite64, __NR_lseek,
	__NR_newfstatat, __NR_fstat, __NR_fcntl, __NR_ioctl, __NR_fallocate, __NR_fsync,
	__NR_fdatasync, __NR_fadvise64, __NR_faccessat, __NR_readlinkat, __NR_getpid, __NR_getppid,
	__NR_getuid, __NR_geteuid, __NR_getgid, __NR_getegid, __NR_clock_gettime, __NR_gettimeofday,
	__NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_exit, __NR_exit_group,
#ifdef __x86_64__
	__NR_arch_prctl, __NR_open, __NR_stat, __NR_lstat, __NR_access, __NR_readlink, __NR_time,
	__NR_getrlimit,
#endif
	__NR_prlimit64, UINT16_MAX,
};

static _Noreturn void run(int program, char *device, char *label, int output)
{
	char *arguments[] = {"mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-m", "1", "-E",
			     "nodiscard,lazy_itable_init=1", "-L", label, device, NULL};
	char *environment[] = {NULL};
	const struct confine_path paths[] = {
		{device, CONFINE_READ | CONFINE_WRITE, false},
		{"/proc/mounts", CONFINE_READ, true},
		{"/proc/swaps", CONFINE_READ, true},
		{"/dev/urandom", CONFINE_READ, true},
		{NULL, 0, false},
	};
	const struct confine_policy policy = {
		.name = "mke2fs",
		.paths = paths,
		.syscalls = CALLS,
		.address_space = ADDRESS_SPACE,
	};
	struct error err = ERROR_INIT;
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	if (confine_self(&policy, true, &err) < 0)
		dprintf(STDERR_FILENO, "%s", err.text);
	else
		fexecve(program, arguments, environment);
	_exit(127);
}

/* The last words of what it says, in one line. */
static void read_words(int fd, char *out, size_t capacity)
{
	size_t used = 0;
	ssize_t got;
	while ((got = read(fd, out + used, capacity - 1 - used)) > 0)
		if ((used += (size_t)got) == capacity - 1)
			used /= 2;
	out[used] = 0;
	for (char *c = out; *c; c++)
		if ((unsigned char)*c < 0x20)
			*c = ' ';
}

int disk_format(const char *device, const char *label, struct error *err)
{
	char path[48], name[20], words[300];
	int ends[2], status;
	snprintf(path, sizeof path, "/dev/%.32s", device);
	snprintf(name, sizeof name, "%s", label);
	_cleanup_close_ int program = packed_program_open(packed, err);
	if (program < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe");
	_cleanup_close_ int ours = ends[0], theirs = ends[1];
	pid_t pid = fork();
	if (pid == 0)
		run(program, path, name, theirs);
	if (pid < 0)
		return error_errno(err, errno, "fork mke2fs");
	close(steal_fd(&theirs));
	read_words(ours, words, sizeof words);
	if (waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set(err, "mke2fs on %s: %s (wait status %#x)", path, words, (unsigned)status);
}
