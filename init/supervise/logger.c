// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/logger.h"

#include "init/supervise/log_line.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/text.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

enum { QUIET_MS = 1000 }; /* an unfinished line is shown after this long without more */

static const uint16_t calls[] = {
	__NR_read, __NR_write, __NR_poll, __NR_ppoll, __NR_exit, __NR_exit_group,
	__NR_restart_syscall, __NR_rt_sigreturn, __NR_clock_gettime, UINT16_MAX,
};

static const struct confine_policy policy = {
	.name = "berth-logger",
	.uid = CONFINE_UID_LOG,
	.gid = CONFINE_UID_LOG,
	.syscalls = calls,
};

static struct line {
	size_t used;
	char bytes[OUTPUT_LINE_MAX];
} lines[OUTPUT_STREAMS_MAX];

/* Length of a colour sequence "ESC [ digits ; … m" at text, else 0. */
static size_t colour_length(const char *text, size_t size)
{
	size_t i = 2;
	if (size < 3 || text[0] != 0x1b || text[1] != '[')
		return 0;
	while (i < size && i < 32 && (isdigit((unsigned char)text[i]) || text[i] == ';'))
		i++;
	return i < size && text[i] == 'm' ? i + 1 : 0;
}

/* How many bytes at text may go to the console as they are; 0: one byte must be replaced. */
static size_t clean_length(const char *text, size_t size)
{
	unsigned char c = (unsigned char)*text;
	if (c == 0x1b)
		return colour_length(text, size);
	if (c == '\t')
		return 1;
	return c < 0x20 || c == 0x7f ? 0 : text_utf8_length(text, size);
}

size_t output_format(const char *name, char mark, const char *line, size_t length, char *out,
		     size_t capacity)
{
	size_t used = 0, prefix = strlen(name);
	if (length && line[length - 1] == '\r')
		length--;
	if (prefix && prefix + 4 < capacity) {
		memcpy(out, name, prefix);
		memcpy(out + prefix, (char[]){' ', mark, ' '}, 3);
		used = prefix + 3;
	}
	for (size_t i = 0; i < length && used + 5 < capacity;) {
		size_t clean = clean_length(line + i, length - i);
		if (clean && used + clean + 1 >= capacity)
			break;
		memcpy(out + used, clean ? line + i : "?", clean ? clean : 1);
		used += clean ? clean : 1;
		i += clean ? clean : 1;
	}
	out[used++] = '\n';
	return used;
}

/* What of each sink did not fit into its socket. */
static struct {
	unsigned long lost;
	bool told; /* once, until it takes lines again */
} backlogs[OUTPUT_SINK_COUNT];

static bool put_packet(int sink, const struct log_line *line)
{
	static unsigned char packet[LOG_PACKED_MAX];
	size_t size = log_line_pack(line, packet);
	return write(sink, packet, size) == (ssize_t)size;
}

/* Says in its place how many lines are missing; false when there is no room for that either. */
static bool put_loss(int sink, const struct log_line *after, unsigned long lost)
{
	char text[64];
	struct log_line line = *after;
	line.text = text;
	line.size = (size_t)snprintf(text, sizeof text, "berth: %lu lines were lost here", lost);
	line.severity = SEVERITY_WARNING;
	return put_packet(sink, &line);
}

static void tell_loss(const struct logger *logger, unsigned sink)
{
	static const char *const whats[OUTPUT_SINK_COUNT] = {"sent away", "kept"};
	char text[120];
	if (backlogs[sink].told || logger->streams[0].console == LOG_CONSOLE_NONE)
		return;
	backlogs[sink].told = true;
	int length = snprintf(text, sizeof text,
			      "berth: warning: logging: lines come faster than they are %s: some are "
			      "lost\n",
			      whats[sink]);
	write_all(logger->console, text, (size_t)length, NULL);
}

static void put_sink(const struct logger *logger, unsigned sink, const struct log_line *line)
{
	int fd = logger->sinks[sink];
	if (backlogs[sink].lost && put_loss(fd, line, backlogs[sink].lost))
		backlogs[sink].lost = 0;
	if (!backlogs[sink].lost && put_packet(fd, line)) {
		backlogs[sink].told = false;
		return;
	}
	backlogs[sink].lost++;
	tell_loss(logger, sink);
}

static void put_sinks(const struct logger *logger, const struct logger_stream *stream,
		      const char *text, size_t length)
{
	struct timespec now;
	struct log_line line = {(unsigned)(stream - logger->streams), 0, 0, text, length};
	clock_gettime(CLOCK_REALTIME, &now);
	line.time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	log_line_judge(&line, stream->mark);
	for (unsigned i = 0; i < OUTPUT_SINK_COUNT; i++)
		if (stream->sinks[i] && logger->sinks[i] >= 0)
			put_sink(logger, i, &line);
}

static bool shows(const struct logger_stream *stream, const char *text, size_t length)
{
	struct log_line line = {.text = text, .size = length};
	if (stream->raw || stream->console == LOG_CONSOLE_NONE)
		return false;
	if (stream->console == LOG_CONSOLE_ALL)
		return true;
	log_line_judge(&line, 0);
	return !stream->mark && line.severity < SEVERITY_INFO;
}

static void emit(const struct logger *logger, const struct logger_stream *stream, const char *text,
		 size_t length)
{
	char out[OUTPUT_LINE_MAX + 128];
	if (shows(stream, text, length)) {
		size_t size = output_format(stream->name, stream->mark, text, length, out,
					    sizeof out);
		write_all(logger->console, out, size, NULL);
	}
	put_sinks(logger, stream, text, length);
}

static void flush(const struct logger *logger, unsigned i)
{
	if (lines[i].used)
		emit(logger, &logger->streams[i], lines[i].bytes, lines[i].used);
	lines[i].used = 0;
}

/* Puts out every whole line and keeps the rest. */
static void split(const struct logger *logger, unsigned i)
{
	struct line *line = &lines[i];
	char *start = line->bytes, *end = start + line->used, *newline;
	while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
		emit(logger, &logger->streams[i], start, (size_t)(newline - start));
		start = newline + 1;
	}
	line->used = (size_t)(end - start);
	memmove(line->bytes, start, line->used);
	if (line->used == sizeof line->bytes)
		flush(logger, i);
}

/* False at the end of the stream. */
static bool take(const struct logger *logger, unsigned i)
{
	const struct logger_stream *stream = &logger->streams[i];
	struct line *line = &lines[i];
	ssize_t got = read(stream->fd, line->bytes + line->used, sizeof line->bytes - line->used);
	if (got > 0) {
		if (stream->raw)
			write_all(logger->console, line->bytes + line->used, (size_t)got, NULL);
		line->used += (size_t)got;
		split(logger, i);
	}
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
		flush(logger, i);
		return false;
	}
	return true;
}

static volatile sig_atomic_t relieved;

static void on_relief(int signal)
{
	(void)signal;
	relieved = 1;
}

static void flush_all(const struct logger *logger)
{
	for (unsigned i = 0; i < logger->count; i++)
		flush(logger, i);
}

/* Copies what is there; the number of streams that are at their end now. */
static unsigned copy(const struct logger *logger, struct pollfd *fds)
{
	unsigned ended = 0;
	for (unsigned i = 0; i < logger->count; i++)
		if (fds[i].revents && !take(logger, i)) {
			fds[i].fd = -1;
			ended++;
		}
	return ended;
}

static int run(const struct logger *logger)
{
	static struct logger_input input;
	struct pollfd fds[OUTPUT_STREAMS_MAX + 2];
	struct pollfd *const inputs = fds + logger->count;
	unsigned open = logger->count;
	input.console = logger->console;
	input.to = logger->input;
	for (unsigned i = 0; i < logger->count; i++)
		fds[i] = (struct pollfd){.fd = logger->streams[i].fd, .events = POLLIN};
	while (open) {
		logger_input_watch(&input, inputs);
		int ready = poll(fds, logger->count + 2, QUIET_MS);
		if (ready > 0)
			open -= copy(logger, fds);
		if (ready == 0 || relieved)
			flush_all(logger);
		if (ready > 0 && !logger_input_copy(&input, inputs)) {
			flush_all(logger);
			return LOGGER_INPUT_ENDED;
		}
		if (relieved)
			return LOGGER_RELIEVED;
	}
	return 0;
}

int logger_main(const struct logger *logger)
{
	struct error err = ERROR_INIT;
	const struct sigaction relief = {.sa_handler = on_relief, .sa_flags = SA_RESTART};
	sigaction(SIGTERM, &relief, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (confine_self(&policy, true, &err) < 0) {
		log_error("berth", "logger: %s", err.text);
		return 1;
	}
	return run(logger);
}
