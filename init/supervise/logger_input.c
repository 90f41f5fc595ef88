// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/logger.h"

#include <errno.h>
#include <unistd.h>

static bool waits(const struct logger_input *input)
{
	return input->at < input->end;
}

void logger_input_watch(const struct logger_input *input, struct pollfd fds[2])
{
	bool reads = input->to >= 0 && !waits(input);
	fds[0] = (struct pollfd){.fd = reads ? input->console : -1, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = input->to >= 0 && waits(input) ? input->to : -1,
				 .events = POLLOUT};
}

/* A reader that is gone reads no more: what comes is left to the console's own buffer. */
static void pass_on(struct logger_input *input)
{
	ssize_t put = write(input->to, input->bytes + input->at, input->end - input->at);
	if (put >= 0)
		input->at += (size_t)put;
	else if (errno != EAGAIN && errno != EINTR)
		input->to = -1;
}

bool logger_input_copy(struct logger_input *input, const struct pollfd fds[2])
{
	if (fds[0].fd >= 0 && fds[0].revents) {
		ssize_t got = read(input->console, input->bytes, sizeof input->bytes);
		if (got == 0)
			return false;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			input->to = -1; /* no console that can be read from */
		input->at = 0;
		input->end = got > 0 ? (size_t)got : 0;
	}
	if (input->to >= 0 && waits(input))
		pass_on(input);
	return true;
}
