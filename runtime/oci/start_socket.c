// SPDX-License-Identifier: Apache-2.0
/* The socket on which a created container waits for its start. Its path goes through a descriptor,
 * because a socket's address is short. */
#include "lib/cleanup.h"
#include "runtime/oci/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct sockaddr_un address_of(const struct state *state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/start",
		 state->dir_fd);
	return address;
}

int state_listen_start(const struct state *state, struct error *err)
{
	struct sockaddr_un address = address_of(state);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, 16) < 0)
		return error_errno(err, errno, "make the start socket of container %s", state->id);
	return steal_fd(&fd);
}

int state_connect_start(const struct state *state, struct error *err)
{
	struct sockaddr_un address = address_of(state);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_errno(err, errno, "container %s does not wait for a start", state->id);
	return steal_fd(&fd);
}
