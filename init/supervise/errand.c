// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/errand.h"

#include "init/supervise/children.h"
#include "lib/cleanup.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

static bool left;

static void end(struct errand *errand, const char *how)
{
	struct frame frame;
	bool answered = frame_receive(errand->fd, &frame, errand->storage, sizeof errand->storage,
				      NULL) > 0;
	close(steal_fd(&errand->fd));
	loop_timer_cancel(errand->timer);
	errand->pid = 0;
	errand->ended(answered ? &frame : NULL, how, errand->context);
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	struct errand *errand = context;
	char how[80];
	if (pid != errand->pid)
		return; /* its time was over before */
	describe_end(wait_status, how, sizeof how);
	end(errand, how);
}

static void on_timeout(void *context)
{
	struct errand *errand = context;
	char how[80];
	errand->timer = 0;
	left = true;
	kill(errand->pid, SIGKILL);
	snprintf(how, sizeof how, "no answer in %u s", errand->timeout_ms / 1000);
	end(errand, how);
}

bool errand_was_left(void)
{
	return left;
}

int errand_start(struct errand *errand, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0], theirs = ends[1];
	fcntl(ours, F_SETFL, O_NONBLOCK);
	pid_t pid = fork_worker(&theirs, 1, err);
	if (pid == 0) {
		errand->run(theirs, errand->context);
		_exit(0);
	}
	if (pid < 0)
		return -1;
	errand->timer = loop_timer(errand->timeout_ms, on_timeout, errand, err);
	if (errand->timer < 0 || children_watch(pid, on_ended, errand, err) < 0) {
		loop_timer_cancel(errand->timer);
		kill(pid, SIGKILL);
		return -1;
	}
	errand->pid = pid;
	errand->fd = steal_fd(&ours);
	return 0;
}
