// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/instance.h"

#include "init/supervise/children.h"
#include "init/supervise/instance_lines.h"
#include "init/supervise/launch.h"
#include "init/supervise/ledger.h"
#include "init/supervise/restart.h"
#include "init/supervise/standard_io.h"
#include "init/supervise/standby.h"
#include "init/supervise/stop_signal.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

enum {
	CLEANUP_RETRY_MS = 5,
	LEAST_GRACE_MS = 2000, /* between the signal and the kill, whatever was done before */
};

enum event { EVENT_EXECUTED, EVENT_EXITED, EVENT_STOP, EVENT_TIMER, EVENT_COUNT };

typedef void action(struct instance *instance);

static void handle(struct instance *instance, enum event event);

static void on_timer(void *context)
{
	struct instance *instance = context;
	instance->timer = 0;
	handle(instance, EVENT_TIMER);
}

static void set_timer(struct instance *instance, uint64_t milliseconds)
{
	loop_timer_cancel(instance->timer);
	instance->timer = loop_timer(milliseconds, on_timer, instance, NULL);
}

static void enter(struct instance *instance, enum instance_state state)
{
	instance->state = state;
}

static void end(struct instance *instance)
{
	loop_timer_cancel(instance->timer);
	if (instance->standby)
		standby_drop(instance);
	enter(instance, INSTANCE_ENDED);
	instance->callbacks->ended(instance);
}

static void clean(struct instance *instance);
static void end_before_start(struct instance *instance);

/* It counts as one that ended with this status. What has run before is started again as its policy
 * says: what was missing may be there next time. */
static void fail_to_start(struct instance *instance, int status)
{
	instance->exit_status = status;
	instance->signal = 0;
	instance->ended_ns = monotonic_ns();
	instance->ended = time(NULL);
	log_error("berth", "9 run: container %s: %s", instance->config->name, instance->error.text);
	loop_remove(instance->process.status_fd);
	if (instance->started_ns) {
		enter(instance, INSTANCE_CLEANING);
		clean(instance);
		return;
	}
	if (instance->process.cgroup_fd >= 0)
		container_kill(&instance->process, NULL);
	end(instance);
}

static void forget_standby(struct instance *instance);

static void on_process_ended(pid_t pid, int wait_status, void *context)
{
	(void)pid;
	struct instance *instance = context;
	if (instance->standby) {
		forget_standby(instance);
		return;
	}
	instance->ended_ns = monotonic_ns();
	instance->ended = time(NULL);
	instance->signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
	instance->exit_status = instance->signal ? 128 + instance->signal : WEXITSTATUS(wait_status);
	handle(instance, EVENT_EXITED);
}

static void on_status(int fd, uint32_t events, void *context)
{
	struct instance *instance = context;
	(void)events;
	(void)fd;
	if (instance->standby)
		standby_hear(instance);
	else
		handle(instance, EVENT_EXECUTED);
}

const struct instance *instance_of_service(const struct instance *instance, const char *service)
{
	const struct instance *all = instance - instance->number;
	for (unsigned i = 0; i < instance->machine->container_count; i++)
		if (all[i].config->service && strcmp(all[i].config->service, service) == 0)
			return &all[i];
	return NULL;
}

static int launch(struct instance *instance, bool beforehand, struct error *err)
{
	if (launch_begin(instance, beforehand, err) < 0 ||
	    children_watch(instance->process.pid, on_process_ended, instance, err) < 0)
		return -1;
	return loop_add(instance->process.status_fd, EPOLLIN, on_status, instance, err);
}

static void make(struct instance *instance)
{
	struct error err = ERROR_INIT; /* a call that succeeds may leave a message behind */
	instance->prepared_ns = 0;
	if (launch(instance, false, &err) == 0)
		return;
	instance->error = err;
	fail_to_start(instance, CONTAINER_SETUP_FAILED);
}

static void start(struct instance *instance)
{
	ledger_begin(STEP_RUN);
	enter(instance, INSTANCE_STARTING);
	instance->decided_ns = monotonic_ns();
	instance->oom = instance->failed = false;
	instance->error = (struct error){0};
	/* One that is lost has an end to come, which makes it anew. */
	if (instance->standby)
		standby_go(instance);
	else
		make(instance);
}

/* It is gone before it was told to go. When it was to start meanwhile it is made anew, and whatever is
 * wrong with it is said then. */
static void forget_standby(struct instance *instance)
{
	standby_clean(instance);
	if (instance->state == INSTANCE_STARTING)
		make(instance);
	else if (instance->state == INSTANCE_STOPPING)
		end_before_start(instance);
}

void instance_prepare(struct instance *instance, const struct pull_result *image)
{
	struct error err = ERROR_INIT;
	bool idle = instance->state == INSTANCE_WAITING || instance->state == INSTANCE_BACKOFF;
	if (!idle || instance->standby || instance->standby_failed || !standby_affordable() ||
	    instance->config->network == NETWORK_SERVICE || instance->config->tty)
		return;
	instance->image = image;
	instance->prepared_ns = 0;
	if (launch(instance, true, &err) == 0) {
		instance->standby = STANDBY_MADE;
		return;
	}
	instance->standby_failed = true;
	standby_abandon(instance);
}

static void settle(struct instance *instance)
{
	instance->settled = true;
	monitor_start(instance);
	instance->callbacks->started(instance);
}

static void executed(struct instance *instance)
{
	if (launch_take_verdict(instance) <= 0)
		return; /* the process ends by itself now, or goes on */
	instance->started_ns = monotonic_ns();
	instance->started = time(NULL);
	enter(instance, INSTANCE_RUNNING);
	instance_tell_start(instance);
	ledger_begin(STEP_SUPERVISE);
	if (hooks_are_there(instance, false))
		hooks_start(instance, false);
	else
		settle(instance);
}

static void back_off(struct instance *instance)
{
	uint64_t wait = restart_wait_ms(instance);
	log_info("berth", "10 supervise: %s will be started again in %llu ms",
		 instance->config->name, (unsigned long long)wait);
	enter(instance, INSTANCE_BACKOFF);
	set_timer(instance, wait);
	instance_prepare(instance, instance->image);
}

static void clean(struct instance *instance)
{
	struct error err = ERROR_INIT;
	if (container_cleanup(&instance->process, instance->config->name, &err) < 0) {
		if (err.code == EBUSY) {
			set_timer(instance, CLEANUP_RETRY_MS);
			return;
		}
		log_warning("berth", "10 supervise: %s: %s", instance->config->name, err.text);
	}
	if (restart_is_wanted(instance))
		back_off(instance);
	else
		end(instance);
}

static void exited(struct instance *instance)
{
	loop_timer_cancel(instance->timer);
	monitor_stop(instance);
	if (hooks_cut_short(instance, &instance->error))
		instance->failed = instance->stop_requested = true;
	if (instance->failed && instance->error.text[0])
		instance->exit_status = CONTAINER_SETUP_FAILED; /* for the sake of a hook */
	loop_remove(instance->process.status_fd); /* when the verdict was not read any more */
	instance->oom = container_oom_kills(&instance->process) > 0;
	instance_tell_end(instance);
	enter(instance, INSTANCE_CLEANING);
	clean(instance);
}

/* It ended before its verdict was read: a program that runs for less than a millisecond, or a
 * start that failed. */
static void exited_early(struct instance *instance)
{
	int signal = instance->signal, status = instance->exit_status;
	executed(instance);
	if (!instance->error.text[0]) {
		instance->signal = signal;
		instance->exit_status = status;
	} else {
		instance->signal = 0;
	}
	exited(instance);
}

/* Hooks are run before the signal, in the same time; it has a little of its own all the same. */
static void ask_to_stop(struct instance *instance)
{
	bool runs = instance->state == INSTANCE_RUNNING;
	monitor_stop(instance);
	hooks_abort(instance);
	instance->stop_ns = monotonic_ns();
	enter(instance, INSTANCE_STOPPING);
	set_timer(instance, instance->config->stop_timeout_ms);
	if (runs && hooks_are_there(instance, true))
		hooks_start(instance, true);
	else
		stop_signal_send(instance);
}

/* The rest of the time, and never less than a moment. */
static void go_on_stopping(struct instance *instance)
{
	uint64_t spent = (monotonic_ns() - instance->stop_ns) / 1000000;
	uint64_t whole = instance->config->stop_timeout_ms;
	uint64_t left = whole > spent ? whole - spent : 0;
	stop_signal_send(instance);
	set_timer(instance, left > LEAST_GRACE_MS ? left : LEAST_GRACE_MS);
}

static void kill_now(struct instance *instance)
{
	if (hooks_abort(instance)) {
		log_warning("berth", "10 supervise: %s: pre_stop was not done within %llu ms",
			    instance->config->name,
			    (unsigned long long)instance->config->stop_timeout_ms);
		go_on_stopping(instance);
		return;
	}
	log_warning("berth", "10 supervise: %s did not stop within %llu ms: killed",
		    instance->config->name,
		    (unsigned long long)instance->config->stop_timeout_ms);
	stop_signal_kill(instance);
}

/* The verdict arrives while it is already being stopped. */
static void note_verdict(struct instance *instance)
{
	if (launch_take_verdict(instance) == 1) {
		instance->started_ns = monotonic_ns();
		instance->started = time(NULL);
	}
}

static void end_before_start(struct instance *instance)
{
	if (!instance->started_ns) {
		instance->exit_status = 128 + SIGTERM;
		error_set(&instance->error, "stopped before it was started");
	}
	end(instance);
}

static void start_again(struct instance *instance)
{
	if (instance->stop_requested) {
		end_before_start(instance);
		return;
	}
	instance->restarts++;
	start(instance);
}

static void ignore(struct instance *instance)
{
	(void)instance;
}

static action *const actions[INSTANCE_STATE_COUNT][EVENT_COUNT] = {
	/*                      EXECUTED      EXITED        STOP              TIMER */
	[INSTANCE_WAITING] =  {ignore,       ignore,       end_before_start, ignore},
	[INSTANCE_STARTING] = {executed,     exited_early, ask_to_stop,      ignore},
	[INSTANCE_RUNNING] =  {ignore,       exited,       ask_to_stop,      ignore},
	[INSTANCE_STOPPING] = {note_verdict, exited,       ignore,           kill_now},
	[INSTANCE_CLEANING] = {ignore,       ignore,       ignore,           clean},
	[INSTANCE_BACKOFF] =  {ignore,       ignore,       end_before_start, start_again},
	[INSTANCE_ENDED] =    {ignore,       ignore,       ignore,           ignore},
};

static void handle(struct instance *instance, enum event event)
{
	actions[instance->state][event](instance);
}

void instance_init(struct instance *instance, const struct machine *machine, unsigned number,
		   const struct instance_callbacks *callbacks)
{
	memset(instance, 0, sizeof *instance);
	instance->machine = machine;
	instance->config = machine->containers[number];
	instance->number = number;
	instance->netns_fd = instance->user_ns = -1;
	instance->process = (struct container){.pidfd = -1, .status_fd = -1, .cgroup_fd = -1};
	instance->callbacks = callbacks;
	standard_io_init(&instance->io);
	resolver_compose(&instance->config->resolver, "", instance->resolv_conf);
}

void instance_start(struct instance *instance, const struct pull_result *image)
{
	if (instance->state != INSTANCE_WAITING)
		return;
	instance->image = image;
	start(instance);
}

void instance_stop(struct instance *instance)
{
	instance->stop_requested = true;
	handle(instance, EVENT_STOP);
}

void instance_health_changed(struct instance *instance)
{
	bool stop = instance->config->stop_unhealthy &&
		    instance->monitor.watches[CHECK_HEALTH].health.status == HEALTH_UNHEALTHY;
	instance->callbacks->changed(instance);
	if (stop)
		instance_stop_failed(instance);
}

void instance_stop_failed(struct instance *instance)
{
	if (instance->state != INSTANCE_RUNNING)
		return;
	instance->failed = true;
	handle(instance, EVENT_STOP);
}

void instance_hooks_done(struct instance *instance, const struct error *why, bool restart)
{
	if (why)
		log_error("berth", "10 supervise: %s: %s", instance->config->name, why->text);
	if (instance->state == INSTANCE_STOPPING) {
		go_on_stopping(instance);
	} else if (!why) {
		settle(instance);
	} else if (restart) {
		instance_stop_failed(instance);
	} else {
		instance->error = *why;
		instance->failed = instance->stop_requested = true;
		handle(instance, EVENT_STOP);
	}
}

enum health_status instance_health(const struct instance *instance)
{
	const struct watch *watch = monitor_health(instance);
	if (!watch)
		return HEALTH_UNTESTED;
	return instance->state == INSTANCE_RUNNING ? watch->health.status : HEALTH_STARTING;
}

void instance_give_up(struct instance *instance, int status, const struct error *why)
{
	if (instance->state != INSTANCE_WAITING)
		return;
	instance->exit_status = status;
	instance->error = *why;
	end(instance);
}

const char *instance_state_name(enum instance_state state)
{
	static const char *const names[INSTANCE_STATE_COUNT] = {
		"waiting", "starting", "running", "stopping", "cleaning", "backoff", "ended",
	};
	return names[state];
}
