// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/log_sinks.h"

#include "init/supervise/children.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RESTART_MS = 1000 };

static struct log_table table;

static struct sink {
	int (*run)(const struct log_table *table, int socket);
	int ours, theirs; /* the logger's end, which PID 1 hears on; the process's */
	pid_t pid;
	bool wanted; /* it is to run */
} sinks[OUTPUT_SINK_COUNT] = {
	[OUTPUT_SINK_REMOTE] = {log_sender_main, -1, -1, 0, false},
	[OUTPUT_SINK_FILES] = {log_keeper_main, -1, -1, 0, false},
};
static void (*when_done)(void);

static void start(void *context);

void log_sink_tell(int socket, bool warning, const char *format, ...)
{
	char text[LOG_TOLD_MAX];
	va_list ap;
	text[0] = warning ? 'w' : 'i';
	va_start(ap, format);
	int length = vsnprintf(text + 1, sizeof text - 1, format, ap);
	va_end(ap);
	if (length > 0)
		(void)!send(socket, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void on_told(int fd, uint32_t events, void *context)
{
	char text[LOG_TOLD_MAX + 1];
	(void)events;
	(void)context;
	ssize_t got = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
	if (got < 2)
		return;
	text[got] = 0;
	text_one_line(text);
	if (*text == 'w')
		log_warning("berth", "logging: %s", text + 1);
	else
		log_info("berth", "logging: %s", text + 1);
}

static void finish_if_over(void)
{
	void (*done)(void) = when_done;
	for (unsigned i = 0; i < OUTPUT_SINK_COUNT; i++)
		if (sinks[i].pid > 0)
			return;
	when_done = NULL;
	if (done)
		done();
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	struct sink *sink = context;
	char how[80];
	(void)pid;
	sink->pid = 0;
	if (when_done) {
		finish_if_over();
		return;
	}
	describe_end(wait_status, how, sizeof how);
	log_warning("berth", "logging: %s %s, and is started again",
		    sink == &sinks[OUTPUT_SINK_FILES] ? "the keeper of files" : "the sender", how);
	loop_timer(RESTART_MS, start, sink, NULL);
}

/* Its standard error would keep the logger's pipe open: it speaks through log_sink_tell(). */
static _Noreturn void become(const struct sink *sink)
{
	close(STDERR_FILENO);
	fill_standard_descriptors();
	_exit(sink->run(&table, sink->theirs));
}

static void start(void *context)
{
	struct sink *sink = context;
	struct error err = ERROR_INIT;
	if (!sink->wanted || sink->pid > 0)
		return;
	sink->pid = fork_worker(&sink->theirs, 1, &err);
	if (sink->pid == 0)
		become(sink);
	if (sink->pid < 0 || children_watch(sink->pid, on_ended, sink, &err) < 0) {
		sink->pid = 0;
		loop_timer(RESTART_MS, start, sink, NULL);
	}
}

void log_sinks_add(unsigned stream, const char *name, char mark, const struct log_route *route)
{
	struct log_target *target = &table.targets[stream];
	*target = (struct log_target){.used = true, .route = *route};
	snprintf(target->name, sizeof target->name, "%s", *name ? name : LOG_OWN_FILE);
	target->stream = mark == '!' ? "stderr" : mark ? "stdout" : "machine";
}

static bool is_wanted(enum output_sink sink)
{
	for (unsigned i = 0; i < OUTPUT_STREAMS_MAX; i++) {
		const struct log_target *target = &table.targets[i];
		if (target->used && (sink == OUTPUT_SINK_FILES ? target->route.kept
							       : target->route.syslog != NULL))
			return true;
	}
	return false;
}

static int open_pair(struct sink *sink, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	sink->ours = ends[0];
	sink->theirs = ends[1];
	fcntl(sink->ours, F_SETFL, O_NONBLOCK);
	return loop_add(sink->ours, EPOLLIN, on_told, sink, err);
}

static int make_folder(struct error *err)
{
	if (make_directories(table.folder, 0700, err) < 0)
		return -1;
	return chown(table.folder, CONFINE_UID_LOG, CONFINE_UID_LOG) < 0
		       ? error_errno(err, errno, "give %s to its keeper", table.folder)
		       : 0;
}

static int open_files(bool disk, struct error *err)
{
	struct sink *sink = &sinks[OUTPUT_SINK_FILES];
	if (!disk) {
		log_warning("berth", "logging: there is no data disk: output is not kept in files");
		return 0;
	}
	snprintf(table.folder, sizeof table.folder, LOG_FOLDER);
	if (make_folder(err) < 0 || open_pair(sink, err) < 0)
		return -1;
	sink->wanted = true;
	start(sink);
	return 0;
}

int log_sinks_open(const char *hostname, bool disk, int ends[OUTPUT_SINK_COUNT], struct error *err)
{
	snprintf(table.hostname, sizeof table.hostname, "%s", hostname);
	if (is_wanted(OUTPUT_SINK_FILES) && open_files(disk, err) < 0)
		return -1;
	if (is_wanted(OUTPUT_SINK_REMOTE) && open_pair(&sinks[OUTPUT_SINK_REMOTE], err) < 0)
		return -1;
	for (unsigned i = 0; i < OUTPUT_SINK_COUNT; i++)
		ends[i] = sinks[i].ours;
	return 0;
}

void log_sinks_network_up(void)
{
	struct sink *sender = &sinks[OUTPUT_SINK_REMOTE];
	if (sender->theirs < 0 || sender->wanted)
		return;
	sender->wanted = true;
	start(sender);
}

void log_sinks_finish(void (*done)(void))
{
	when_done = done;
	for (unsigned i = 0; i < OUTPUT_SINK_COUNT; i++) {
		if (sinks[i].ours < 0)
			continue;
		loop_remove(sinks[i].ours);
		cleanup_close_fd(&sinks[i].ours);
		cleanup_close_fd(&sinks[i].theirs);
		sinks[i].ours = sinks[i].theirs = -1;
		sinks[i].wanted = false;
	}
	finish_if_over();
}
