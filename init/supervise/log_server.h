// SPDX-License-Identifier: Apache-2.0
/*
 * One syslog server, inside the sender: what waits for it, and the socket to it. Lines wait while it
 * cannot be reached; what does not fit is counted, and the server is told the number.
 */
#ifndef BERTH_INIT_SUPERVISE_LOG_SERVER_H
#define BERTH_INIT_SUPERVISE_LOG_SERVER_H

#include "init/config/logging.h"

#include <poll.h>
#include <sys/socket.h>

enum { LOG_SERVER_QUEUE = 64 * 1024 };

struct log_server {
	const char *text; /* "udp://10.0.0.1:514" */
	struct syslog_server where;
	struct sockaddr_storage address; /* found once; kept when the name cannot be found again */
	socklen_t address_length;
	int fd;                 /* -1: not connected */
	bool connecting;
	bool proven;            /* somebody is there: of UDP, no refusal has come for a while */
	uint64_t probe_at;      /* of UDP: when the first message was sent to find that out */
	uint64_t retry_at;      /* monotonic_ns() */
	unsigned wait_ms;       /* until the next try but one */
	uint64_t down_since;    /* 0: it is reached */
	bool told;              /* that it cannot be reached */
	unsigned long lost, lost_told;
	unsigned facility;      /* of the line that tells of lost ones */
	size_t used, sent;      /* of the queue; of its first message, as it is on the way */
	unsigned char queue[LOG_SERVER_QUEUE]; /* each message behind its length, 4 bytes */
};

/* Parsed already; the queue is empty. */
void log_server_init(struct log_server *server, const char *text);
/* Puts one message, as RFC 5424 has it, behind the others, or counts it as lost. */
void log_server_put(struct log_server *server, const char *message, size_t size);
/* Connects when it is time, sends what can be sent; `tell` is the socket for log_sink_tell(). `last`:
 * the machine ends, and nothing is waited for. */
void log_server_work(struct log_server *server, const char *hostname, int tell, bool last);
/* What poll() is to watch, and for how long at most (milliseconds, -1: any time). */
int log_server_watch(const struct log_server *server, struct pollfd *out);
/* After poll(): takes note of a connection that was made or is gone. */
void log_server_react(struct log_server *server, const struct pollfd *poll, int tell);
/* Nothing waits, here or in the kernel. */
bool log_server_is_empty(const struct log_server *server);

#endif
