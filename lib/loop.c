// SPDX-License-Identifier: Apache-2.0
#include "lib/loop.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <time.h>

/* The events of epoll are those of poll. */
_Static_assert((int)POLLIN == (int)EPOLLIN && (int)POLLPRI == (int)EPOLLPRI &&
		       (int)POLLOUT == (int)EPOLLOUT && (int)POLLERR == (int)EPOLLERR &&
		       (int)POLLHUP == (int)EPOLLHUP, "poll and epoll agree");

struct source {
	int fd;
	short events;
	uint32_t generation; /* an event of a removed source must not reach its successor */
	loop_callback *callback;
	void *context;
};

struct timer {
	int number;
	uint64_t due_ns;
	loop_timer_callback *callback;
	void *context;
};

static bool stopped;
static struct source sources[LOOP_SOURCES_MAX];
static struct timer timers[LOOP_TIMERS_MAX];
static int next_timer = 1;

uint64_t monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000ULL + (uint64_t)now.tv_nsec;
}

int loop_add(int fd, uint32_t events, loop_callback *callback, void *context, struct error *err)
{
	if (fcntl(fd, F_GETFD) < 0)
		return error_errno(err, errno, "watch descriptor %d", fd);
	for (unsigned i = 0; i < countof(sources); i++) {
		struct source *source = &sources[i];
		if (source->callback)
			continue;
		*source = (struct source){fd, (short)events, source->generation + 1, callback,
					  context};
		return 0;
	}
	return error_set(err, "watch descriptor %d: more than %d event sources", fd,
			 LOOP_SOURCES_MAX);
}

void loop_remove(int fd)
{
	for (unsigned i = 0; i < countof(sources); i++) {
		if (!sources[i].callback || sources[i].fd != fd)
			continue;
		sources[i].callback = NULL;
		sources[i].fd = -1;
	}
}

int loop_timer(uint64_t milliseconds, loop_timer_callback *callback, void *context,
	       struct error *err)
{
	for (unsigned i = 0; i < countof(timers); i++) {
		if (timers[i].callback)
			continue;
		timers[i] = (struct timer){next_timer, monotonic_ns() + milliseconds * 1000000,
					   callback, context};
		next_timer = next_timer == 0x7fffffff ? 1 : next_timer + 1;
		return timers[i].number;
	}
	return error_set(err, "more than %d timers", LOOP_TIMERS_MAX);
}

void loop_timer_cancel(int timer)
{
	for (unsigned i = 0; i < countof(timers); i++)
		if (timers[i].callback && timers[i].number == timer)
			timers[i].callback = NULL;
}

static struct timer *next_timer_due(void)
{
	struct timer *next = NULL;
	for (unsigned i = 0; i < countof(timers); i++)
		if (timers[i].callback && (!next || timers[i].due_ns < next->due_ns))
			next = &timers[i];
	return next;
}

/* Milliseconds until the next timer, rounded up; -1 when there is none. */
static int next_timeout(void)
{
	const struct timer *next = next_timer_due();
	uint64_t now = monotonic_ns();
	if (!next)
		return -1;
	if (next->due_ns <= now)
		return 0;
	uint64_t wait = (next->due_ns - now + 999999) / 1000000;
	return wait > 60000 ? 60000 : (int)wait;
}

/* Those that are due now, in order of their time. */
static void fire_timers(void)
{
	uint64_t now = monotonic_ns();
	for (struct timer *next; !stopped && (next = next_timer_due()) && next->due_ns <= now;) {
		struct timer due = *next;
		next->callback = NULL;
		due.callback(due.context);
	}
}

/* One round: what is ready when it begins gets its turn, unless it is removed meanwhile. */
static void dispatch(int timeout)
{
	struct pollfd polled[LOOP_SOURCES_MAX];
	struct {
		unsigned index;
		uint32_t generation;
	} of[LOOP_SOURCES_MAX];
	nfds_t count = 0;
	for (unsigned i = 0; i < countof(sources); i++) {
		if (!sources[i].callback)
			continue;
		of[count].index = i;
		of[count].generation = sources[i].generation;
		polled[count++] = (struct pollfd){.fd = sources[i].fd, .events = sources[i].events};
	}
	if (poll(polled, count, timeout) <= 0)
		return;
	for (nfds_t i = 0; i < count && !stopped; i++) {
		struct source *source = &sources[of[i].index];
		if (!polled[i].revents || !source->callback ||
		    source->generation != of[i].generation)
			continue;
		if (polled[i].revents & POLLNVAL) /* closed without being removed: never again */
			source->callback = NULL;
		else
			source->callback(source->fd, (uint32_t)polled[i].revents, source->context);
	}
}

void loop_run(void)
{
	stopped = false;
	while (!stopped) {
		dispatch(next_timeout());
		fire_timers();
	}
}

void loop_stop(void)
{
	stopped = true;
}
