// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/config_workers.h"

#include "init/supervise/children.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

struct config_workers config_workers;

struct config_worker *config_workers_add(struct config_workers *workers)
{
	if (workers->count == CONFIG_WORKERS_MAX)
		return NULL;
	struct config_worker *worker = &workers->items[workers->count++];
	*worker = (struct config_worker){.fd = -1};
	return worker;
}

void config_workers_kill(struct config_workers *workers, const struct config_worker *but)
{
	for (size_t i = 0; i < workers->count; i++)
		if (&workers->items[i] != but && workers->items[i].pid > 0)
			kill(workers->items[i].pid, SIGKILL);
}

const char *config_worker_name(const struct config_worker *worker)
{
	return worker->job.count == 1	? worker->job.choices[0].source->name
	       : worker->job.all ? "the sources of berth.config"
				 : "local sources";
}

static void close_socket(struct config_worker *worker)
{
	if (worker->fd < 0)
		return;
	loop_remove(worker->fd);
	close(steal_fd(&worker->fd));
}

/* Takes all frames that are there. */
static void drain(struct config_worker *worker)
{
	static unsigned char storage[FRAME_MAX];
	struct frame frame;
	while (worker->fd >= 0) {
		int got = frame_receive(worker->fd, &frame, storage, sizeof storage, NULL);
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			close_socket(worker);
			return;
		}
		config_workers.frame(worker, &frame);
		if (!frame.bad)
			continue;
		log_error("berth",
			  "3 config: the worker is not to be trusted and was killed: malformed "
			  "message of type %u",
			  frame.type);
		kill(worker->pid, SIGKILL);
	}
}

static void on_frames(int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	drain(context);
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	struct config_worker *worker = context;
	if (pid != worker->pid)
		return;
	drain(worker);
	close_socket(worker);
	worker->pid = 0;
	config_workers.running--;
	config_workers.ended(worker, wait_status);
}

int config_worker_start(struct config_worker *worker, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0];
	_cleanup_close_ int theirs = ends[1];
	fcntl(ours, F_SETFL, O_NONBLOCK);
	pid_t pid = fork_worker(&theirs, 1, err);
	if (pid == 0)
		config_job_run(&worker->job, theirs);
	if (pid < 0)
		return -1;
	if (children_watch(pid, on_ended, worker, err) < 0 ||
	    loop_add(ours, EPOLLIN, on_frames, worker, err) < 0) {
		kill(pid, SIGKILL);
		return -1;
	}
	worker->pid = pid;
	worker->fd = steal_fd(&ours);
	config_workers.running++;
	return 0;
}
