// SPDX-License-Identifier: Apache-2.0
/*
 * Typed, bounded messages between Berth's processes, one per SOCK_SEQPACKET packet. A frame is a
 * type byte followed by fields: u64 (8 bytes, little endian) and strings (u32 length, bytes). The reader has a
 * sticky `bad` flag: after an overrun or a malformed field every get returns zero or "", and the
 * caller checks frame_done() once at the end.
 */
#ifndef BERTH_LIB_FRAME_H
#define BERTH_LIB_FRAME_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_MAX = 128 * 1024 };

struct frame {
	uint8_t type;
	bool bad;     /* a put did not fit, or a get read past the end */
	size_t size;  /* bytes used in data */
	size_t at;    /* read position */
	size_t capacity;
	uint8_t *data;
};

/* A connected pair of SOCK_SEQPACKET sockets, close-on-exec, with buffers that hold a whole frame. */
int frame_socketpair(int fds[2], struct error *err);

/* Starts a frame for writing over `storage` (at least 1 byte; fields that do not fit set bad). */
void frame_begin(struct frame *frame, uint8_t type, void *storage, size_t capacity);
void frame_put_u64(struct frame *frame, uint64_t value);
void frame_put_string(struct frame *frame, const char *text);
void frame_put_bytes(struct frame *frame, const void *bytes, size_t length);
void frame_put_list(struct frame *frame, const struct string_list *list);

/* Sends the frame; fails if it is bad or the peer is gone (no SIGPIPE). */
int frame_send(int fd, const struct frame *frame, struct error *err);
/* Receives one frame into `storage`. 1: a frame; 0: the peer closed; -1: error (code EAGAIN when a
 * non-blocking socket has nothing). A packet larger than capacity is an error. */
int frame_receive(int fd, struct frame *frame, void *storage, size_t capacity, struct error *err);

uint64_t frame_get_u64(struct frame *frame);
/* A copy in the arena, NUL-terminated; an embedded NUL makes the frame bad. Never NULL. */
char *frame_get_string(struct frame *frame, struct arena *arena);
/* Copies into a caller's buffer; longer text makes the frame bad. */
void frame_get_text(struct frame *frame, char *out, size_t capacity);
/* As frame_get_string, and NULs may be in it. Never NULL. */
char *frame_get_bytes(struct frame *frame, struct arena *arena, size_t *length);
void frame_get_list(struct frame *frame, struct arena *arena, struct string_list *list);
/* True when every field was well-formed and nothing is left over. */
bool frame_done(const struct frame *frame);

#endif
