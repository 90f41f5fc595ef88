// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/relay.h"

#include "init/workstation/resolve.h"
#include "lib/cleanup.h"
#include "lib/error.h"
#include "lib/file.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Copies what is there; false at the end of the stream or when the other side has gone. */
static bool copy(int from, int to)
{
	char block[16384];
	ssize_t got = read(from, block, sizeof block);
	if (got < 0)
		return errno == EINTR || errno == EAGAIN;
	return got > 0 && write_all(to, block, (size_t)got, NULL) == 0;
}

static void relay(int remote)
{
	bool sending = true;
	for (;;) {
		struct pollfd fds[] = {{.fd = remote, .events = POLLIN},
				       {.fd = sending ? 0 : -1, .events = POLLIN}};
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return;
		if (fds[0].revents && !copy(remote, 1))
			return;
		if (fds[1].revents && !copy(0, remote)) {
			sending = false;
			shutdown(remote, SHUT_WR);
		}
	}
}

int relay_command(int argc, char **argv)
{
	struct loopback_address address;
	unsigned long port = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	if (port < 1 || port > 65535 || loopback_address_parse(argv[1], &address) < 0) {
		fprintf(stderr, "berth: error: usage: berth relay LOOPBACK-ADDRESS PORT\n");
		return 125;
	}
	struct sockaddr_storage to;
	socklen_t length = loopback_socket_address(&address, (uint16_t)port, &to);
	_cleanup_close_ int remote = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (remote < 0 || connect(remote, (struct sockaddr *)&to, length) < 0)
		return 1;
	relay(remote);
	return 0;
}
