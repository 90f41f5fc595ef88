// SPDX-License-Identifier: Apache-2.0
/*
 * Netlink: messages built in a buffer of fixed size, and one exchange with the kernel. The kernel
 * handles a request inside sendmsg(), so that its answer is already queued when the call returns:
 * nothing here waits.
 */
#ifndef BERTH_LIB_NETLINK_H
#define BERTH_LIB_NETLINK_H

#include "lib/error.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_batch {
	uint8_t *data; /* the caller's, aligned for struct nlmsghdr */
	size_t capacity;
	size_t size;       /* bytes used, always a multiple of 4 */
	size_t message;    /* offset of the message being built */
	uint32_t sequence; /* of the last message; the first one has 1 */
	bool full;         /* something did not fit; the exchange refuses such a batch */
};

void netlink_batch_init(struct netlink_batch *batch, void *storage, size_t capacity);
/* Starts a message: netlink header, then `header_size` bytes of the family's fixed header. */
void netlink_begin(struct netlink_batch *batch, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size);
void netlink_put(struct netlink_batch *batch, uint16_t type, const void *data, size_t size);
void netlink_put_u32(struct netlink_batch *batch, uint16_t type, uint32_t value);
/* In network byte order, as nf_tables wants its numbers. */
void netlink_put_be32(struct netlink_batch *batch, uint16_t type, uint32_t value);
/* With its terminating NUL. */
void netlink_put_text(struct netlink_batch *batch, uint16_t type, const char *text);
/* Opens a nested attribute; the mark goes to netlink_nest_end. */
size_t netlink_nest(struct netlink_batch *batch, uint16_t type);
void netlink_nest_end(struct netlink_batch *batch, size_t mark);
/* Bytes of a nested message header (VETH_INFO_PEER), padded. */
void netlink_put_raw(struct netlink_batch *batch, const void *data, size_t size);
/* Closes the message. */
void netlink_end(struct netlink_batch *batch);

/* A close-on-exec, non-blocking socket of `protocol` (NETLINK_ROUTE, NETLINK_NETFILTER) that
 * listens to the multicast `groups`. */
int netlink_open(int protocol, uint32_t groups, struct error *err);

/* Sends the batch and reads the answers. `operation` (what, on which device) starts the message of
 * an error, which ends with the kernel's own explanation where it gives one. The last message of
 * the batch must ask for an acknowledgement (NLM_F_ACK). */
int netlink_exchange(int fd, const struct netlink_batch *batch, const char *operation,
		     struct error *err);

typedef void netlink_message_callback(const struct nlmsghdr *message, void *context);

/* Sends a dump request and hands each answer to the callback. */
int netlink_dump(int fd, const struct netlink_batch *batch, netlink_message_callback *callback,
		 void *context, const char *operation, struct error *err);

/* Reads what is queued on a multicast socket. Returns 1 when messages were lost (the caller looks
 * at the whole state again), 0 otherwise, -1 on an error. */
int netlink_drain(int fd, netlink_message_callback *callback, void *context, struct error *err);

struct nlattr;
/* Sets table[type] for each attribute with type <= most, from `size` bytes at `data`; NULL for the
 * others. Attributes that overrun end the walk. */
void netlink_attributes(const void *data, size_t size, const struct nlattr **table, unsigned most);
/* The text of an attribute in a caller's buffer; "" when absent, too long or not terminated. */
void netlink_text(const struct nlattr *attribute, char *out, size_t capacity);
uint32_t netlink_u32(const struct nlattr *attribute);

#endif
