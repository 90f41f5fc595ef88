// SPDX-License-Identifier: Apache-2.0
/* Rounds, one after the other: each is a worker, a time limit, and a result or none. */
#include "init/clock/ntp.h"

#include "init/clock/clock.h"
#include "init/supervise/children.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	ROUND_MOST_MS = 60000,  /* looking names up included */
	RETRY_FIRST_MS = 2000,  /* doubled after each round without a result */
	AGAIN_FIRST_MS = 64000, /* doubled after each round with one */
	AGAIN_MOST_MS = 1024000,
};

static struct {
	struct ntp_round servers;
	pid_t pid;
	int fd, timer, limit;
	uint64_t wait_ms; /* before the next round */
	bool found_before, told, has_result;
	struct ntp_result result;
} ntp = {.fd = -1};

static void begin_round(void *context);

static void close_socket(void)
{
	if (ntp.fd < 0)
		return;
	loop_remove(ntp.fd);
	close(steal_fd(&ntp.fd));
}

static void take_frame(void)
{
	uint8_t storage[NTP_FRAME_MAX];
	struct frame frame;
	struct error err = ERROR_INIT;
	int got = ntp.fd < 0 ? 0 : frame_receive(ntp.fd, &frame, storage, sizeof storage, &err);
	if (got > 0 && ntp_result_decode(&frame, &ntp.result, &err) < 0)
		log_error("berth", "4 clock: ignored: %s", err.text);
	else if (got > 0)
		ntp.has_result = true;
	close_socket();
}

static void on_frame(int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	(void)context;
	take_frame();
}

static bool anybody_left(void)
{
	for (size_t i = 0; i < ntp.servers.count; i++)
		if (!ntp.servers.skip[i])
			return true;
	return false;
}

/* Kisses o' death count also in a round that found the time elsewhere. */
static void obey(const struct ntp_result *result)
{
	for (size_t i = 0; i < ntp.servers.count; i++) {
		if (result->slower[i])
			ntp.wait_ms = AGAIN_MOST_MS;
		if (!result->never[i] || ntp.servers.skip[i])
			continue;
		ntp.servers.skip[i] = true;
		log_warning("berth", "4 clock: the time server %s does not want to be asked",
			    ntp.servers.servers[i].host);
	}
}

/* The first failure in a row is said; the clock goes on as it is. */
static void tell_failure(const char *why)
{
	log_line(ntp.told ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "berth",
		 "4 clock: no time from NTP: %s", why);
	ntp.told = true;
}

static void plan_next(bool found)
{
	uint64_t first = found ? AGAIN_FIRST_MS : RETRY_FIRST_MS;
	bool same = found == ntp.found_before && ntp.wait_ms;
	ntp.wait_ms = same ? 2 * ntp.wait_ms : first;
	if (ntp.wait_ms > AGAIN_MOST_MS)
		ntp.wait_ms = AGAIN_MOST_MS;
	ntp.found_before = found;
}

static void end_round(const char *how)
{
	bool found = ntp.has_result && ntp.result.found;
	plan_next(found);
	if (ntp.has_result)
		obey(&ntp.result);
	if (found) {
		ntp.told = false;
		clock_take_ntp(&ntp.result.sample);
	} else {
		tell_failure(ntp.has_result ? ntp.result.why : how);
	}
	if (anybody_left())
		ntp.timer = loop_timer(ntp.wait_ms, begin_round, NULL, NULL);
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	char how[80];
	(void)context;
	if (pid != ntp.pid)
		return;
	ntp.pid = 0;
	loop_timer_cancel(ntp.limit);
	take_frame();
	describe_end(wait_status, how, sizeof how);
	end_round(how);
}

static void on_limit(void *context)
{
	(void)context;
	if (ntp.pid > 0)
		kill(ntp.pid, SIGKILL);
}

static int start_worker(struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	_cleanup_close_ int ours = ends[0], theirs = ends[1];
	fcntl(ours, F_SETFL, O_NONBLOCK);
	ntp.has_result = false;
	pid_t pid = fork_worker(&theirs, 1, err);
	if (pid == 0)
		ntp_worker_run(&ntp.servers, theirs);
	if (pid < 0)
		return -1;
	if (children_watch(pid, on_ended, NULL, err) < 0 ||
	    loop_add(ours, EPOLLIN, on_frame, NULL, err) < 0) {
		kill(pid, SIGKILL);
		return -1;
	}
	ntp.pid = pid;
	ntp.fd = steal_fd(&ours);
	ntp.limit = loop_timer(ROUND_MOST_MS, on_limit, NULL, NULL);
	return 0;
}

static void begin_round(void *context)
{
	struct error err = ERROR_INIT;
	(void)context;
	ntp.timer = 0;
	if (start_worker(&err) < 0)
		end_round(err.text);
}

static bool same_servers(const struct ntp_round *servers)
{
	if (servers->count != ntp.servers.count)
		return false;
	for (size_t i = 0; i < servers->count; i++)
		if (servers->servers[i].port != ntp.servers.servers[i].port ||
		    strcmp(servers->servers[i].host, ntp.servers.servers[i].host) != 0)
			return false;
	return true;
}

void ntp_start(const struct ntp_round *servers)
{
	if (servers->count == 0 || same_servers(servers))
		return;
	ntp.servers = *servers;
	ntp.wait_ms = 0;
	ntp.told = false;
	loop_timer_cancel(ntp.timer);
	ntp.timer = 0;
	if (ntp.pid <= 0) /* else the round that runs plans the next, with the new servers */
		begin_round(NULL);
}
