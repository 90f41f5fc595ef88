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

bool qmp_drain(int fd)
{
	char block[4096];
	ssize_t got;
	while ((got = recv(fd, block, sizeof block, MSG_DONTWAIT)) > 0)
		;
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}
