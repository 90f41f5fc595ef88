// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/instance.h"

#include "init/supervise/children.h"
#include "init/supervise/probe_result.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { SLACK_MS = 5000 }; /* a prober knows its time; this is for one that hangs itself */

/* Apart from the instances, which are cleared: memory that is not used is not had. */
static char outputs[MACHINE_SERVICES_MAX][PROBE_OUTPUT_MAX + 1];
static char texts[MACHINE_SERVICES_MAX][CHECK_COUNT - 1][CHECK_ARENA];

static void schedule(struct watch *watch);

static void forget_prober(struct watch *watch)
{
	loop_timer_cancel(watch->timer);
	watch->timer = 0;
	if (!watch->prober.pid)
		return;
	loop_remove(watch->prober.fd);
	close(watch->prober.fd); /* which is how it learns that nobody waits for it */
	watch->prober = (struct prober){0};
}

static void tell(const struct watch *watch)
{
	const char *name = watch->instance->config->name;
	static const char *const good[] = {"is healthy", "has started up", "lives"};
	static const char *const bad[] = {"is unhealthy: its test",
					  "has not started up: the test of its start",
					  "does not live any more: the test of its life"};
	if (watch->health.status == HEALTH_HEALTHY)
		log_info("berth", "10 supervise: %s %s", name, good[watch->check]);
	else
		log_warning("berth", "10 supervise: %s %s has failed %llu times in a row; the last one %s",
			    name, bad[watch->check], (unsigned long long)watch->health.failing,
			    watch->failure);
}

/* Of the container's first process. Its end kills the tests before anybody is told of it, so only the
 * kernel's flag of a task that exits, the ninth field of proc_pid_stat(5), tells the one from a test
 * that was killed. A test that was cut short says nothing about health. */
static bool is_exiting(pid_t pid)
{
	enum { TASK_EXITING = 0x4 };
	char path[32], text[512];
	unsigned flags;
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (file_read(AT_FDCWD, path, text, sizeof text, NULL) < 0)
		return true;
	const char *behind_name = strrchr(text, ')');
	return behind_name &&
	       sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & TASK_EXITING;
}

/* For the report. */
static void note_health(struct watch *watch, const struct probe_result *result, bool good)
{
	struct monitor *monitor = &watch->instance->monitor;
	bool ended = result->end == PROBE_EXITED || result->end == PROBE_ASKED;
	monitor->tests++;
	monitor->last_status = ended ? result->exit_status : -1;
	if (!good)
		memcpy(outputs[watch->instance->number], result->output, sizeof outputs[0]);
}

static void begin(struct watch *watch);

/* May end in the container being stopped. */
static void changed(struct watch *watch)
{
	struct instance *instance = watch->instance;
	bool good = watch->health.status == HEALTH_HEALTHY;
	tell(watch);
	if (watch->check == CHECK_HEALTH) {
		if (good)
			instance->monitor.healthy_ns = monotonic_ns();
		instance_health_changed(instance);
	} else if (!good) {
		instance_stop_failed(instance);
	} else if (watch->check == CHECK_STARTUP) {
		if (watch == monitor_health(instance))
			instance_health_changed(instance);
		begin(&instance->monitor.watches[CHECK_HEALTH]);
		begin(&instance->monitor.watches[CHECK_LIVENESS]);
	}
}

static void note(struct watch *watch, const struct probe_result *result)
{
	bool good = (result->end == PROBE_EXITED || result->end == PROBE_ASKED) &&
		    result->exit_status == 0;
	if (!good && is_exiting(watch->instance->process.pid))
		return;
	if (!good)
		probe_result_describe(result, watch->plan.timeout_ms, watch->failure,
				      sizeof watch->failure);
	if (watch == monitor_health(watch->instance))
		note_health(watch, result, good);
	bool differs = health_note(&watch->plan, &watch->health, watch->test_began_ns, good);
	if (watch->check != CHECK_STARTUP || watch->health.status == HEALTH_STARTING)
		schedule(watch);
	if (differs)
		changed(watch);
}

static void fail(struct watch *watch, const char *why)
{
	static struct probe_result result;
	result.end = PROBE_NOT_RUN;
	snprintf(result.output, sizeof result.output, "%s", why);
	note(watch, &result);
}

static void on_result(int fd, uint32_t events, void *context)
{
	static unsigned char storage[PROBE_FRAME_MAX];
	static struct probe_result result;
	struct watch *watch = context;
	struct error err = ERROR_INIT;
	struct frame frame;
	(void)events;
	int got = frame_receive(fd, &frame, storage, sizeof storage, &err);
	if (got > 0)
		got = probe_result_decode(&frame, &result, &err) == 0 ? 1 : -1;
	else if (got == 0)
		error_set(&err, "the prober has ended without a result");
	forget_prober(watch);
	if (got > 0)
		note(watch, &result);
	else
		fail(watch, err.text);
}

static void on_hang(void *context)
{
	struct watch *watch = context;
	watch->timer = 0;
	kill(watch->prober.pid, SIGKILL);
	forget_prober(watch);
	fail(watch, "the container is so busy that the test did not begin in its time");
}

static void on_prober_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	(void)wait_status;
	(void)context; /* its socket says the same */
}

static int launch(struct watch *watch, struct error *err)
{
	const struct prober_task task = {.test = &watch->plan.test,
					 .timeout_ms = watch->plan.timeout_ms};
	if (prober_start(watch->instance, &task, &watch->prober, err) < 0)
		return -1;
	if (children_watch(watch->prober.pid, on_prober_ended, NULL, err) < 0 ||
	    loop_add(watch->prober.fd, EPOLLIN, on_result, watch, err) < 0)
		return -1;
	watch->timer = loop_timer(watch->plan.timeout_ms + SLACK_MS, on_hang, watch, err);
	return watch->timer < 0 ? -1 : 0;
}

static void on_due(void *context)
{
	struct watch *watch = context;
	struct error err = ERROR_INIT;
	watch->timer = 0;
	watch->test_began_ns = monotonic_ns();
	if (launch(watch, &err) == 0)
		return;
	forget_prober(watch);
	fail(watch, err.text);
}

static void schedule(struct watch *watch)
{
	struct error err = ERROR_INIT;
	uint64_t wait = health_wait_ms(&watch->plan, &watch->health, monotonic_ns());
	watch->timer = loop_timer(wait, on_due, watch, &err);
	if (watch->timer < 0)
		log_error("berth", "10 supervise: %s is not tested any longer: %s",
			  watch->instance->config->name, err.text);
}

/* Of tests of the start and of life the image says nothing. */
static void plan_checks(struct instance *instance, const struct image_config *image)
{
	const struct image_config shell = {.shell = image->shell};
	const struct string_list *checks = &instance->config->checks;
	for (size_t i = 0; i < checks->count && i < countof(texts[0]); i++) {
		struct arena arena;
		struct error err = ERROR_INIT;
		struct health_config own;
		enum check which;
		arena_init(&arena, texts[instance->number][i], sizeof texts[0][0]);
		if (parse_check(checks->items[i], &arena, &which, &own, &err) < 0 ||
		    health_plan_make(&own, &shell, &instance->monitor.watches[which].plan, &err) < 0)
			log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
	}
}

void monitor_plan(struct instance *instance, const struct image_config *image)
{
	struct error err = ERROR_INIT;
	struct monitor *monitor = &instance->monitor;
	for (enum check check = 0; check < CHECK_COUNT; check++) {
		monitor->watches[check].instance = instance;
		monitor->watches[check].check = check;
	}
	if (health_plan_make(&instance->config->health, image, &monitor->watches[CHECK_HEALTH].plan,
			     &err) < 0)
		log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
	plan_checks(instance, image);
}

static void begin(struct watch *watch)
{
	static const char *const what[] = {"its health", "its start", "its life"};
	if (!watch->plan.tested)
		return;
	health_begin(&watch->plan, &watch->health, monotonic_ns());
	log_info("berth", "10 supervise: %s is starting: %s is tested in %llu ms",
		 watch->instance->config->name, what[watch->check],
		 (unsigned long long)health_wait_ms(&watch->plan, &watch->health, monotonic_ns()));
	schedule(watch);
}

void monitor_start(struct instance *instance)
{
	struct watch *watches = instance->monitor.watches;
	monitor_stop(instance);
	health_begin(&watches[CHECK_HEALTH].plan, &watches[CHECK_HEALTH].health, monotonic_ns());
	if (watches[CHECK_STARTUP].plan.tested) {
		begin(&watches[CHECK_STARTUP]);
		return;
	}
	begin(&watches[CHECK_HEALTH]);
	begin(&watches[CHECK_LIVENESS]);
}

void monitor_stop(struct instance *instance)
{
	for (enum check check = 0; check < CHECK_COUNT; check++)
		forget_prober(&instance->monitor.watches[check]);
}

const struct watch *monitor_health(const struct instance *instance)
{
	const struct watch *watches = instance->monitor.watches;
	return watches[CHECK_HEALTH].plan.tested    ? &watches[CHECK_HEALTH]
	       : watches[CHECK_STARTUP].plan.tested ? &watches[CHECK_STARTUP]
						    : NULL;
}

const char *monitor_output(const struct instance *instance)
{
	return outputs[instance->number];
}
