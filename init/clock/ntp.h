// SPDX-License-Identifier: Apache-2.0
/*
 * A client of the Network Time Protocol (RFC 5905; the part that is also RFC 4330, SNTP): servers are
 * asked in rounds, each by a confined worker that PID 1 forks for it; what it finds comes back in one
 * frame. Times are kept as the difference between true time and CLOCK_BOOTTIME, which no step of the
 * clock changes.
 */
#ifndef BERTH_INIT_CLOCK_NTP_H
#define BERTH_INIT_CLOCK_NTP_H

#include "lib/arena.h"
#include "lib/frame.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	NTP_PORT = 123,
	NTP_SERVERS_MAX = 4,
	NTP_HOST_MAX = 256,
	NTP_PACKET = 48,
	NTP_FRAME_MAX = 1024,
};

struct ntp_server {
	char host[NTP_HOST_MAX]; /* a name, or an address without brackets */
	uint16_t port;
};

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. */
int ntp_server_parse(const char *text, struct ntp_server *out, struct error *err);

/* What one answer says. */
struct ntp_sample {
	int64_t base;      /* true time less CLOCK_BOOTTIME, ns */
	uint64_t delay_ns; /* there and back */
	uint64_t error_ns; /* how far base may be off: half the delay and what the server says of its own */
	unsigned stratum;
	unsigned server; /* index */
};

/* ntp_packet.c: bytes of the protocol. */

struct ntp_request {
	uint64_t nonce; /* goes out as the transmit timestamp, comes back as the origin's */
	uint64_t sent;  /* CLOCK_BOOTTIME, ns */
};

enum ntp_verdict {
	NTP_GOOD,
	NTP_IGNORE, /* not an answer to the request: wait on */
	NTP_USELESS, /* an answer without a time; err says why */
	NTP_SLOWER, /* kiss-o'-death RATE: ask less often */
	NTP_NEVER,  /* kiss-o'-death DENY or RSTR: do not ask again */
};

void ntp_request_make(const struct ntp_request *request, uint8_t out[NTP_PACKET]);
/* `received` is CLOCK_BOOTTIME, ns. */
enum ntp_verdict ntp_answer_read(const uint8_t *bytes, size_t size,
				 const struct ntp_request *request, uint64_t received,
				 struct ntp_sample *out, struct error *err);

/* ntp_select.c: the sample that a majority agrees with, the most exact of those; NULL when there is
 * no majority. *agree is how many agree. */
const struct ntp_sample *ntp_select(const struct ntp_sample *samples, size_t count, size_t *agree);

/* ntp_worker.c: one round. */

struct ntp_round {
	struct ntp_server servers[NTP_SERVERS_MAX];
	size_t count;
	bool skip[NTP_SERVERS_MAX]; /* those that do not want to be asked */
};

/* What a round has found, as the frame that leaves the worker. */
struct ntp_result {
	bool found;
	struct ntp_sample sample;
	unsigned agree, asked;
	bool slower[NTP_SERVERS_MAX], never[NTP_SERVERS_MAX];
	char why[200]; /* when nothing was found */
};

void ntp_result_encode(const struct ntp_result *result, struct frame *frame, void *storage);
int ntp_result_decode(struct frame *frame, struct ntp_result *out, struct error *err);

/* In a forked child: asks, sends the result to `fd`, and ends. */
_Noreturn void ntp_worker_run(const struct ntp_round *round, int fd);

/* ntp.c: the rounds, in PID 1. */

/* Starts asking; later calls replace the servers (a new lease). Does nothing without servers. */
void ntp_start(const struct ntp_round *servers);

#endif
