// SPDX-License-Identifier: Apache-2.0
/*
 * What a container's first process could send over the status socket and the start socket: packets,
 * each with its length (one byte) before it, over a real pair of sockets. Both readers take them in
 * turn.
 */
#include "runtime/sync.h"

#include "lib/cleanup.h"
#include "lib/frame.h"
#include "runtime/container.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PACKETS_MAX = 32 };

static void send_packets(int fd, const uint8_t *data, size_t size)
{
	for (unsigned sent = 0; size > 1 && sent < PACKETS_MAX; sent++) {
		size_t length = data[0] < size - 1 ? data[0] : size - 1;
		if (length > 0 && send(fd, data + 1, length, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			return;
		data += length + 1;
		size -= length + 1;
	}
}

static void check_text(const struct error *err)
{
	if (!err->text[0] || strpbrk(err->text, "\n\r\033"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	int ends[2], exit_status;
	if (frame_socketpair(ends, NULL) < 0)
		return 0;
	send_packets(ends[0], data, size);
	close(ends[0]);
	_cleanup_close_ int fd = ends[1];
	for (unsigned got = 0; got <= PACKETS_MAX / 2; got++) {
		if (sync_expect(fd, SYNC_GO, &err) < 0)
			check_text(&err);
		int result = container_start_result(fd, &exit_status, &err);
		if (result > 1 || exit_status < CONTAINER_SETUP_FAILED ||
		    exit_status > CONTAINER_NOT_FOUND)
			abort();
		if (result < 0)
			check_text(&err);
	}
	if (container_start_result(fd, &exit_status, &err) != 0)
		abort();
	return 0;
}
