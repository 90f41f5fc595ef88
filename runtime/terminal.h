// SPDX-License-Identifier: Apache-2.0
/* A container's terminal: made on the container's own devpts. */
#ifndef BERTH_RUNTIME_TERMINAL_H
#define BERTH_RUNTIME_TERMINAL_H

#include "runtime/spec.h"

/* Opens a terminal on /dev/pts of the root, makes it the process's controlling terminal and its
 * descriptors 0 to 2, gives it to the process's user, sends the other end to the socket `console`
 * (SCM_RIGHTS), and with `bind` puts it onto /dev/console. */
int terminal_open(const struct process_spec *process, int root_fd, int console, bool bind,
		  struct error *err);

/* Sends `fd` with the bytes `text` over a connected Unix stream socket. */
int terminal_send(int socket, int fd, const char *text, struct error *err);
/* Receives one; the owned descriptor. */
int terminal_receive(int socket, struct error *err);

#endif
