// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/instance.h"

#include "init/supervise/children.h"
#include "init/supervise/probe_result.h"
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

static void schedule(struct instance *instance);

static void forget_prober(struct monitor *monitor)
{
	loop_timer_cancel(monitor->timer);
	monitor->timer = 0;
	if (!monitor->prober.pid)
		return;
	loop_remove(monitor->prober.fd);
	close(monitor->prober.fd); /* which is how it learns that nobody waits for it */
	monitor->prober = (struct prober){0};
}

static void tell(const struct instance *instance)
{
	const struct monitor *monitor = &instance->monitor;
	const char *name = instance->config->name;
	if (monitor->health.status == HEALTH_HEALTHY)
		log_info("berth", "10 supervise: %s is healthy", name);
	else
		log_warning("berth", "10 supervise: %s is unhealthy: its test has failed %llu times in a "
				     "row; the last one %s", name,
			    (unsigned long long)monitor->health.failing, monitor->failure);
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

/* May end in the container being stopped. */
static void note(struct instance *instance, const struct probe_result *result)
{
	struct monitor *monitor = &instance->monitor;
	bool good = result->end == PROBE_EXITED && result->exit_status == 0;
	if (!good && is_exiting(instance->process.pid))
		return;
	monitor->tests++;
	monitor->last_status = result->end == PROBE_EXITED ? result->exit_status : -1;
	if (!good) {
		probe_result_describe(result, monitor->plan.timeout_ms, monitor->failure,
				      sizeof monitor->failure);
		memcpy(outputs[instance->number], result->output, sizeof outputs[0]);
	}
	bool changed = health_note(&monitor->plan, &monitor->health, monitor->test_began_ns, good);
	schedule(instance);
	if (!changed)
		return;
	if (good)
		monitor->healthy_ns = monotonic_ns();
	tell(instance);
	instance_health_changed(instance);
}

static void fail(struct instance *instance, const char *why)
{
	static struct probe_result result;
	result.end = PROBE_NOT_RUN;
	snprintf(result.output, sizeof result.output, "%s", why);
	note(instance, &result);
}

static void on_result(int fd, uint32_t events, void *context)
{
	static unsigned char storage[PROBE_FRAME_MAX];
	static struct probe_result result;
	struct instance *instance = context;
	struct error err = ERROR_INIT;
	struct frame frame;
	(void)events;
	int got = frame_receive(fd, &frame, storage, sizeof storage, &err);
	if (got > 0)
		got = probe_result_decode(&frame, &result, &err) == 0 ? 1 : -1;
	else if (got == 0)
		error_set(&err, "the prober has ended without a result");
	forget_prober(&instance->monitor);
	if (got > 0)
		note(instance, &result);
	else
		fail(instance, err.text);
}

static void on_hang(void *context)
{
	struct instance *instance = context;
	instance->monitor.timer = 0;
	kill(instance->monitor.prober.pid, SIGKILL);
	forget_prober(&instance->monitor);
	fail(instance, "the container is so busy that the test did not begin in its time");
}

static void on_prober_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	(void)wait_status;
	(void)context; /* its socket says the same */
}

static int launch(struct instance *instance, struct error *err)
{
	struct monitor *monitor = &instance->monitor;
	if (prober_start(instance, &monitor->plan, &monitor->prober, err) < 0)
		return -1;
	if (children_watch(monitor->prober.pid, on_prober_ended, NULL, err) < 0 ||
	    loop_add(monitor->prober.fd, EPOLLIN, on_result, instance, err) < 0)
		return -1;
	monitor->timer = loop_timer(monitor->plan.timeout_ms + SLACK_MS, on_hang, instance, err);
	return monitor->timer < 0 ? -1 : 0;
}

static void on_due(void *context)
{
	struct instance *instance = context;
	struct error err = ERROR_INIT;
	instance->monitor.timer = 0;
	instance->monitor.test_began_ns = monotonic_ns();
	if (launch(instance, &err) == 0)
		return;
	forget_prober(&instance->monitor);
	fail(instance, err.text);
}

static void schedule(struct instance *instance)
{
	struct monitor *monitor = &instance->monitor;
	struct error err = ERROR_INIT;
	uint64_t wait = health_wait_ms(&monitor->plan, &monitor->health, monotonic_ns());
	monitor->timer = loop_timer(wait, on_due, instance, &err);
	if (monitor->timer < 0)
		log_error("berth", "10 supervise: %s is not tested any longer: %s",
			  instance->config->name, err.text);
}

void monitor_plan(struct instance *instance, const struct image_config *image)
{
	struct error err = ERROR_INIT;
	struct monitor *monitor = &instance->monitor;
	if (health_plan_make(&instance->config->health, image, &monitor->plan, &err) < 0)
		log_warning("berth", "9 run: %s: %s", instance->config->name, err.text);
}

void monitor_start(struct instance *instance)
{
	struct monitor *monitor = &instance->monitor;
	monitor_stop(instance);
	health_begin(&monitor->plan, &monitor->health, monotonic_ns());
	if (!monitor->plan.tested)
		return;
	log_info("berth", "10 supervise: %s is starting: its health is tested in %llu ms",
		 instance->config->name,
		 (unsigned long long)health_wait_ms(&monitor->plan, &monitor->health,
						    monotonic_ns()));
	schedule(instance);
}

void monitor_stop(struct instance *instance)
{
	forget_prober(&instance->monitor);
}

const char *monitor_output(const struct instance *instance)
{
	return outputs[instance->number];
}
