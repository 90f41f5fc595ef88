// SPDX-License-Identifier: Apache-2.0
#include "lib/loop.h"
#include "lib/tap.h"

#include <sys/epoll.h>
#include <unistd.h>

static int order[4], fired, stale_calls;
static int ends[2], other[2];

static void note(void *context)
{
	if (fired < 4)
		order[fired++] = *(int *)context;
}

static void stop(void *context)
{
	(void)context;
	loop_stop();
}

static void stale(int fd, uint32_t events, void *context)
{
	(void)fd;
	(void)events;
	(void)context;
	stale_calls++;
	loop_remove(ends[0]);
	loop_remove(other[0]);
}

int main(void)
{
	static int first = 1, second = 2, never = 3;
	loop_timer(20, note, &second, NULL);
	loop_timer(1, note, &first, NULL);
	int cancelled = loop_timer(5, note, &never, NULL);
	loop_timer_cancel(cancelled);
	loop_timer_cancel(0);
	loop_timer(40, stop, NULL, NULL);
	usleep(50000); /* all are due, however late it is */
	loop_run();
	ok(fired == 2 && order[0] == 1 && order[1] == 2, "timers fire in order of their time");

	ok(pipe(ends) == 0 && pipe(other) == 0, "pipes");
	loop_add(ends[0], EPOLLIN, stale, NULL, NULL);
	loop_add(other[0], EPOLLIN, stale, NULL, NULL);
	ok(write(ends[1], "x", 1) == 1 && write(other[1], "x", 1) == 1, "both readable");
	loop_timer(20, stop, NULL, NULL);
	loop_run();
	ok(stale_calls == 1, "an event of a source removed in the same round is not delivered");

	struct error err = ERROR_INIT;
	loop_add(other[0], EPOLLIN, stale, NULL, NULL);
	close(other[0]); /* without loop_remove() */
	loop_timer(20, stop, NULL, NULL);
	loop_run();
	ok(stale_calls == 1, "a descriptor that was closed is not heard of again");
	ok(loop_add(other[0], EPOLLIN, stale, NULL, &err) < 0 && err.text[0],
	   "a descriptor that is not open is refused");

	int made = 0;
	while (loop_timer(1000, stop, NULL, NULL) > 0)
		made++;
	ok(made == LOOP_TIMERS_MAX, "the table of timers has an end");
	return tap_end();
}
