// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/children.h"

#include "lib/cleanup.h"
#include "lib/confine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REAP_MAX = 256 };

static struct child {
	pid_t pid;
	child_ended *ended;
	void *context;
} children[CHILDREN_MAX];

int children_watch(pid_t pid, child_ended *ended, void *context, struct error *err)
{
	for (size_t i = 0; i < countof(children); i++) {
		if (children[i].pid)
			continue;
		children[i] = (struct child){pid, ended, context};
		return 0;
	}
	return error_set(err, "more than %d children of PID 1", CHILDREN_MAX);
}

static struct child take(pid_t pid)
{
	struct child found = {0};
	for (size_t i = 0; i < countof(children); i++) {
		if (children[i].pid != pid)
			continue;
		found = children[i];
		children[i].pid = 0;
	}
	return found;
}

void children_reap(void (*fallback)(pid_t pid, int wait_status))
{
	int status;
	pid_t pid;
	for (unsigned i = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0; i++) {
		struct child child = take(pid);
		if (child.pid)
			child.ended(pid, status, child.context);
		else if (fallback)
			fallback(pid, status);
		if (i == REAP_MAX) {
			kill(getpid(), SIGCHLD);
			return;
		}
	}
}

pid_t fork_worker(const int *keep, unsigned keep_count, struct error *err)
{
	pid_t pid = fork();
	if (pid < 0)
		return error_errno(err, errno, "fork a worker");
	if (pid == 0) {
		confine_reset_signals();
		confine_close_fds(keep, keep_count);
	}
	return pid;
}

void describe_end(int wait_status, char *out, size_t capacity)
{
	if (WIFSIGNALED(wait_status))
		snprintf(out, capacity, "was killed by signal %d (%s)", WTERMSIG(wait_status),
			 strsignal(WTERMSIG(wait_status)));
	else
		snprintf(out, capacity, "exited with status %d", WEXITSTATUS(wait_status));
}
