// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/log_server.h"

#include "init/supervise/log_line.h"
#include "init/supervise/log_sinks.h"
#include "lib/cleanup.h"
#include "lib/loop.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum {
	LENGTH = 4, /* bytes before each message in the queue */
	RETRY_FIRST_MS = 250,
	RETRY_MOST_MS = 15000,
	TELL_AFTER_MS = 2000, /* a server may take that long to start beside the machine */
	PROOF_MS = 500,       /* nobody refuses what was sent by UDP for so long: somebody is there */
};

void log_server_init(struct log_server *server, const char *text)
{
	*server = (struct log_server){.text = text, .fd = -1, .wait_ms = RETRY_FIRST_MS};
	parse_syslog_server(text, &server->where, NULL);
}

static uint32_t first_length(const struct log_server *server)
{
	uint32_t size;
	memcpy(&size, server->queue, sizeof size);
	return size;
}

/* Over TCP each message has its length in front, as text (RFC 6587, octet counting). */
void log_server_put(struct log_server *server, const char *message, size_t size)
{
	char count[16];
	size_t digits = server->where.tcp ? (size_t)snprintf(count, sizeof count, "%zu ", size) : 0;
	uint32_t length = (uint32_t)(digits + size);
	if (server->used + LENGTH + length > sizeof server->queue) {
		server->lost++;
		return;
	}
	unsigned char *to = server->queue + server->used;
	memcpy(to, &length, LENGTH);
	memcpy(to + LENGTH, count, digits);
	memcpy(to + LENGTH + digits, message, size);
	server->used += LENGTH + length;
}

static void drop_first(struct log_server *server)
{
	size_t size = LENGTH + first_length(server);
	memmove(server->queue, server->queue + size, server->used - size);
	server->used -= size;
	server->sent = 0;
}

static void tell_down(struct log_server *server, const char *why, int tell)
{
	if (server->told ||
	    monotonic_ns() - server->down_since < TELL_AFTER_MS * UINT64_C(1000000))
		return;
	server->told = true;
	log_sink_tell(tell, true, "%.100s cannot be reached: %s; lines wait, and more than %d KiB of "
				  "them are lost",
		      server->text, why, LOG_SERVER_QUEUE / 1024);
}

/* Whatever was on the way is sent again, whole. */
static void fail(struct log_server *server, const char *why, int tell)
{
	cleanup_close_fd(&server->fd);
	server->fd = -1;
	server->connecting = server->proven = false;
	server->sent = 0;
	server->probe_at = 0;
	uint64_t now = monotonic_ns();
	if (!server->down_since)
		server->down_since = now;
	server->retry_at = now + server->wait_ms * UINT64_C(1000000);
	server->wait_ms = server->wait_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : server->wait_ms * 2;
	tell_down(server, why, tell);
}

static int find_address(struct log_server *server, struct error *err)
{
	const struct addrinfo hints = {.ai_socktype = server->where.tcp ? SOCK_STREAM : SOCK_DGRAM,
				       .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char port[8];
	snprintf(port, sizeof port, "%u", server->where.port);
	int failed = getaddrinfo(server->where.host, port, &hints, &found);
	if (failed)
		return server->address_length ? 0 : error_set(err, "%s", gai_strerror(failed));
	memcpy(&server->address, found->ai_addr, found->ai_addrlen);
	server->address_length = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static void dial(struct log_server *server, int tell)
{
	struct error err = ERROR_INIT;
	if (find_address(server, &err) < 0) {
		fail(server, err.text, tell);
		return;
	}
	int type = server->where.tcp ? SOCK_STREAM : SOCK_DGRAM;
	server->fd = socket(server->address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (server->fd >= 0 && connect(server->fd, (const struct sockaddr *)&server->address,
				       server->address_length) == 0)
		return;
	if (server->fd >= 0 && errno == EINPROGRESS)
		server->connecting = true;
	else
		fail(server, strerror(errno), tell);
}

static void tell_up(struct log_server *server, int tell)
{
	server->wait_ms = RETRY_FIRST_MS;
	server->down_since = 0;
	if (server->told)
		log_sink_tell(tell, false, "%.100s is reached again; %lu lines were lost",
			      server->text, server->lost - server->lost_told);
	server->told = false;
}

/* A line that says in its place how many are missing. */
static void put_loss(struct log_server *server, const char *hostname)
{
	char text[64], message[LOG_SYSLOG_MAX];
	struct timespec now;
	unsigned long missing = server->lost - server->lost_told;
	if (!missing)
		return;
	struct log_line line = {.severity = SEVERITY_WARNING, .text = text};
	clock_gettime(CLOCK_REALTIME, &now);
	line.time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	line.size = (size_t)snprintf(text, sizeof text, "%lu lines were lost here", missing);
	unsigned long before = server->lost;
	log_server_put(server, message,
		       log_line_syslog(&line, server->facility, hostname, "berth", message));
	if (server->lost == before)
		server->lost_told = before;
	else
		server->lost = before; /* there is no room yet */
}

/* One message goes first, and stays here until it is known that somebody has it: UDP says nothing but
 * that nobody is there. True: it is known, and all others may follow. */
static bool prove(struct log_server *server, int tell, bool last)
{
	if (server->where.tcp || server->proven)
		return true;
	uint64_t now = monotonic_ns();
	if (!server->probe_at) {
		size_t length = first_length(server);
		ssize_t put = send(server->fd, server->queue + LENGTH, length,
				   MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0)
			fail(server, strerror(errno), tell);
		else
			server->probe_at = now;
	}
	if (server->fd < 0 ||
	    (!last && now - server->probe_at < PROOF_MS * UINT64_C(1000000)))
		return false;
	server->proven = true;
	server->probe_at = 0;
	drop_first(server);
	tell_up(server, tell);
	return true;
}

static void send_queue(struct log_server *server, const char *hostname, int tell)
{
	while (server->used && server->fd >= 0) {
		size_t length = first_length(server) - server->sent;
		ssize_t put = send(server->fd, server->queue + LENGTH + server->sent, length,
				   MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && (errno == EAGAIN || errno == ENOBUFS))
			return;
		if (put < 0 && errno != EMSGSIZE) {
			/* Of UDP it is the answer to an earlier message, which is gone. */
			server->lost += !server->where.tcp && errno == ECONNREFUSED;
			fail(server, strerror(errno), tell);
			return;
		}
		tell_up(server, tell);
		if (put < 0)
			server->lost++; /* larger than the network takes */
		if (put < 0 || (size_t)put == length)
			drop_first(server);
		else
			server->sent += (size_t)put;
		put_loss(server, hostname);
	}
}

void log_server_work(struct log_server *server, const char *hostname, int tell, bool last)
{
	if (server->fd < 0 && server->used && monotonic_ns() >= server->retry_at)
		dial(server, tell);
	if (server->fd >= 0 && !server->connecting && server->used && prove(server, tell, last)) {
		put_loss(server, hostname);
		send_queue(server, hostname, tell);
	}
}

int log_server_watch(const struct log_server *server, struct pollfd *out)
{
	bool waits = server->used > 0;
	*out = (struct pollfd){.fd = server->fd};
	if (server->connecting || (waits && !server->probe_at))
		out->events |= POLLOUT;
	if (!server->connecting)
		out->events |= POLLIN; /* nothing is said there: it is the end, or an error */
	if (server->probe_at)
		return PROOF_MS / 5;
	if (server->fd >= 0 || !waits)
		return -1;
	uint64_t now = monotonic_ns();
	return now >= server->retry_at ? 0 : (int)((server->retry_at - now) / 1000000) + 1;
}

void log_server_react(struct log_server *server, const struct pollfd *poll, int tell)
{
	char waste[512];
	int code = 0;
	socklen_t length = sizeof code;
	if (server->fd < 0 || !poll->revents)
		return;
	if (server->connecting) {
		getsockopt(server->fd, SOL_SOCKET, SO_ERROR, &code, &length);
		server->connecting = false;
		if (code)
			fail(server, strerror(code), tell);
		return;
	}
	if (!(poll->revents & (POLLIN | POLLERR | POLLHUP)))
		return;
	ssize_t got = recv(server->fd, waste, sizeof waste, MSG_DONTWAIT);
	if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (got == 0 && !server->where.tcp)
		return; /* an empty datagram */
	/* One that was sent as proof is still here. */
	server->lost += !server->where.tcp && server->proven && errno == ECONNREFUSED;
	fail(server, got == 0 ? "it has closed the connection" : strerror(errno), tell);
}

bool log_server_is_empty(const struct log_server *server)
{
	int left = 0;
	if (server->used)
		return false;
	if (server->fd < 0 || !server->where.tcp)
		return true;
	return ioctl(server->fd, TIOCOUTQ, &left) < 0 || left == 0;
}
