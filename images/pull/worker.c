// SPDX-License-Identifier: Apache-2.0
#include "images/pull/worker.h"

#include "lib/cleanup.h"
#include "lib/confine.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { KEEP_MAX = 300 };

static _Noreturn void run_child(int report_fd, worker_body *body, void *context, const int *keep,
				unsigned count)
{
	int all[KEEP_MAX];
	confine_reset_signals();
	/* A closed pipe is an error to report, not a reason to die. */
	signal(SIGPIPE, SIG_IGN);
	if (count > KEEP_MAX - 1)
		count = KEEP_MAX - 1;
	if (count > 0)
		memcpy(all, keep, count * sizeof *keep);
	all[count] = report_fd;
	confine_close_fds(all, count + 1);
	_exit(body(report_fd, context));
}

int worker_start(struct worker *worker, worker_body *body, void *context, const int *keep,
		 unsigned count, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0];
	_cleanup_close_ int theirs = ends[1];
	pid_t pid = fork();
	if (pid < 0) {
		error_errno(err, errno, "fork a worker");
		err->kind = ERROR_TEMPORARY;
		return -1;
	}
	if (pid == 0)
		run_child(theirs, body, context, keep, count);
	worker->pid = pid;
	worker->fd = steal_fd(&ours);
	return 0;
}

void worker_end(struct worker *worker, bool kill_it, const char *name, struct error *why)
{
	int status = 0;
	if (worker->fd >= 0)
		close(steal_fd(&worker->fd));
	if (worker->pid <= 0)
		return;
	if (kill_it)
		kill(worker->pid, SIGKILL);
	while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
		;
	worker->pid = 0;
	if (WIFSIGNALED(status))
		error_temporary(why, "%s was killed by signal %d (%s)", name, WTERMSIG(status),
				strsignal(WTERMSIG(status)));
	else
		error_temporary(why, "%s ended with status %d and no result", name,
				WEXITSTATUS(status));
}
