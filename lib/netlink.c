// SPDX-License-Identifier: Apache-2.0
#include "lib/netlink.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum { ANSWER_MAX = 32 * 1024 };

void netlink_batch_init(struct netlink_batch *batch, void *storage, size_t capacity)
{
	*batch = (struct netlink_batch){.data = storage, .capacity = capacity};
}

/* Room for `size` bytes and their padding, zeroed; NULL once the buffer is full. */
static uint8_t *reserve(struct netlink_batch *batch, size_t size)
{
	size_t padded = NLMSG_ALIGN(size);
	if (batch->full || padded < size || padded > batch->capacity - batch->size) {
		batch->full = true;
		return NULL;
	}
	uint8_t *at = batch->data + batch->size;
	memset(at, 0, padded);
	batch->size += padded;
	return at;
}

void netlink_put_raw(struct netlink_batch *batch, const void *data, size_t size)
{
	uint8_t *at = reserve(batch, size);
	if (at && size)
		memcpy(at, data, size);
}

void netlink_begin(struct netlink_batch *batch, uint16_t type, uint16_t flags, const void *header,
		   size_t header_size)
{
	batch->message = batch->size;
	struct nlmsghdr message = {
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | flags,
		.nlmsg_seq = ++batch->sequence,
	};
	netlink_put_raw(batch, &message, sizeof message);
	netlink_put_raw(batch, header, header_size);
}

void netlink_end(struct netlink_batch *batch)
{
	if (batch->full)
		return;
	uint32_t length = (uint32_t)(batch->size - batch->message);
	memcpy(batch->data + batch->message + offsetof(struct nlmsghdr, nlmsg_len), &length,
	       sizeof length);
}

void netlink_put(struct netlink_batch *batch, uint16_t type, const void *data, size_t size)
{
	if (size > UINT16_MAX - NLA_HDRLEN) {
		batch->full = true;
		return;
	}
	uint8_t *at = reserve(batch, NLA_HDRLEN + size);
	if (!at)
		return;
	struct nlattr attribute = {(uint16_t)(NLA_HDRLEN + size), type};
	memcpy(at, &attribute, sizeof attribute);
	if (size)
		memcpy(at + NLA_HDRLEN, data, size);
}

void netlink_put_u32(struct netlink_batch *batch, uint16_t type, uint32_t value)
{
	netlink_put(batch, type, &value, sizeof value);
}

void netlink_put_be32(struct netlink_batch *batch, uint16_t type, uint32_t value)
{
	netlink_put_u32(batch, type, htonl(value));
}

void netlink_put_text(struct netlink_batch *batch, uint16_t type, const char *text)
{
	netlink_put(batch, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct netlink_batch *batch, uint16_t type)
{
	size_t mark = batch->size;
	netlink_put(batch, type | NLA_F_NESTED, NULL, 0);
	return mark;
}

void netlink_nest_end(struct netlink_batch *batch, size_t mark)
{
	if (batch->full)
		return;
	size_t length = batch->size - mark;
	if (length > UINT16_MAX) {
		batch->full = true;
		return;
	}
	uint16_t value = (uint16_t)length;
	memcpy(batch->data + mark + offsetof(struct nlattr, nla_len), &value, sizeof value);
}

int netlink_open(int protocol, uint32_t groups, struct error *err)
{
	_cleanup_close_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		return error_errno(err, errno, "open a netlink socket of family %d", protocol);
	int on = 1;
	/* Both only improve the text of an error. */
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return error_errno(err, errno, "bind a netlink socket of family %d", protocol);
	return steal_fd(&fd);
}

static int send_batch(int fd, const struct netlink_batch *batch, const char *operation,
		      struct error *err)
{
	if (batch->full)
		return error_set(err, "%s: the request does not fit in %zu bytes", operation,
				 batch->capacity);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;
	do
		sent = sendto(fd, batch->data, batch->size, 0, (struct sockaddr *)&kernel,
			      sizeof kernel);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? error_errno(err, errno, "%s", operation) : 0;
}

/* One datagram that came from the kernel itself. -1 with errno; 0 is a message of somebody else. */
static ssize_t receive(int fd, void *buffer, size_t capacity)
{
	struct sockaddr_nl from = {0};
	struct iovec iov = {buffer, capacity};
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof from,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	ssize_t got;
	do
		got = recvmsg(fd, &message, MSG_DONTWAIT);
	while (got < 0 && errno == EINTR);
	return got > 0 && (from.nl_pid != 0 || message.msg_flags & MSG_TRUNC) ? 0 : got;
}

/* The reason of an error: the kernel's text where it sent one, else that of the errno value. */
static int explain(const struct nlmsghdr *message, int code, const char *operation,
		   struct error *err)
{
	const struct nlattr *table[NLMSGERR_ATTR_MSG + 1] = {0};
	char reason[160] = "";
	size_t fixed = NLMSG_HDRLEN + sizeof(struct nlmsgerr);
	if (message->nlmsg_flags & NLM_F_ACK_TLVS && message->nlmsg_flags & NLM_F_CAPPED &&
	    message->nlmsg_len > fixed)
		netlink_attributes((const uint8_t *)message + fixed, message->nlmsg_len - fixed,
				   table, NLMSGERR_ATTR_MSG);
	netlink_text(table[NLMSGERR_ATTR_MSG], reason, sizeof reason);
	error_errno(err, code, "%s", operation);
	if (err && *reason) {
		size_t used = strlen(err->text);
		snprintf(err->text + used, sizeof err->text - used, " (%s)", reason);
	}
	return -1;
}

/* NLMSG_ERROR: 0 for an acknowledgement, else the errno value. */
static int error_code(const struct nlmsghdr *message)
{
	const struct nlmsgerr *body = NLMSG_DATA(message);
	if (message->nlmsg_len < NLMSG_HDRLEN + sizeof *body)
		return EBADMSG;
	return -body->error;
}

int netlink_exchange(int fd, const struct netlink_batch *batch, const char *operation,
		     struct error *err)
{
	if (send_batch(fd, batch, operation, err) < 0)
		return -1;
	_Alignas(struct nlmsghdr) uint8_t buffer[4096];
	bool acknowledged = false, failed = false;
	ssize_t got;
	while ((got = receive(fd, buffer, sizeof buffer)) >= 0) {
		size_t left = (size_t)got;
		for (struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left);
		     m = NLMSG_NEXT(m, left)) {
			if (m->nlmsg_type != NLMSG_ERROR)
				continue;
			int code = error_code(m);
			acknowledged = acknowledged || code == 0;
			if (code != 0 && !failed) /* the first one; the rest follow from it */
				explain(m, code, operation, err);
			failed = failed || code != 0;
		}
	}
	if (!failed && !acknowledged)
		return error_errno(err, errno, "%s: no answer from the kernel", operation);
	return failed ? -1 : 0;
}

int netlink_dump(int fd, const struct netlink_batch *batch, netlink_message_callback *callback,
		 void *context, const char *operation, struct error *err)
{
	if (send_batch(fd, batch, operation, err) < 0)
		return -1;
	_cleanup_free_ uint8_t *buffer = malloc(ANSWER_MAX);
	if (!buffer)
		return error_errno(err, ENOMEM, "%s", operation);
	ssize_t got;
	while ((got = receive(fd, buffer, ANSWER_MAX)) >= 0) {
		size_t left = (size_t)got;
		for (struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left);
		     m = NLMSG_NEXT(m, left)) {
			if (m->nlmsg_type == NLMSG_DONE)
				return 0;
			if (m->nlmsg_type == NLMSG_ERROR)
				return explain(m, error_code(m), operation, err);
			callback(m, context);
		}
	}
	return error_errno(err, errno, "%s", operation);
}

int netlink_drain(int fd, netlink_message_callback *callback, void *context, struct error *err)
{
	_Alignas(struct nlmsghdr) uint8_t buffer[8192];
	bool lost = false;
	for (unsigned rounds = 0; rounds < 64; rounds++) {
		ssize_t got = receive(fd, buffer, sizeof buffer);
		if (got < 0 && errno == ENOBUFS) {
			lost = true;
			continue;
		}
		if (got < 0)
			return errno == EAGAIN ? lost : error_errno(err, errno, "read link events");
		size_t left = (size_t)got;
		for (struct nlmsghdr *m = (void *)buffer; NLMSG_OK(m, left);
		     m = NLMSG_NEXT(m, left))
			callback(m, context);
	}
	return lost;
}

void netlink_attributes(const void *data, size_t size, const struct nlattr **table, unsigned most)
{
	for (unsigned i = 0; i <= most; i++)
		table[i] = NULL;
	const uint8_t *at = data;
	while (size >= NLA_HDRLEN) {
		const struct nlattr *attribute = (const void *)at;
		size_t length = attribute->nla_len;
		if (length < NLA_HDRLEN || length > size)
			return;
		unsigned type = attribute->nla_type & NLA_TYPE_MASK;
		if (type <= most)
			table[type] = attribute;
		size_t padded = NLA_ALIGN(length);
		if (padded >= size)
			return;
		at += padded;
		size -= padded;
	}
}

void netlink_text(const struct nlattr *attribute, char *out, size_t capacity)
{
	out[0] = 0;
	if (!attribute || attribute->nla_len <= NLA_HDRLEN)
		return;
	size_t length = attribute->nla_len - NLA_HDRLEN;
	const char *text = (const char *)attribute + NLA_HDRLEN;
	if (length > capacity || text[length - 1] != 0)
		return;
	memcpy(out, text, length);
}

uint32_t netlink_u32(const struct nlattr *attribute)
{
	uint32_t value = 0;
	if (attribute && attribute->nla_len == NLA_HDRLEN + sizeof value)
		memcpy(&value, (const char *)attribute + NLA_HDRLEN, sizeof value);
	return value;
}
