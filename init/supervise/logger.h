// SPDX-License-Identifier: Apache-2.0
/* The logger process: pipes in, named lines on the console out. */
#ifndef BERTH_INIT_SUPERVISE_LOGGER_H
#define BERTH_INIT_SUPERVISE_LOGGER_H

/* The exit status after SIGTERM: another logger is to go on, which knows more streams. */
enum { LOGGER_RELIEVED = 3 };

struct logger_stream {
	char name[64];
	char mark;
	int fd; /* read end; the logger leaves it in blocking mode and polls */
};

/* Confines itself, copies until every stream is at its end, and returns the exit status. */
int logger_main(const struct logger_stream *streams, unsigned count, int console_fd);

#endif
