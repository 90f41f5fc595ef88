// SPDX-License-Identifier: Apache-2.0
/* One rtnetlink request with an acknowledgement; for the files beside rtnetlink.c. */
#ifndef BERTH_INIT_NET_RTNETLINK_REQUEST_H
#define BERTH_INIT_NET_RTNETLINK_REQUEST_H

#include "lib/netlink.h"

enum { REQUEST_MAX = 1024 };

struct request {
	_Alignas(struct nlmsghdr) uint8_t storage[REQUEST_MAX];
	struct netlink_batch batch;
	char operation[128]; /* for messages */
};

/* The text says what is being done, and begins the message of an error. */
void request_begin(struct request *request, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size, const char *format, ...)
	__attribute__((format(printf, 6, 7)));
int request_send(struct request *request, int fd, struct error *err);

#endif
