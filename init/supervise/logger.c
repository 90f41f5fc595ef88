// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/logger.h"

#include "init/supervise/output.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/text.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

enum { QUIET_MS = 1000 }; /* an unfinished line is shown after this long without more */

static const uint16_t calls[] = {
	__NR_read, __NR_write, __NR_poll, __NR_ppoll, __NR_exit, __NR_exit_group,
	__NR_restart_syscall, __NR_rt_sigreturn, UINT16_MAX,
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

static void emit(const struct logger_stream *stream, const char *text, size_t length, int console)
{
	char out[OUTPUT_LINE_MAX + 128];
	size_t size = output_format(stream->name, stream->mark, text, length, out, sizeof out);
	write_all(console, out, size, NULL);
}

static void flush(const struct logger_stream *stream, struct line *line, int console)
{
	if (line->used)
		emit(stream, line->bytes, line->used, console);
	line->used = 0;
}

/* Puts out every whole line and keeps the rest. */
static void split(const struct logger_stream *stream, struct line *line, int console)
{
	char *start = line->bytes, *end = start + line->used, *newline;
	while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
		emit(stream, start, (size_t)(newline - start), console);
		start = newline + 1;
	}
	line->used = (size_t)(end - start);
	memmove(line->bytes, start, line->used);
	if (line->used == sizeof line->bytes)
		flush(stream, line, console);
}

/* False at the end of the stream. */
static bool take(const struct logger_stream *stream, struct line *line, int console)
{
	ssize_t got = read(stream->fd, line->bytes + line->used, sizeof line->bytes - line->used);
	if (got > 0) {
		line->used += (size_t)got;
		split(stream, line, console);
	}
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) {
		flush(stream, line, console);
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

int logger_main(const struct logger_stream *streams, unsigned count, int console_fd)
{
	struct error err = ERROR_INIT;
	const struct sigaction relief = {.sa_handler = on_relief, .sa_flags = SA_RESTART};
	sigaction(SIGTERM, &relief, NULL);
	if (confine_self(&policy, true, &err) < 0) {
		log_error("berth", "logger: %s", err.text);
		return 1;
	}
	struct pollfd fds[OUTPUT_STREAMS_MAX];
	unsigned open = count;
	for (unsigned i = 0; i < count; i++)
		fds[i] = (struct pollfd){.fd = streams[i].fd, .events = POLLIN};
	while (open) {
		int ready = poll(fds, count, QUIET_MS);
		for (unsigned i = 0; i < count; i++) {
			if (ready == 0 || relieved)
				flush(&streams[i], &lines[i], console_fd);
			if (ready <= 0 || !fds[i].revents)
				continue;
			if (!take(&streams[i], &lines[i], console_fd)) {
				fds[i].fd = -1;
				open--;
			}
		}
		if (relieved)
			return LOGGER_RELIEVED;
	}
	return 0;
}
