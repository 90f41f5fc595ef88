// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/hooks.h"

#include "init/supervise/children.h"
#include "init/supervise/instance.h"
#include "init/supervise/probe_result.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const char *kind_of(const struct hooks *hooks)
{
	return hooks->stop ? "pre_stop" : "post_start";
}

/* Whether the text is of the kind; it has been checked. */
static bool is_of_kind(const char *text, bool stop)
{
	return strncmp(text, stop ? "stop " : "start ", stop ? 5 : 6) == 0;
}

/* The first one of the kind from `at` on; the number of all when there is none. */
static size_t next_of_kind(const struct instance *instance, bool stop, size_t at)
{
	const struct string_list *all = &instance->config->hooks;
	while (at < all->count && !is_of_kind(all->items[at], stop))
		at++;
	return at;
}

bool hooks_are_there(const struct instance *instance, bool stop)
{
	return next_of_kind(instance, stop, 0) < instance->config->hooks.count;
}

/* Which of its kind it is, from 0, as people count them. */
static unsigned number_of(const struct instance *instance)
{
	unsigned number = 0;
	for (size_t i = 0; i < instance->hooks.at; i++)
		number += is_of_kind(instance->config->hooks.items[i], instance->hooks.stop);
	return number;
}

static void finish(struct instance *instance, const char *what, bool restart)
{
	struct error err = ERROR_INIT;
	if (what)
		error_set(&err, "%s[%u] %s", kind_of(&instance->hooks), number_of(instance), what);
	instance_hooks_done(instance, what ? &err : NULL, restart);
}

static struct hook *parse(struct instance *instance, struct error *err);

static void forget(struct hooks *hooks)
{
	loop_remove(hooks->prober.fd);
	close(hooks->prober.fd); /* which is how it learns that nobody waits for it */
	hooks->prober = (struct prober){0};
}

bool hooks_abort(struct instance *instance)
{
	struct hooks *hooks = &instance->hooks;
	bool running = hooks->prober.pid || hooks->timer > 0;
	loop_timer_cancel(hooks->timer);
	hooks->timer = 0;
	if (hooks->prober.pid)
		forget(hooks);
	return running;
}

bool hooks_cut_short(struct instance *instance, struct error *err)
{
	bool cut = hooks_abort(instance) && !instance->hooks.stop;
	const struct hook *hook = cut ? parse(instance, NULL) : NULL;
	if (!hook || hook->restart)
		return false;
	error_set(err, "it ended before its post_start[%u] was done", number_of(instance));
	return true;
}

static int launch(struct instance *instance, struct error *err);

static void on_result(int fd, uint32_t events, void *context)
{
	static unsigned char storage[PROBE_FRAME_MAX];
	static struct probe_result result;
	struct instance *instance = context;
	struct error err = ERROR_INIT;
	struct frame frame;
	char what[256];
	(void)events;
	int got = frame_receive(fd, &frame, storage, sizeof storage, &err);
	if (got > 0)
		got = probe_result_decode(&frame, &result, &err) == 0 ? 1 : -1;
	else if (got == 0)
		error_set(&err, "has ended without a result");
	forget(&instance->hooks);
	const struct hook *hook = parse(instance, NULL);
	bool restart = hook && hook->restart;
	if (got > 0 && result.exit_status == 0 && result.end != PROBE_TIMED_OUT) {
		instance->hooks.at =
			next_of_kind(instance, instance->hooks.stop, instance->hooks.at + 1);
		if (instance->hooks.at == instance->config->hooks.count)
			finish(instance, NULL, false);
		else if (launch(instance, &err) < 0)
			finish(instance, err.text, restart);
		return;
	}
	if (got > 0)
		probe_result_describe(&result, HEALTH_LONGEST_MS, what, sizeof what);
	finish(instance, got > 0 ? what : err.text, restart);
}

static void on_prober_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	(void)wait_status;
	(void)context; /* its socket says the same */
}

/* The one whose turn it is. */
static struct hook *parse(struct instance *instance, struct error *err)
{
	static char block[HOOK_ARENA];
	static struct hook hook;
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	return parse_hook(instance->config->hooks.items[instance->hooks.at], &arena, &hook, err) < 0
		       ? NULL
		       : &hook;
}

static int launch(struct instance *instance, struct error *err)
{
	struct test test;
	struct hooks *hooks = &instance->hooks;
	const struct hook *hook = parse(instance, err);
	if (!hook)
		return -1;
	test_make(&hook->test, &instance->image->config.shell, &test);
	const struct prober_task task = {&test, HEALTH_LONGEST_MS, hook};
	if (prober_start(instance, &task, &hooks->prober, err) < 0)
		return -1;
	if (children_watch(hooks->prober.pid, on_prober_ended, NULL, err) == 0 &&
	    loop_add(hooks->prober.fd, EPOLLIN, on_result, instance, err) == 0)
		return 0;
	forget(hooks);
	return -1;
}

/* What cannot even be begun is told like any other failure: later. */
static void on_not_begun(void *context)
{
	((struct instance *)context)->hooks.timer = 0;
	finish(context, "could not be begun", false);
}

void hooks_start(struct instance *instance, bool stop)
{
	struct error err = ERROR_INIT;
	instance->hooks = (struct hooks){.stop = stop, .at = next_of_kind(instance, stop, 0)};
	if (launch(instance, &err) == 0)
		return;
	log_error("berth", "10 supervise: %s: %s: %s", instance->config->name,
		  kind_of(&instance->hooks), err.text);
	instance->hooks.timer = loop_timer(0, on_not_begun, instance, &err);
}
