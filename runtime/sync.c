// SPDX-License-Identifier: Apache-2.0
#include "runtime/sync.h"

#include "lib/cleanup.h"
#include "lib/frame.h"

#include <errno.h>
#include <sys/socket.h>

enum { MESSAGE_MAX = 64 };

int sync_send(int fd, enum sync_message message, struct error *err)
{
	uint8_t storage[MESSAGE_MAX];
	struct frame frame;
	frame_begin(&frame, (uint8_t)message, storage, sizeof storage);
	return frame_send(fd, &frame, err);
}

int sync_expect(int fd, enum sync_message message, struct error *err)
{
	uint8_t storage[MESSAGE_MAX];
	struct frame frame;
	int got = frame_receive(fd, &frame, storage, sizeof storage, err);
	if (got == 0)
		return error_set(err, "the runtime went away during the start");
	if (got < 0)
		return -1;
	if (frame.type != message || !frame_done(&frame))
		return error_set(err, "message %d during the start, expected %d", frame.type,
				 (int)message);
	return 0;
}

int sync_ask(int fd, enum sync_message message, struct error *err)
{
	return sync_send(fd, message, err) < 0 ? -1 : sync_expect(fd, SYNC_GO, err);
}

int sync_await_start(int listener, struct error *err)
{
	for (;;) {
		_cleanup_close_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			return error_errno(err, errno, "wait for the start");
		if (fd >= 0 && sync_expect(fd, SYNC_GO, NULL) == 0)
			return steal_fd(&fd);
	}
}
