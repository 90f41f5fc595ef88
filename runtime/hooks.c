// SPDX-License-Identifier: Apache-2.0
#include "runtime/hooks.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

extern char **environ;

static pid_t own_pid;

int hooks_learn_pid(struct error *err)
{
	char text[32];
	ssize_t length = readlink("/proc/self", text, sizeof text - 1);
	own_pid = getpid();
	if (length <= 0)
		return 0; /* no procfs: nobody outside counts otherwise */
	text[length] = 0;
	own_pid = (pid_t)strtol(text, NULL, 10);
	return own_pid > 0 ? 0 : error_set(err, "/proc/self is no process: %s", text);
}

void hooks_set_pid(pid_t pid)
{
	own_pid = pid;
}

pid_t hooks_pid(void)
{
	return own_pid;
}

char *hooks_state(const struct container_spec *spec, const char *status, pid_t pid)
{
	char *text = NULL;
	if (asprintf(&text, "{\"ociVersion\":\"1.3.0\",\"id\":\"%s\",\"status\":\"%s\",\"pid\":%d%s",
		     spec->id, status, pid, spec->hook_state ? spec->hook_state : "}") < 0)
		return NULL;
	return text;
}

static _Noreturn void execute(const struct spec_hook *hook, int input)
{
	static char *none[] = {NULL};
	char *own[] = {(char *)(uintptr_t)hook->path, NULL};
	confine_reset_signals();
	if (dup2(input, STDIN_FILENO) == STDIN_FILENO && sys_close_range(3, ~0U, 0) == 0)
		execve(hook->path, hook->args.count ? hook->args.items : own,
		       hook->has_env ? hook->env.count ? hook->env.items : none : environ);
	dprintf(STDERR_FILENO, "berth: hook %s: %s\n", hook->path, strerror(errno));
	_exit(127);
}

/* 0 when the process ended in time with status 0. */
static int await(const struct spec_hook *hook, const char *name, pid_t pid, int pidfd,
		 struct error *err)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	int timeout = hook->timeout_s ? (int)hook->timeout_s * 1000 : -1;
	int ready;
	do
		ready = poll(&ended, 1, timeout);
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		sys_pidfd_send_signal(pidfd, SIGKILL);
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (ready == 0)
		return error_set(err, "%s hook took longer than %u s: %s", name, hook->timeout_s,
				 hook->path);
	if (WIFSIGNALED(status))
		return error_set(err, "%s hook was killed by signal %d: %s", name, WTERMSIG(status),
				 hook->path);
	if (WEXITSTATUS(status) != 0)
		return error_set(err, "%s hook failed with exit code %d: %s", name,
				 WEXITSTATUS(status), hook->path);
	return 0;
}

static int run_one(const struct spec_hook *hook, const char *name, const char *state,
		   struct error *err)
{
	int ends[2], pidfd = -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe for %s", hook->path);
	_cleanup_close_ int output = ends[1];
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd,
				  .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args);
	if (pid == 0) {
		close(output);
		execute(hook, ends[0]);
	}
	int code = errno;
	close(ends[0]);
	if (pid < 0)
		return error_errno(err, code, "start %s", hook->path);
	_cleanup_close_ int end = pidfd;
	/* A hook need not read its input, and may end before it does. */
	write_all(output, state, strlen(state), NULL);
	cleanup_close_fd(&output);
	output = -1;
	return await(hook, name, pid, end, err);
}

int hooks_run(const struct hook_list *hooks, const char *name, const char *state,
	      struct error *err)
{
	/* A hook that ends before it has read all must not take us with it. */
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before;
	int done = 0;
	sigaction(SIGPIPE, &ignore, &before);
	for (size_t i = 0; i < hooks->count && done == 0; i++)
		done = run_one(&hooks->items[i], name, state, err);
	sigaction(SIGPIPE, &before, NULL);
	return done;
}

int hooks_run_inside(const struct hook_list *hooks, const struct container_spec *spec,
		     const char *status, struct error *err)
{
	if (hooks->count == 0)
		return 0;
	_cleanup_free_ char *state = hooks_state(spec, status, own_pid);
	if (!state)
		return error_errno(err, ENOMEM, "describe the container to its hooks");
	return hooks_run(hooks, hooks == &spec->start_container ? "startContainer"
								 : "createContainer",
			 state, err);
}
