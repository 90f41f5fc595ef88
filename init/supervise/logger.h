// SPDX-License-Identifier: Apache-2.0
/*
 * The logger process: pipes and terminals in; named lines on the console, and the same to the
 * processes that keep them and send them away, out. The console's input to one container.
 */
#ifndef BERTH_INIT_SUPERVISE_LOGGER_H
#define BERTH_INIT_SUPERVISE_LOGGER_H

#include "init/config/machine.h"
#include "init/supervise/output.h"

#include <poll.h>
#include <stdbool.h>

/* Exit statuses beside 0, the end of all streams. */
enum {
	LOGGER_RELIEVED = 3,    /* after SIGTERM: another logger is to go on, which knows more */
	LOGGER_INPUT_ENDED = 4, /* likewise, and the console's input is at its end */
};

struct logger_stream {
	char name[64];
	char mark;
	int fd;   /* read end, or a terminal; the logger polls */
	bool raw; /* bytes go to the console as they are: somebody sits in front of it */
	enum log_console console;
	bool sinks[OUTPUT_SINK_COUNT]; /* which of them get its lines */
};

struct logger {
	const struct logger_stream *streams;
	unsigned count;
	int console;
	int input;                    /* where the console's input goes (does not block), or -1 */
	int sinks[OUTPUT_SINK_COUNT]; /* sockets that do not block, or -1 */
};

/* Confines itself, copies until every stream is at its end, and returns the exit status. */
int logger_main(const struct logger *logger);

/* The console's input (logger_input.c): what was read and waits for a reader. */
struct logger_input {
	int console, to; /* to: -1 when there is none any more */
	size_t at, end;
	char bytes[1024];
};

/* What poll() is to watch: the console while nothing waits, else whether `to` has room. */
void logger_input_watch(const struct logger_input *input, struct pollfd fds[2]);
/* After poll(). False: the console's input has ended, and so has that of the container. */
bool logger_input_copy(struct logger_input *input, const struct pollfd fds[2]);

#endif
