// SPDX-License-Identifier: Apache-2.0
/*
 * sd_notify(3) for a container whose runtime was started with NOTIFY_SOCKET: it gets a socket of its
 * own, /run/notify/notify.sock, and of what comes there only that the container is ready goes on to
 * the service manager, with the process to watch. Whatever else it says stays here: a container
 * must not name processes of the host or close its descriptors.
 */
#ifndef BERTH_RUNTIME_OCI_NOTIFY_H
#define BERTH_RUNTIME_OCI_NOTIFY_H

#include "runtime/oci/create.h"

/* At create: the directory, its mount and the variable. Nothing without NOTIFY_SOCKET. */
int notify_prepare(struct create *create, struct error *err);
/* Before the program runs: the socket in *out, owned; -1 there when nobody listens. */
int notify_listen(const struct state *state, int *out, struct error *err);
/* Reads one message. 1: it was told that the container is ready, with `pid` as the process to watch;
 * 0: another message. */
int notify_pass(int fd, pid_t pid, struct error *err);
/* Waits until the container is ready or has ended. The state must not be locked. */
int notify_wait(const struct state *state, int fd, struct error *err);

#endif
