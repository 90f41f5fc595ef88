// SPDX-License-Identifier: Apache-2.0
/* The one way in which a start fails: a frame on the status socket. */
#include "runtime/child.h"
#include "runtime/sync.h"

#include <unistd.h>

_Noreturn void child_fail(int status_fd, int exit_status, const struct error *err)
{
	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	frame_begin(&frame, SYNC_FAILED, storage, sizeof storage);
	frame_put_u64(&frame, (uint64_t)exit_status);
	frame_put_u64(&frame, (uint64_t)err->code);
	frame_put_string(&frame, err->text);
	frame_send(status_fd, &frame, NULL);
	_exit(exit_status);
}

int child_report_decode(struct frame *frame, int *exit_status, struct error *err)
{
	char text[ERROR_TEXT_MAX];
	uint64_t status = frame_get_u64(frame);
	uint64_t code = frame_get_u64(frame);
	frame_get_text(frame, text, sizeof text);
	*exit_status = CONTAINER_SETUP_FAILED;
	if (frame->type != SYNC_FAILED || !frame_done(frame) || code > 4095 ||
	    status < CONTAINER_SETUP_FAILED || status > CONTAINER_NOT_FOUND)
		return error_set(err, "the starting container sent a malformed report");
	*exit_status = (int)status;
	error_set(err, "%s", *text ? text : "the container did not start and gave no reason");
	if (err)
		err->code = (int)code;
	return -1;
}
