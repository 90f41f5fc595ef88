// SPDX-License-Identifier: Apache-2.0
/*
 * Starts real containers from a unit test. The machine's own root serves as the image (the overlay
 * keeps it unchanged), in a private mount namespace with a tmpfs for state.
 */
#ifndef BERTH_RUNTIME_TESTS_HARNESS_H
#define BERTH_RUNTIME_TESTS_HARNESS_H

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"
#include "runtime/container.h"
#include "runtime/defaults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000 /* [5.8], not in musl */
#endif

struct run {
	int start_status;     /* 0, or 125, 126, 127 with error filled */
	int status;           /* what the process ended with, 128+signal when killed */
	struct error error;
	char output[32768];   /* stdout and stderr of the container */
};

static char harness_arena[256 * 1024];
/* Several test programs may run at once; each has its own cgroup. */
static char harness_id[32];

/* Everything a container test needs; a reason to skip when it is not to be had. */
__attribute__((unused)) static const char *harness_setup(void)
{
	static struct error err;
	if (geteuid() != 0)
		return "needs root";
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "mount namespaces are not available";
	/* The root must be a mount point for pivot_root, which a chroot's is not. A changed root, on
	 * the other hand, has no user namespaces. */
	struct statx root = {0};
	bool mounted = statx(AT_FDCWD, "/", 0, 0, &root) == 0 &&
		       root.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	if (!mounted) {
		if (mount("/", "/tmp", NULL, MS_BIND | MS_REC, NULL) < 0)
			return "cannot bind the root directory";
		if (chroot("/tmp") < 0 || chdir("/") < 0)
			return "cannot change the root directory";
	}
	mkdir("/run", 0755);
	if (mount("tmpfs", "/run", "tmpfs", 0, NULL) < 0)
		return "cannot mount a tmpfs";
	return container_prepare(&err) < 0 ? err.text : NULL;
}

/* A specification whose lists live in harness_arena until the next call. */
__attribute__((unused)) static struct container_spec harness_spec(const char *const *args)
{
	static struct arena arena;
	struct container_spec spec;
	defaults_fill(&spec);
	spec.id = harness_id;
	spec.hostname = "boathouse";
	spec.state_dir = "/run/state";
	spec.hosts = "127.0.0.1 localhost\n";
	spec.resolv_conf = "nameserver 192.0.2.1\n";
	arena_init(&arena, harness_arena, sizeof harness_arena);
	snprintf(harness_id, sizeof harness_id, "test-%d", getpid());
	umount2("/run/state", MNT_DETACH); /* each container begins with an empty layer */
	mkdir("/run/state", 0700);
	mount("tmpfs", "/run/state", "tmpfs", 0, NULL);
	string_list_add(&spec.layers, &arena, "/", NULL);
	for (; *args; args++)
		string_list_add(&spec.process.args, &arena, *args, NULL);
	string_list_add(&spec.process.env, &arena, "GREETING=ahoy", NULL);
	return spec;
}

static void harness_collect(int fd, char *out, size_t capacity)
{
	size_t used = 0;
	ssize_t got;
	while (used + 1 < capacity && (got = read(fd, out + used, capacity - 1 - used)) > 0)
		used += (size_t)got;
	out[used] = 0;
}

__attribute__((unused)) static int harness_wait(struct container *container)
{
	siginfo_t info = {0};
	if (waitid((idtype_t)3 /* P_PIDFD */, (id_t)container->pidfd, &info, WEXITED) < 0)
		return -1;
	return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

__attribute__((unused)) static void harness_clean(struct container *container, const char *id)
{
	struct error err = ERROR_INIT;
	for (int i = 0; i < 1000 && container_cleanup(container, id, &err) < 0; i++)
		usleep(1000);
}

/* Starts, collects the output, waits, cleans up. */
__attribute__((unused)) static void harness_run(struct container_spec *spec, struct run *run)
{
	int out[2];
	struct container container;
	memset(run, 0, sizeof *run);
	if (pipe2(out, O_CLOEXEC) < 0)
		return;
	spec->process.stdout_fd = spec->process.stderr_fd = out[1];
	if (container_start(spec, -1, &container, &run->error) < 0) {
		run->start_status = run->status = CONTAINER_SETUP_FAILED;
		close(out[0]);
		close(out[1]);
		return;
	}
	close(out[1]);
	harness_collect(out[0], run->output, sizeof run->output);
	close(out[0]);
	container_start_result(container.status_fd, &run->start_status, &run->error);
	if (!run->error.text[0])
		run->start_status = 0;
	run->status = harness_wait(&container);
	harness_clean(&container, spec->id);
}

/* A shell script in the machine's own root as image. */
__attribute__((unused)) static void harness_script(const char *script, struct run *run)
{
	struct container_spec spec = harness_spec((const char *const[]){"sh", "-c", script, NULL});
	harness_run(&spec, run);
}

#endif
