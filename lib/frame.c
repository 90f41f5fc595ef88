// SPDX-License-Identifier: Apache-2.0
#include "lib/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

int frame_socketpair(int fds[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return error_errno(err, errno, "create a socket pair");
	int size = 2 * FRAME_MAX;
	for (int i = 0; i < 2; i++)
		setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return 0;
}

void frame_begin(struct frame *frame, uint8_t type, void *storage, size_t capacity)
{
	*frame = (struct frame){.type = type, .data = storage, .capacity = capacity};
	if (capacity == 0)
		frame->bad = true;
	else
		frame->data[frame->size++] = type;
}

static void put(struct frame *frame, const void *bytes, size_t length)
{
	if (frame->bad || length > frame->capacity - frame->size) {
		frame->bad = true;
		return;
	}
	if (length)
		memcpy(frame->data + frame->size, bytes, length);
	frame->size += length;
}

void frame_put_u64(struct frame *frame, uint64_t value)
{
	uint8_t bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	put(frame, bytes, sizeof bytes);
}

void frame_put_bytes(struct frame *frame, const void *bytes, size_t length)
{
	if (length > UINT32_MAX) {
		frame->bad = true;
		return;
	}
	uint8_t header[4];
	for (int i = 0; i < 4; i++)
		header[i] = (uint8_t)(length >> (8 * i));
	put(frame, header, sizeof header);
	put(frame, bytes, length);
}

void frame_put_string(struct frame *frame, const char *text)
{
	frame_put_bytes(frame, text ? text : "", text ? strlen(text) : 0);
}

void frame_put_list(struct frame *frame, const struct string_list *list)
{
	frame_put_u64(frame, list->count);
	for (size_t i = 0; i < list->count; i++)
		frame_put_string(frame, list->items[i]);
}

int frame_send(int fd, const struct frame *frame, struct error *err)
{
	if (frame->bad)
		return error_set(err, "message of type %u does not fit in %zu bytes", frame->type,
				 frame->capacity);
	ssize_t sent;
	do
		sent = send(fd, frame->data, frame->size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? error_errno(err, errno, "send a message") : 0;
}

int frame_receive(int fd, struct frame *frame, void *storage, size_t capacity, struct error *err)
{
	struct iovec iov = {storage, capacity};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t got;
	do
		got = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_errno(err, errno, "receive a message");
	if (got == 0)
		return 0;
	if (message.msg_flags & MSG_TRUNC)
		return error_set(err, "message larger than %zu bytes", capacity);
	*frame = (struct frame){.data = storage, .capacity = capacity, .size = (size_t)got, .at = 1};
	frame->type = frame->data[0];
	return 1;
}

static const uint8_t *take(struct frame *frame, size_t length)
{
	if (frame->bad || length > frame->size - frame->at) {
		frame->bad = true;
		return NULL;
	}
	const uint8_t *bytes = frame->data + frame->at;
	frame->at += length;
	return bytes;
}

uint64_t frame_get_u64(struct frame *frame)
{
	const uint8_t *bytes = take(frame, 8);
	uint64_t value = 0;
	for (int i = 0; bytes && i < 8; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

/* The bytes of a string field, or NULL after setting bad. */
static const char *take_field(struct frame *frame, size_t *length)
{
	const uint8_t *header = take(frame, 4);
	*length = 0;
	for (int i = 0; header && i < 4; i++)
		*length |= (size_t)header[i] << (8 * i);
	return header ? (const char *)take(frame, *length) : NULL;
}

static const char *take_text(struct frame *frame, size_t *length)
{
	const char *text = take_field(frame, length);
	if (text && memchr(text, 0, *length)) {
		frame->bad = true;
		return NULL;
	}
	return text;
}

char *frame_get_bytes(struct frame *frame, struct arena *arena, size_t *length)
{
	static char empty[1];
	const char *bytes = take_field(frame, length);
	char *copy = bytes ? arena_alloc(arena, *length + 1) : NULL;
	if (copy)
		return memcpy(copy, bytes, *length);
	frame->bad = true;
	*length = 0;
	return empty;
}

char *frame_get_string(struct frame *frame, struct arena *arena)
{
	static char empty[1];
	size_t length;
	const char *text = take_text(frame, &length);
	char *copy = text ? arena_strndup(arena, text, length) : NULL;
	if (!copy)
		frame->bad = true;
	return copy ? copy : empty;
}

void frame_get_text(struct frame *frame, char *out, size_t capacity)
{
	size_t length;
	const char *text = take_text(frame, &length);
	out[0] = 0;
	if (!text || length >= capacity) {
		frame->bad = true;
		return;
	}
	memcpy(out, text, length);
	out[length] = 0;
}

void frame_get_list(struct frame *frame, struct arena *arena, struct string_list *list)
{
	uint64_t count = frame_get_u64(frame);
	for (uint64_t i = 0; i < count && !frame->bad; i++)
		if (string_list_add(list, arena, frame_get_string(frame, arena), NULL) < 0)
			frame->bad = true;
}

bool frame_done(const struct frame *frame)
{
	return !frame->bad && frame->at == frame->size;
}
