// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/instance.h"

#include "init/config/networks.h"
#include "init/net/ipv4.h"
#include "init/supervise/binds.h"
#include "init/supervise/children.h"
#include "init/supervise/ledger.h"
#include "init/supervise/sharing.h"
#include "init/supervise/specification.h"
#include "init/supervise/standard_io.h"
#include "init/supervise/standby.h"
#include "init/supervise/user_namespace.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"
#include "lib/loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

enum {
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MOST_MS = 60000,
	STEADY_NS_SECONDS = 10, /* a run this long resets the back-off */
	CLEANUP_RETRY_MS = 5,
	LEAST_GRACE_MS = 2000, /* between the signal and the kill, whatever was done before */
	SPECIFICATION_ARENA = 128 * 1024,
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

/* The address that tells where it is: the one that published ports lead to, else its first. */
static void note_address(struct instance *instance, const struct network_attachment *first)
{
	const struct network_attachment *at = first;
	while (at && !at->endpoint.leads_out)
		at = at->next;
	at = at ? at : first;
	if (at->network->bridge.prefix)
		ipv4_format(at->endpoint.address, instance->address);
	else
		inet_ntop(AF_INET6, &at->endpoint.address6, instance->address, sizeof instance->address);
}

static int create_endpoints(struct instance *instance, struct error *err)
{
	const struct container_config *config = instance->config;
	struct network_endpoint endpoints[MACHINE_NETWORKS_MAX];
	unsigned count = 0;
	const struct network_attachment *at = config->attachments;
	for (; at && count < MACHINE_NETWORKS_MAX; at = at->next)
		endpoints[count++] = at->endpoint;
	int netns = network_container_create(1 + instance->number, endpoints, count,
					     config->ports, config->port_count, err);
	if (netns >= 0 && count)
		note_address(instance, config->attachments);
	return netns;
}

/* Made once, and kept over restarts and for those that share it. */
static int create_network(struct instance *instance, struct error *err)
{
	const struct container_config *config = instance->config;
	if (config->network == NETWORK_HOST || instance->netns_fd >= 0)
		return 0;
	if (config->network == NETWORK_NONE)
		instance->netns_fd = network_isolated_create(err);
	else
		instance->netns_fd = create_endpoints(instance, err);
	return instance->netns_fd < 0 ? -1 : 0;
}

const struct instance *instance_of_service(const struct instance *instance, const char *service)
{
	const struct instance *all = instance - instance->number;
	for (unsigned i = 0; i < instance->machine->container_count; i++)
		if (all[i].config->service && strcmp(all[i].config->service, service) == 0)
			return &all[i];
	return NULL;
}

/* That of another one, which was started before. */
static int share_network(struct instance *instance, struct error *err)
{
	const char *name = instance->config->network_of;
	const struct instance *other = instance_of_service(instance, name);
	if (!other)
		return error_set(err, "there is no service %s to share a network with", name);
	instance->netns_fd = other->netns_fd; /* -1 stands for the machine's own */
	memcpy(instance->address, other->address, sizeof instance->address);
	return 0;
}

static int find_network(struct instance *instance, struct error *err)
{
	network_belongs_to(instance->user_ns);
	return instance->config->network == NETWORK_SERVICE ? share_network(instance, err)
							    : create_network(instance, err);
}

static int launch(struct instance *instance, bool beforehand, struct error *err)
{
	static char block[SPECIFICATION_ARENA];
	struct arena arena;
	struct container_spec spec;
	__attribute__((cleanup(shared_namespaces_close))) struct shared_namespaces shared =
		SHARED_NAMESPACES_INIT;
	_cleanup_close_ int console = -1;
	arena_init(&arena, block, sizeof block);
	instance->resolver_changed = false;
	if (beforehand && !binds_are_settled(instance->machine, instance->config, "/var/lib/berth", &arena))
		return error_set(err, "it cannot be made beforehand");
	if (user_namespace_find(instance, err) < 0 || find_network(instance, err) < 0 ||
	    specification_build(instance, &arena, &spec, err) < 0 ||
	    sharing_join(instance, &spec, &shared, err) < 0 ||
	    standard_io_prepare(instance, &spec, &console, err) < 0 ||
	    make_directories(spec.state_dir, 0700, err) < 0)
		return -1;
	if (beforehand && !standby_suits(&spec))
		return error_set(err, "it cannot be made beforehand");
	if ((beforehand ? container_create(&spec, &instance->process, err)
			: container_start(&spec, console, &instance->process, err)) < 0)
		return -1;
	return children_watch(instance->process.pid, on_process_ended, instance, err) < 0 ||
			       loop_add(instance->process.status_fd, EPOLLIN, on_status, instance,
					err) < 0
		       ? -1
		       : 0;
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

/* Reads the child's verdict: 1 when it executes, 0 when there is none yet; with -1 the error and status
 * are noted. */
static int take_verdict(struct instance *instance)
{
	int status = 0, got;
	struct pollfd more = {.fd = instance->process.status_fd, .events = POLLIN};
	/* One that was told to go while it was made says first that it is. */
	while ((got = container_start_result(more.fd, &status, &instance->error)) == 1) {
		standby_renew_resolver(instance);
		if (poll(&more, 1, 0) == 0)
			return 0;
	}
	loop_remove(instance->process.status_fd);
	if (got == 0) {
		standby_renew_resolver(instance); /* it may have come while the container was made */
		standard_io_connect(instance);
		return 1;
	}
	instance->exit_status = status;
	return -1;
}

static void tell_start(const struct instance *instance)
{
	char made[48] = "";
	unsigned long long tenths = (instance->decided_ns - instance->prepared_ns) / 100000;
	if (instance->prepared_ns)
		snprintf(made, sizeof made, ", made %llu.%llu ms before", tenths / 10, tenths % 10);
	ledger_end(STEP_RUN, 0, "runtime", "%s started%s%s%s", instance->config->name,
		   instance->address[0] ? ", address " : "", instance->address, made);
}

static void settle(struct instance *instance)
{
	instance->settled = true;
	monitor_start(instance);
	instance->callbacks->started(instance);
}

static void executed(struct instance *instance)
{
	if (take_verdict(instance) <= 0)
		return; /* the process ends by itself now, or goes on */
	instance->started_ns = monotonic_ns();
	instance->started = time(NULL);
	enter(instance, INSTANCE_RUNNING);
	tell_start(instance);
	ledger_begin(STEP_SUPERVISE);
	if (hooks_are_there(instance, false))
		hooks_start(instance, false);
	else
		settle(instance);
}

static bool wants_restart(const struct instance *instance)
{
	const struct container_config *config = instance->config;
	if (instance->stop_requested)
		return false;
	switch (config->restart) {
	case RESTART_ON_FAILURE:
		return (instance->exit_status != 0 || instance->failed) &&
		       (!config->restart_max || instance->restarts < config->restart_max);
	case RESTART_ALWAYS:
	case RESTART_UNLESS_STOPPED:
		return true;
	case RESTART_NO:
		break;
	}
	return false;
}

static void back_off(struct instance *instance)
{
	if (instance->ended_ns - instance->started_ns > STEADY_NS_SECONDS * 1000000000ULL)
		instance->failures = 0;
	unsigned shift = instance->failures < 10 ? instance->failures : 10;
	uint64_t wait = (uint64_t)BACKOFF_FIRST_MS << shift;
	instance->failures++;
	wait = wait > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : wait;
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
	if (wants_restart(instance))
		back_off(instance);
	else
		end(instance);
}

static void tell_end(struct instance *instance)
{
	const char *name = instance->config->name;
	if (instance->error.text[0])
		log_error("berth", "9 run: container %s: %s", name, instance->error.text);
	else if (instance->oom)
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s ran out of memory and was killed (status %d)",
			   name, instance->exit_status);
	else if (instance->signal)
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s was killed by signal %d (status %d)", name,
			   instance->signal, instance->exit_status);
	else
		ledger_end(STEP_SUPERVISE, 0, "kernel", "%s exited with status %d", name,
			   instance->exit_status);
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
	tell_end(instance);
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

static void send_stop_signal(struct instance *instance)
{
	const char *own = instance->config->stop_signal;
	const char *name = own ? own : instance->image->config.stop_signal;
	int signal = name && *name ? container_signal_number(name) : SIGTERM;
	struct error err = ERROR_INIT;
	log_info("berth", "10 supervise: stopping %s with signal %d", instance->config->name,
		 signal > 0 ? signal : SIGTERM);
	if (container_signal(&instance->process, signal > 0 ? signal : SIGTERM, &err) < 0)
		log_warning("berth", "10 supervise: %s: %s", instance->config->name, err.text);
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
		send_stop_signal(instance);
}

/* The rest of the time, and never less than a moment. */
static void go_on_stopping(struct instance *instance)
{
	uint64_t spent = (monotonic_ns() - instance->stop_ns) / 1000000;
	uint64_t whole = instance->config->stop_timeout_ms;
	uint64_t left = whole > spent ? whole - spent : 0;
	send_stop_signal(instance);
	set_timer(instance, left > LEAST_GRACE_MS ? left : LEAST_GRACE_MS);
}

static void kill_now(struct instance *instance)
{
	struct error err = ERROR_INIT;
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
	if (container_kill(&instance->process, &err) == 0)
		return;
	log_error("berth", "10 supervise: %s: %s", instance->config->name, err.text);
	/* With the first process all others of its PID namespace go; that takes no descriptor. */
	if (container_signal(&instance->process, SIGKILL, &err) < 0)
		log_error("berth", "10 supervise: %s: %s", instance->config->name, err.text);
}

/* The verdict arrives while it is already being stopped. */
static void note_verdict(struct instance *instance)
{
	if (take_verdict(instance) == 1) {
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

void instance_set_resolver(struct instance *instance, const char *resolv_conf)
{
	resolver_compose(&instance->config->resolver, resolv_conf, instance->resolv_conf);
	instance->resolver_changed = true;
	if (instance->state != INSTANCE_WAITING || instance->standby)
		instance_write_resolver(instance);
}

/* The runtime binds this very file into the container: it is rewritten, not replaced. */
void instance_write_resolver(const struct instance *instance)
{
	char path[PATH_MAX];
	struct error err = ERROR_INIT;
	snprintf(path, sizeof path, "/var/lib/berth/containers/%s/files/resolv.conf",
		 instance->config->name);
	if (file_write(AT_FDCWD, path, instance->resolv_conf, strlen(instance->resolv_conf), 0644,
		       &err) < 0)
		log_warning("berth", "7 network: %s", err.text);
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
