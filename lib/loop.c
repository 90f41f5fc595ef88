// SPDX-License-Identifier: Apache-2.0
#include "lib/loop.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

struct source {
	int fd;
	uint32_t generation; /* an event queued for a removed source must not reach its successor */
	loop_callback *callback;
	void *context;
};

struct timer {
	int number;
	uint64_t due_ns;
	loop_timer_callback *callback;
	void *context;
};

static int epoll_fd = -1;
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

int loop_init(struct error *err)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? error_errno(err, errno, "create the event loop") : 0;
}

int loop_add(int fd, uint32_t events, loop_callback *callback, void *context, struct error *err)
{
	for (unsigned i = 0; i < countof(sources); i++) {
		struct source *source = &sources[i];
		if (source->callback)
			continue;
		struct epoll_event event = {
			.events = events,
			.data.u64 = (uint64_t)(source->generation + 1) << 32 | i,
		};
		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
			return error_errno(err, errno, "watch descriptor %d", fd);
		*source = (struct source){fd, source->generation + 1, callback, context};
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
		epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
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

/* Milliseconds until the next timer, rounded up; -1 when there is none. */
static int next_timeout(void)
{
	uint64_t earliest = UINT64_MAX;
	for (unsigned i = 0; i < countof(timers); i++)
		if (timers[i].callback && timers[i].due_ns < earliest)
			earliest = timers[i].due_ns;
	if (earliest == UINT64_MAX)
		return -1;
	uint64_t now = monotonic_ns();
	if (earliest <= now)
		return 0;
	uint64_t wait = (earliest - now + 999999) / 1000000;
	return wait > 60000 ? 60000 : (int)wait;
}

static void fire_timers(void)
{
	uint64_t now = monotonic_ns();
	for (unsigned i = 0; i < countof(timers) && !stopped; i++) {
		if (!timers[i].callback || timers[i].due_ns > now)
			continue;
		struct timer due = timers[i];
		timers[i].callback = NULL;
		due.callback(due.context);
	}
}

static void dispatch(const struct epoll_event *event)
{
	uint32_t index = (uint32_t)event->data.u64;
	struct source *source = &sources[index];
	if (source->callback && source->generation == (uint32_t)(event->data.u64 >> 32))
		source->callback(source->fd, event->events, source->context);
}

void loop_run(void)
{
	stopped = false;
	while (!stopped) {
		struct epoll_event events[32];
		int count = epoll_wait(epoll_fd, events, countof(events), next_timeout());
		for (int i = 0; i < count && !stopped; i++)
			dispatch(&events[i]);
		fire_timers();
	}
}

void loop_stop(void)
{
	stopped = true;
}
