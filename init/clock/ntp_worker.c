// SPDX-License-Identifier: Apache-2.0
/* One round: all servers are asked at once, those that are silent a second time. */
#include "init/clock/ntp.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { TRIES = 2, WAIT_MS = 2000, PACKET_MAX = 512 };

#ifdef __GLIBC__
#define CALLS NULL /* the table is that of the machine's libc */
#else
#define CALLS calls
#define NR(name) __NR_##name
/* Names, UDP, and one frame. */
static const uint16_t calls[] = {
	NR(brk), NR(mmap), NR(munmap), NR(mremap), NR(mprotect), NR(madvise), NR(futex),
	NR(clock_gettime), NR(gettimeofday), NR(rt_sigaction), NR(rt_sigprocmask), NR(rt_sigreturn),
	NR(restart_syscall), NR(getpid), NR(gettid), NR(getrandom), NR(uname), NR(exit),
	NR(exit_group), NR(socket), NR(bind), NR(connect), NR(getsockname), NR(getpeername),
	NR(getsockopt), NR(setsockopt), NR(sendto), NR(sendmsg), NR(recvfrom), NR(recvmsg), NR(ppoll),
	NR(fcntl), NR(ioctl), NR(openat), NR(close), NR(read), NR(readv), NR(write), NR(writev),
	NR(lseek), NR(fstat), NR(newfstatat),
#ifdef __x86_64__
	NR(open), NR(stat), NR(poll), NR(time),
#endif
	UINT16_MAX,
};
#endif

struct question {
	int fd; /* -1: answered, or there is nobody to ask */
	struct ntp_request request;
};

struct round {
	const struct ntp_round *servers;
	struct ntp_result *result;
	struct question questions[NTP_SERVERS_MAX];
	struct ntp_sample samples[NTP_SERVERS_MAX];
	size_t sample_count;
};

static int confine(struct error *err)
{
	static const struct confine_path paths[] = {
		{"/etc/resolv.conf", CONFINE_READ, true},
		{"/etc/hosts", CONFINE_READ, true},
		{NULL, 0, false},
	};
	const struct confine_policy policy = {
		.name = "berth-ntp",
		.uid = CONFINE_UID_NET,
		.gid = CONFINE_UID_NET,
		.network = false, /* no TCP */
		.paths = paths,
		.syscalls = CALLS,
		.address_space = 64 << 20,
	};
	return confine_self(&policy, getppid() == 1, err);
}

static void note(struct round *round, size_t server, const char *why)
{
	snprintf(round->result->why, sizeof round->result->why, "%.80s: %.100s",
		 round->servers->servers[server].host, why);
}

/* A socket that hears nobody else. */
static int dial(const struct ntp_server *server, struct error *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV};
	struct addrinfo *found = NULL;
	char port[8];
	snprintf(port, sizeof port, "%u", server->port);
	int failed = getaddrinfo(server->host, port, &hints, &found);
	if (failed)
		return error_set(err, "%s", gai_strerror(failed));
	_cleanup_close_ int fd =
		socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0)
		error_errno(err, errno, "connect");
	else
		failed = -1;
	freeaddrinfo(found);
	return failed ? steal_fd(&fd) : -1;
}

static void open_all(struct round *round)
{
	for (size_t i = 0; i < NTP_SERVERS_MAX; i++) {
		struct error err = ERROR_INIT;
		round->questions[i].fd = -1;
		if (i >= round->servers->count || round->servers->skip[i])
			continue;
		round->result->asked++;
		round->questions[i].fd = dial(&round->servers->servers[i], &err);
		if (round->questions[i].fd < 0)
			note(round, i, err.text);
	}
}

static void ask(struct question *question)
{
	uint8_t packet[NTP_PACKET];
	if (question->fd < 0 ||
	    getrandom(&question->request.nonce, sizeof question->request.nonce, 0) !=
		    sizeof question->request.nonce)
		return;
	ntp_request_make(&question->request, packet);
	question->request.sent = monotonic_ns();
	/* One that is lost, or refused, is one that is not answered. */
	(void)!send(question->fd, packet, sizeof packet, MSG_NOSIGNAL);
}

static void take_answer(struct round *round, size_t server)
{
	struct question *question = &round->questions[server];
	uint8_t bytes[PACKET_MAX];
	struct error err = ERROR_INIT;
	struct ntp_sample *sample = &round->samples[round->sample_count];
	ssize_t got = recv(question->fd, bytes, sizeof bytes, 0);
	uint64_t now = monotonic_ns();
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		note(round, server, strerror(errno));
		return; /* somebody may answer the next time */
	}
	enum ntp_verdict verdict =
		ntp_answer_read(bytes, (size_t)got, &question->request, now, sample, &err);
	if (verdict == NTP_IGNORE) {
		note(round, server, "what came is no answer to the question");
		return;
	}
	close(steal_fd(&question->fd));
	round->result->slower[server] = verdict == NTP_SLOWER;
	round->result->never[server] = verdict == NTP_NEVER;
	if (verdict != NTP_GOOD) {
		note(round, server, err.text);
		return;
	}
	sample->server = (unsigned)server;
	round->sample_count++;
}

/* Until all have answered, or the time is up. */
static bool listen_to_all(struct round *round)
{
	uint64_t end = monotonic_ns() + WAIT_MS * UINT64_C(1000000);
	for (uint64_t now; (now = monotonic_ns()) < end;) {
		struct pollfd fds[NTP_SERVERS_MAX];
		size_t open = 0;
		for (size_t i = 0; i < NTP_SERVERS_MAX; i++) {
			fds[i] = (struct pollfd){round->questions[i].fd, POLLIN, 0};
			open += fds[i].fd >= 0;
		}
		if (open == 0)
			return true;
		if (poll(fds, NTP_SERVERS_MAX, (int)((end - now) / 1000000) + 1) < 0)
			continue;
		for (size_t i = 0; i < NTP_SERVERS_MAX; i++)
			if (fds[i].revents)
				take_answer(round, i);
	}
	return false;
}

static void run(struct round *round)
{
	struct ntp_result *result = round->result;
	size_t agree = 0;
	snprintf(result->why, sizeof result->why, "no answer");
	open_all(round);
	for (unsigned try = 0; try < TRIES; try++) {
		for (size_t i = 0; i < NTP_SERVERS_MAX; i++)
			ask(&round->questions[i]);
		if (listen_to_all(round))
			break;
	}
	const struct ntp_sample *best = ntp_select(round->samples, round->sample_count, &agree);
	result->agree = (unsigned)agree;
	result->found = best != NULL;
	if (best)
		result->sample = *best;
	else if (round->sample_count > 1)
		snprintf(result->why, sizeof result->why, "%zu servers disagree",
			 round->sample_count);
}

_Noreturn void ntp_worker_run(const struct ntp_round *servers, int fd)
{
	struct ntp_result result = {.found = false};
	struct round round = {.servers = servers, .result = &result};
	uint8_t storage[NTP_FRAME_MAX];
	struct frame frame;
	struct error err = ERROR_INIT;
	if (confine(&err) < 0) {
		log_error("berth", "4 clock: %s", err.text);
		_exit(1);
	}
	run(&round);
	ntp_result_encode(&result, &frame, storage);
	_exit(frame_send(fd, &frame, NULL) < 0);
}
