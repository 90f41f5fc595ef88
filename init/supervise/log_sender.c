// SPDX-License-Identifier: Apache-2.0
/* The sender: lines to syslog servers (RFC 5424; UDP as RFC 5426 has it, TCP as RFC 6587). */
#include "init/supervise/log_sinks.h"

#include "init/supervise/log_line.h"
#include "init/supervise/log_server.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SERVERS_MAX = 16,
	LAST_MS = 1500, /* how long what is left may take when the machine ends */
	DRAIN_STEP_MS = 20,
	BATCH = 64, /* lines between two looks at the servers */
};

#ifdef __GLIBC__
#define CALLS NULL /* the table is that of the machine's libc */
#else
#define CALLS calls
#define NR(name) __NR_##name
/* Names, UDP and TCP. */
static const uint16_t calls[] = {
	NR(brk), NR(mmap), NR(munmap), NR(mremap), NR(mprotect), NR(madvise), NR(futex),
	NR(clock_gettime), NR(gettimeofday), NR(rt_sigaction), NR(rt_sigprocmask), NR(rt_sigreturn),
	NR(restart_syscall), NR(getpid), NR(gettid), NR(getrandom), NR(uname), NR(exit),
	NR(exit_group), NR(socket), NR(bind), NR(connect), NR(getsockname), NR(getpeername),
	NR(getsockopt), NR(setsockopt), NR(sendto), NR(sendmsg), NR(recvfrom), NR(recvmsg), NR(ppoll),
	NR(fcntl), NR(ioctl), NR(openat), NR(close), NR(read), NR(readv), NR(write), NR(writev),
	NR(lseek), NR(fstat), NR(newfstatat), NR(shutdown),
#ifdef __x86_64__
	NR(open), NR(stat), NR(poll), NR(time),
#endif
	UINT16_MAX,
};
#endif

static struct sender {
	const struct log_table *table;
	int socket;
	bool ended; /* nothing more comes */
	struct log_server *servers[SERVERS_MAX];
	unsigned count;
	struct log_server *of[OUTPUT_STREAMS_MAX]; /* each stream's, or NULL */
} sender;

static int confine(struct error *err)
{
	static const struct confine_path paths[] = {
		{"/etc/resolv.conf", CONFINE_READ, true},
		{"/etc/hosts", CONFINE_READ, true},
		{NULL, 0, false},
	};
	bool strict = getppid() == 1; /* tests have sanitizers, which take address space */
	const struct confine_policy policy = {
		.name = "berth-sender",
		.uid = CONFINE_UID_NET,
		.gid = CONFINE_UID_NET,
		.network = true,
		.paths = paths,
		.syscalls = CALLS,
		.address_space = strict ? 64 << 20 : 0,
	};
	return confine_self(&policy, strict, err);
}

static struct log_server *find_server(const char *text)
{
	for (unsigned i = 0; i < sender.count; i++)
		if (strcmp(sender.servers[i]->text, text) == 0)
			return sender.servers[i];
	struct log_server *server = sender.count < SERVERS_MAX ? malloc(sizeof *server) : NULL;
	if (server) {
		log_server_init(server, text);
		sender.servers[sender.count++] = server;
	}
	return server;
}

static void find_servers(void)
{
	for (unsigned i = 0; i < OUTPUT_STREAMS_MAX; i++) {
		const struct log_target *target = &sender.table->targets[i];
		if (!target->used || !target->route.syslog)
			continue;
		sender.of[i] = find_server(target->route.syslog);
		if (!sender.of[i])
			log_sink_tell(sender.socket, true, "more than %d servers: the output of %s "
							   "is not sent", SERVERS_MAX, target->name);
		else
			sender.of[i]->facility = target->route.facility;
	}
}

static void take(const unsigned char *packet, size_t size)
{
	static char message[LOG_SYSLOG_MAX];
	struct log_line line;
	if (log_line_unpack(packet, size, &line) < 0 || !sender.of[line.stream])
		return;
	const struct log_route *route = &sender.table->targets[line.stream].route;
	log_server_put(sender.of[line.stream], message,
		       log_line_syslog(&line, route->facility, sender.table->hostname, route->tag,
				       message));
}

static void take_all(void)
{
	static unsigned char packet[LOG_PACKED_MAX + 1];
	for (unsigned i = 0; i < BATCH && !sender.ended; i++) {
		ssize_t got = recv(sender.socket, packet, sizeof packet, MSG_DONTWAIT);
		if (got > 0)
			take(packet, (size_t)got);
		else if (got == 0)
			sender.ended = true;
		else if (errno != EINTR)
			return;
	}
}

static bool is_done(uint64_t end)
{
	bool empty = true;
	if (!sender.ended)
		return false;
	for (unsigned i = 0; i < sender.count; i++)
		empty &= log_server_is_empty(sender.servers[i]);
	return empty || monotonic_ns() >= end;
}

/* The servers' turn, then a wait for what comes next. */
static void turn(void)
{
	struct pollfd fds[SERVERS_MAX + 1];
	int wait = sender.ended ? DRAIN_STEP_MS : -1;
	for (unsigned i = 0; i < sender.count; i++) {
		log_server_work(sender.servers[i], sender.table->hostname, sender.socket,
				sender.ended);
		int own = log_server_watch(sender.servers[i], &fds[i]);
		if (own >= 0 && (wait < 0 || own < wait))
			wait = own;
	}
	fds[sender.count] =
		(struct pollfd){.fd = sender.ended ? -1 : sender.socket, .events = POLLIN};
	if (poll(fds, sender.count + 1, wait) <= 0)
		return;
	for (unsigned i = 0; i < sender.count; i++)
		log_server_react(sender.servers[i], &fds[i], sender.socket);
	take_all();
}

int log_sender_main(const struct log_table *table, int socket)
{
	struct error err = ERROR_INIT;
	uint64_t end = UINT64_MAX;
	sender.table = table;
	sender.socket = socket;
	if (confine(&err) < 0) {
		log_sink_tell(socket, true, "send output away: %s", err.text);
		return 1;
	}
	find_servers();
	while (!is_done(end)) {
		turn();
		if (sender.ended && end == UINT64_MAX)
			end = monotonic_ns() + LAST_MS * UINT64_C(1000000);
	}
	return 0;
}
