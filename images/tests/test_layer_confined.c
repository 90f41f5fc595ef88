// SPDX-License-Identifier: Apache-2.0
/* layer_apply() and tree_remove() inside the filter that layer_syscalls makes, with no capability
 * beyond those that layer.h names, and with Landlock around the tree. */
#include "images/tests/scene.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/syscalls.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

static void write_everything(int layer)
{
	static const char capability[20] = {1, 0, 0, 2, 0, 4};
	static char big[300000];
	if (layer == 1) {
		tar_write_notation(&tar,
				   "f a/.wh..wh..opq;f .wh.d;f a/new=1;f l/n=2;f e/f/g=3;d .;d a;"
				   "f f=4;h h2>a/new;f dangling/x=5;l a/s>new;f p=6");
		return;
	}
	tar_pax(&tar, "SCHILY.xattr.security.capability", capability, sizeof capability);
	tar_item(&tar, &(struct tar_item){.name = "f", .type = '0', .mode = 06755, .uid = 9,
					  .size = sizeof big, .content = big});
	tar_pax(&tar, "path", "stra\xc3\x9f" "e", 7);
	tar_write_notation(&tar, "f x=1;d a;d a/b;f a/b/c=1;l l>a;l dangling>nowhere/else;h h>f;"
				 "p p;c c;m 2711;d d;d d/e;f d/e/f=2;f e=3");
	tar_pax(&tar, "SCHILY.xattr.trusted.x", "y", 1);
	tar_write_notation(&tar, "l xattr>a");
}

static int stream_of(int layer)
{
	int fd = memfd_create("layer", MFD_CLOEXEC);
	write_everything(layer);
	tar_end(&tar);
	if (write(fd, tar.data, tar.size) != (ssize_t)tar.size)
		return -1;
	lseek(fd, 0, SEEK_SET);
	tar_free(&tar);
	return fd;
}

/* layer_syscalls, and what a thread costs with glibc and a sanitizer. */
static const uint16_t *allowed_calls(void)
{
	static const uint16_t more[] = {
		__NR_gettid, __NR_rt_sigaction, __NR_set_robust_list, __NR_rseq,
		__NR_sigaltstack, __NR_sched_getaffinity, UINT16_MAX};
	static uint16_t all[128];
	size_t count = 0;
	while (layer_syscalls[count] != UINT16_MAX)
		count++;
	memcpy(all, layer_syscalls, count * sizeof *all);
	memcpy(all + count, more, sizeof more);
	return all;
}

static int confine(struct error *err)
{
	const struct confine_path paths[] = {{play.path, CONFINE_READ | CONFINE_WRITE, false},
					     {NULL, 0, false}};
	const struct confine_policy policy = {
		.name = "layer-test",
		.keep_capabilities = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE |
				     1ULL << CAP_FOWNER | 1ULL << CAP_FSETID | 1ULL << CAP_MKNOD |
				     1ULL << CAP_SETFCAP,
		.paths = paths,
		.threads = true,
		.syscalls = allowed_calls(),
	};
	return confine_self(&policy, false, err);
}

/* In the child: 0 when all went well. Messages go to standard output, which is open already. */
static int work(const int streams[2])
{
	struct error err = ERROR_INIT;
	int result = confine(&err);
	for (int i = 0; i < 2 && result == 0; i++)
		result = layer_apply(streams[i], play.root_fd, &play.budget, &play.stats, &err);
	if (result == 0)
		result = tree_remove(play.root_fd, "a", &err);
	if (result < 0)
		dprintf(1, "# %s\n", err.text);
	return result;
}

/* Helpers of an image (unpigz, xz, a libnss_*.so.2 with code in it) were run by other unpackers.
 * Here nothing can be started: the attempt is a system call that is not allowed. */
static void test_no_program(void)
{
	restart();
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		struct error err = ERROR_INIT;
		if (confine(&err) < 0)
			syscall(__NR_exit_group, 2);
		syscall(__NR_execve, "/nonexistent", NULL, NULL);
		syscall(__NR_exit_group, 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
	   "CVE-2026-41567, CVE-2019-14271, CVE-2014-9357: no program can be started");
}

int main(void)
{
	test_no_program();
	restart();
	const int streams[2] = {stream_of(0), stream_of(1)};
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) /* _exit() of a sanitizer makes calls of its own */
		syscall(__NR_exit_group, work(streams) == 0 ? 0 : 1);
	int status = -1;
	waitpid(pid, &status, 0);
	ok(!WIFSIGNALED(status), "no system call is missing (signal %d)", WTERMSIG(status));
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "two layers are applied, a tree removed");
	is(playground_names(play.root_fd),
	   "c dangling>nowhere/else e/ e/f/ e/f/g=3 f=4 h h2=1 l>a nowhere/ nowhere/else/ "
	   "nowhere/else/x=5 p=6 stra\xc3\x9f" "e=1 xattr>a", "and are right");
	playground_close(&play);
	return tap_end();
}
