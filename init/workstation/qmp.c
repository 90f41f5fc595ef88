// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/qmp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A lost command shows as a machine that does not stop, which has its own deadline. */
static void say(int fd, const char *command)
{
	(void)!send(fd, command, strlen(command), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void qmp_begin(int fd)
{
	say(fd, "{\"execute\":\"qmp_capabilities\"}\n");
}

void qmp_powerdown(int fd)
{
	say(fd, "{\"execute\":\"system_powerdown\"}\n");
}

/* Nothing that the machine can influence stands in the few events there are. */
static void look_for_stop(const char *block, size_t size, unsigned *matched, bool *stopped)
{
	static const char event[] = "\"STOP\"";
	for (size_t i = 0; i < size; i++) {
		*matched = block[i] == event[*matched] ? *matched + 1 : block[i] == event[0];
		if (event[*matched] == 0) {
			*stopped = true;
			*matched = 0;
		}
	}
}

bool qmp_drain(int fd, unsigned *matched, bool *stopped)
{
	char block[4096];
	ssize_t got;
	while ((got = recv(fd, block, sizeof block, MSG_DONTWAIT)) > 0)
		look_for_stop(block, (size_t)got, matched, stopped);
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}
