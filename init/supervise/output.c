// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/output.h"

#include "init/supervise/children.h"
#include "init/supervise/log_sinks.h"
#include "init/supervise/logger.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { DRAIN_MS = 2000, WIRE_MS = 5, RESTART_MS = 100 };

static struct logger_stream streams[OUTPUT_STREAMS_MAX];
static int write_ends[OUTPUT_STREAMS_MAX];
static unsigned stream_count;
static int sinks[OUTPUT_SINK_COUNT] = {-1, -1};
static int console = -1, input = -1;
static pid_t logger_pid;
static bool started, late;
static void (*when_drained)(void);

static void start_logger(void *context);

/* The next one knows what has changed. */
static void relieve(void)
{
	if (logger_pid > 0)
		kill(logger_pid, SIGTERM);
}

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
	relieve();
	return ends[1];
}

bool output_is_held_up(void)
{
	int fd = console >= 0 ? console : STDERR_FILENO, line = 0, queued = 0;
	if (ioctl(fd, TIOCSERGETLSR, &line) == 0) /* a serial port: with what is in its hardware */
		return !(line & TIOCSER_TEMT);
	return ioctl(fd, TIOCOUTQ, &queued) == 0 && queued > 0;
}

static unsigned number_of(int stream)
{
	unsigned i = 0;
	while (i < stream_count && write_ends[i] != stream)
		i++;
	return i;
}

void output_route(int stream, const struct log_route *route)
{
	unsigned i = number_of(stream);
	if (i == stream_count)
		return;
	streams[i].console = route->console;
	streams[i].sinks[OUTPUT_SINK_REMOTE] = route->syslog != NULL;
	streams[i].sinks[OUTPUT_SINK_FILES] = route->kept;
	log_sinks_add(i, streams[i].name, streams[i].mark, route);
}

int output_open_sinks(const char *hostname, bool disk, struct error *err)
{
	if (log_sinks_open(hostname, disk, sinks, err) < 0)
		return error_context(err, "logging");
	relieve();
	return 0;
}

void output_attach(int stream, int fd, bool raw)
{
	unsigned i = number_of(stream);
	if (i == stream_count) {
		close(fd);
		return;
	}
	close(streams[i].fd);
	streams[i].fd = fd;
	streams[i].raw = raw;
	relieve();
}

/* Of a terminal each key goes on as it is; otherwise lines can be edited, and Ctrl-D ends the input.
 * What is typed is shown by the terminal of the container, or by that in front of the machine. */
static void set_console(bool terminal)
{
	struct termios settings;
	if (tcgetattr(console, &settings) < 0)
		return;
	settings.c_lflag &= ~(tcflag_t)(ECHO | ISIG | IEXTEN);
	settings.c_iflag |= IXOFF; /* "stop" is said when nobody reads */
	if (terminal) {
		settings.c_lflag &= ~(tcflag_t)ICANON;
		settings.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | IXOFF | ISTRIP);
		settings.c_cc[VMIN] = 1;
		settings.c_cc[VTIME] = 0;
	}
	tcsetattr(console, TCSANOW, &settings);
}

bool output_input(int fd, bool terminal)
{
	if (!isatty(console)) {
		close(fd);
		return false;
	}
	cleanup_close_fd(&input);
	input = fd;
	set_console(terminal);
	relieve();
	return true;
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

static void sinks_drained(void)
{
	report_drained(NULL);
}

static void logger_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	(void)context;
	logger_pid = 0;
	int status = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
	if (when_drained && status == 0) {
		log_sinks_finish(sinks_drained);
		return;
	}
	if (status == LOGGER_INPUT_ENDED) {
		cleanup_close_fd(&input);
		input = -1;
	}
	if (status == LOGGER_RELIEVED || status == LOGGER_INPUT_ENDED) {
		start_logger(NULL);
		return;
	}
	loop_timer(RESTART_MS, start_logger, NULL, NULL);
}

static void start_logger(void *context)
{
	(void)context;
	int keep[OUTPUT_STREAMS_MAX + OUTPUT_SINK_COUNT + 2];
	unsigned count = 0;
	struct logger logger = {streams, stream_count, console, input, {-1, -1}};
	for (unsigned i = 0; i < stream_count; i++)
		keep[count++] = streams[i].fd;
	for (unsigned i = 0; i < OUTPUT_SINK_COUNT; i++)
		if ((logger.sinks[i] = sinks[i]) >= 0)
			keep[count++] = sinks[i];
	if (input >= 0)
		keep[count++] = input;
	keep[count++] = console;
	struct error err = ERROR_INIT;
	logger_pid = fork_worker(keep, count, &err);
	if (logger_pid == 0) {
		dup2(console, STDERR_FILENO); /* or it would wait for the end of its own pipe */
		_exit(logger_main(&logger));
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

static bool is_ready(int fd, short event)
{
	struct pollfd ready = {.fd = fd, .events = event};
	return poll(&ready, 1, 0) > 0 && ready.revents & event;
}

void output_spill(void)
{
	char bytes[512];
	for (unsigned i = 0; !started && i < stream_count; i++) {
		while (is_ready(streams[i].fd, POLLIN) && is_ready(console, POLLOUT)) {
			ssize_t got = read(streams[i].fd, bytes, sizeof bytes);
			if (got <= 0 || write(console, bytes, (size_t)got) < 0)
				break;
		}
	}
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
