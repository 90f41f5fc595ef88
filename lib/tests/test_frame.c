// SPDX-License-Identifier: Apache-2.0
#include "lib/frame.h"
#include "lib/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static char block[4096];

static void round_trip(void)
{
	int fds[2];
	unsigned char out[512], in[512];
	struct frame frame;
	struct arena arena;
	struct string_list list = {0}, back = {0};
	arena_init(&arena, block, sizeof block);
	string_list_add(&list, &arena, "one", NULL);
	string_list_add(&list, &arena, "", NULL);
	ok(frame_socketpair(fds, NULL) == 0, "socket pair");
	frame_begin(&frame, 7, out, sizeof out);
	frame_put_u64(&frame, 0x0123456789abcdefULL);
	frame_put_string(&frame, "text");
	frame_put_list(&frame, &list);
	ok(frame_send(fds[0], &frame, NULL) == 0, "send");
	ok(frame_receive(fds[1], &frame, in, sizeof in, NULL) == 1 && frame.type == 7, "receive");
	ok(frame_get_u64(&frame) == 0x0123456789abcdefULL, "u64");
	is(frame_get_string(&frame, &arena), "text", "string");
	frame_get_list(&frame, &arena, &back);
	ok(back.count == 2 && !back.items[2], "list ends with NULL");
	ok(frame_done(&frame), "nothing left over");
	ok(frame_get_u64(&frame) == 0 && frame.bad && !frame_done(&frame), "reading past the end");

	struct error err = ERROR_INIT;
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	ok(frame_receive(fds[1], &frame, in, sizeof in, &err) == -1 && err.code == EAGAIN,
	   "nothing there");
	ok(send(fds[0], out, 400, 0) == 400 && frame_receive(fds[1], &frame, in, 100, &err) == -1,
	   "larger than the storage");
	close(fds[0]);
	ok(frame_receive(fds[1], &frame, in, sizeof in, NULL) == 0, "peer closed");
	close(fds[1]);
}

static void malformed(void)
{
	unsigned char small[4], bytes[] = {1, 200, 0, 0, 0, 'a', 'b'};
	struct frame frame;
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	frame_begin(&frame, 1, small, sizeof small);
	frame_put_string(&frame, "does not fit");
	ok(frame.bad && frame_send(0, &frame, NULL) == -1, "a frame that overflowed is not sent");
	frame = (struct frame){.data = bytes, .size = sizeof bytes, .at = 1};
	is(frame_get_string(&frame, &arena), "", "length beyond the frame");
	ok(frame.bad, "is bad");
	unsigned char nul[] = {1, 3, 0, 0, 0, 'a', 0, 'b'};
	frame = (struct frame){.data = nul, .size = sizeof nul, .at = 1};
	frame_get_string(&frame, &arena);
	ok(frame.bad, "an embedded NUL is bad");
	unsigned char raw[] = {1, 3, 0, 0, 0, 'a', 0, 'b'};
	size_t length = 0;
	frame = (struct frame){.data = raw, .size = sizeof raw, .at = 1};
	const char *taken = frame_get_bytes(&frame, &arena, &length);
	ok(frame_done(&frame) && length == 3 && memcmp(taken, "a\0b", 4) == 0, "but not in bytes");
	raw[1] = 4;
	frame = (struct frame){.data = raw, .size = sizeof raw, .at = 1};
	frame_get_bytes(&frame, &arena, &length);
	ok(frame.bad && length == 0, "bytes beyond the end are bad");
	unsigned char many[] = {1, 255, 255, 255, 255, 255, 255, 255, 255};
	struct string_list list = {0};
	frame = (struct frame){.data = many, .size = sizeof many, .at = 1};
	frame_get_list(&frame, &arena, &list);
	ok(frame.bad, "a list longer than the frame ends");
}

static void arena_limits(void)
{
	char tiny[64];
	struct arena arena;
	struct string_list list = {0};
	struct error err = ERROR_INIT;
	arena_init(&arena, tiny, sizeof tiny);
	ok(!arena_alloc(&arena, 65), "larger than the block");
	ok(!arena_strndup(&arena, "x", (size_t)-1), "length that overflows");
	ok(arena_alloc(&arena, 32) && !arena_alloc(&arena, 64), "full");
	ok(string_list_add(&list, &arena, "a string", &err) == -1 && err.text[0],
	   "a list that does not fit says so");
}

int main(void)
{
	round_trip();
	malformed();
	arena_limits();
	return tap_end();
}
