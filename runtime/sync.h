// SPDX-License-Identifier: Apache-2.0
/*
 * What the first process of a container and its parent say to each other, in frames on the status
 * socket. init hears only failures. A caller that stays with the start answers each request with
 * SYNC_GO. At SYNC_CREATED the status socket has done its work: the process then listens on its
 * start socket, and whoever connects and sends SYNC_GO hears what becomes of the rest: a failure, or
 * end of file when the program executes.
 */
#ifndef BERTH_RUNTIME_SYNC_H
#define BERTH_RUNTIME_SYNC_H

#include "lib/error.h"

enum sync_message {
	SYNC_FAILED = 1,     /* u64 exit status, u64 errno value or 0, string: one line */
	SYNC_WANTS_MAPS = 2, /* the user namespace is there; all that needs the host's root follows */
	SYNC_ROOT_BUILT = 3, /* mounts are made, the root is not changed: hooks of the runtime */
	SYNC_CREATED = 4,    /* all is done up to the start */
	SYNC_GO = 16,
};

/* Sends a message without fields. */
int sync_send(int fd, enum sync_message message, struct error *err);
/* Waits for exactly this one. */
int sync_expect(int fd, enum sync_message message, struct error *err);
/* Sends the message and waits for SYNC_GO. */
int sync_ask(int fd, enum sync_message message, struct error *err);
/* Waits for connections to `listener` until one says SYNC_GO; returns that one, owned. Who only
 * looks whether somebody listens says nothing. */
int sync_await_start(int listener, struct error *err);

#endif
