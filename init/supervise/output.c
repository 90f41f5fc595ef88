// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/output.h"

#include "init/supervise/children.h"
#include "init/supervise/logger.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DRAIN_MS = 2000, WIRE_MS = 5, RESTART_MS = 100 };

static struct logger_stream streams[OUTPUT_STREAMS_MAX];
static int write_ends[OUTPUT_STREAMS_MAX];
static unsigned stream_count;
static int console = -1;
static pid_t logger_pid;
static bool started, late;
static void (*when_drained)(void);

static void start_logger(void *context);

int output_stream(const char *name, char mark, struct error *err)
{
	int ends[2];
	if (stream_count == OUTPUT_STREAMS_MAX)
		return error_set(err, "more than %d output streams", OUTPUT_STREAMS_MAX);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "create the output pipe of %s", name);
	struct logger_stream *stream = &streams[stream_count];
	snprintf(stream->name, sizeof stream->name, "%s", name);
	stream->mark = mark;
	stream->fd = ends[0];
	write_ends[stream_count++] = ends[1];
	if (logger_pid > 0)
		kill(logger_pid, SIGTERM); /* the next one has this stream too */
	return ends[1];
}

bool output_is_held_up(void)
{
	int fd = console >= 0 ? console : STDERR_FILENO, line = 0, queued = 0;
	if (ioctl(fd, TIOCSERGETLSR, &line) == 0) /* a serial port: with what is in its hardware */
		return !(line & TIOCSER_TEMT);
	return ioctl(fd, TIOCOUTQ, &queued) == 0 && queued > 0;
}

/* A terminal keeps some kilobytes for a line that is slower than who writes. */
static void report_drained(void *context)
{
	(void)context;
	if (!late && output_is_held_up() &&
	    loop_timer(WIRE_MS, report_drained, NULL, NULL) >= 0)
		return;
	void (*drained)(void) = when_drained;
	when_drained = NULL;
	if (drained)
		drained();
}

static void logger_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	(void)context;
	logger_pid = 0;
	if (when_drained && wait_status == 0) {
		report_drained(NULL);
		return;
	}
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == LOGGER_RELIEVED) {
		start_logger(NULL);
		return;
	}
	loop_timer(RESTART_MS, start_logger, NULL, NULL);
}

static void start_logger(void *context)
{
	(void)context;
	int keep[OUTPUT_STREAMS_MAX + 1];
	for (unsigned i = 0; i < stream_count; i++)
		keep[i] = streams[i].fd;
	keep[stream_count] = console;
	struct error err = ERROR_INIT;
	logger_pid = fork_worker(keep, stream_count + 1, &err);
	if (logger_pid == 0) {
		dup2(console, STDERR_FILENO); /* or it would wait for the end of its own pipe */
		_exit(logger_main(streams, stream_count, console));
	}
	if (logger_pid < 0 || children_watch(logger_pid, logger_ended, NULL, &err) < 0)
		loop_timer(RESTART_MS, start_logger, NULL, NULL);
}

static void run_late(void *context)
{
	(void)context;
	output_run();
}

void output_start(int console_fd, unsigned delay_ms)
{
	console = console_fd;
	if (delay_ms == 0 || loop_timer(delay_ms, run_late, NULL, NULL) < 0)
		output_run();
}

void output_run(void)
{
	if (started)
		return;
	started = true;
	start_logger(NULL);
}

/* A description of its own, for the logger must go on waiting while the console is busy. */
static int open_last_words(void)
{
	return open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

static void drain_no_longer(void *context)
{
	late = true;
	report_drained(context);
}

void output_finish(void (*drained)(void))
{
	output_run();
	when_drained = drained;
	/* Nothing of this process may keep a pipe open: the logger waits for their ends. What is said
	 * from now on is lost rather than waited for. */
	dup2(console, STDERR_FILENO);
	log_setup(open_last_words(), 1, LOG_LEVEL_INFO);
	for (unsigned i = 0; i < stream_count; i++)
		close(write_ends[i]);
	loop_timer(DRAIN_MS, drain_no_longer, NULL, NULL);
}
