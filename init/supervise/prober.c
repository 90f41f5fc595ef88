// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/prober.h"

#include "init/supervise/children.h"
#include "init/supervise/instance.h"
#include "init/supervise/network_test.h"
#include "init/supervise/probe_result.h"
#include "init/supervise/specification.h"
#include "lib/cleanup.h"
#include "lib/confine.h"
#include "init/config/keys.h"
#include "lib/loop.h"
#include "runtime/join.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
	SPECIFICATION_ARENA = 128 * 1024,
	LAST_READS = 64, /* of what is in the pipe when the test has ended; others may go on writing */
};

static const uint16_t calls[] = {
	__NR_read, __NR_write, __NR_poll, __NR_ppoll, __NR_kill, __NR_wait4, __NR_sendto, __NR_recvmsg,
	__NR_close, __NR_clock_gettime, __NR_exit, __NR_exit_group, __NR_restart_syscall,
	__NR_rt_sigreturn, UINT16_MAX,
};

static const struct confine_policy policy = {
	.name = "berth-prober",
	.keep_capabilities = 1ULL << CAP_KILL, /* the test may be another user's */
	.syscalls = calls,
};

struct probe {
	const struct prober_task *task;
	uint64_t began_ns;
	struct container started;
	int parent;             /* the socket to PID 1 */
	int output;             /* read end of the test's pipe, or -1 after its end */
	int echo;               /* where what it prints goes, too: the container's output, or -1 */
	bool executes;          /* the start has succeeded */
	struct probe_result result;
	size_t used;
	char recent[2 * PROBE_OUTPUT_MAX]; /* of which the last bytes count */
};

/* This process is a copy: what the hook says otherwise is said of the container. */
static int apply_hook(struct instance *instance, const struct hook *hook, struct arena *arena,
		      struct error *err)
{
	static struct container_config config;
	struct string_list env = {0};
	config = *instance->config;
	if (string_list_extend(&env, arena, &config.env, err) < 0 ||
	    string_list_extend(&env, arena, &hook->env, err) < 0)
		return -1;
	config.env = env;
	config.user = hook->user ? hook->user : config.user;
	config.working_dir = hook->working_dir ? hook->working_dir : config.working_dir;
	config.non_root &= !hook->user;
	config.privileged |= hook->privileged;
	instance->config = &config;
	return 0;
}

static int build(struct instance *instance, const struct prober_task *task,
		 struct container_spec *spec, struct error *err)
{
	static char block[SPECIFICATION_ARENA];
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	if ((task->hook && apply_hook(instance, task->hook, &arena, err) < 0) ||
	    specification_build(instance, &arena, spec, err) < 0)
		return -1;
	spec->process.args = (struct string_list){0};
	spec->process.reaper = NULL; /* its first process has it */
	if (string_list_extend(&spec->process.args, &arena, &task->test->shell, err) < 0 ||
	    string_list_extend(&spec->process.args, &arena, &task->test->words, err) < 0)
		return -1;
	return 0;
}

static int join(struct probe *probe, struct instance *instance, struct error *err)
{
	struct container_spec spec;
	int ends[2];
	if (build(instance, probe->task, &spec, err) < 0)
		return -1;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe for what the test prints");
	_cleanup_close_ int writer = ends[1];
	probe->output = ends[0];
	probe->echo = probe->task->hook ? instance->stdout_fd : -1;
	fcntl(probe->output, F_SETFL, O_NONBLOCK);
	spec.process.stdout_fd = spec.process.stderr_fd = writer;
	const struct join_target target = {
		.pid = instance->process.pid,
		.pidfd = instance->process.pidfd,
		.cgroup_fd = instance->process.cgroup_fd,
		.spare_cgroup_fd = -1,
		.console = -1,
		.seccomp_agent = -1,
		.container = &spec,
	};
	return join_start(&spec.process, &target, &probe->started, err);
}

/* False when nothing is there. */
static bool take_output(struct probe *probe)
{
	if (probe->output < 0)
		return false;
	if (probe->used == sizeof probe->recent) {
		memmove(probe->recent, probe->recent + PROBE_OUTPUT_MAX, PROBE_OUTPUT_MAX);
		probe->used = PROBE_OUTPUT_MAX;
	}
	ssize_t got = read(probe->output, probe->recent + probe->used,
			   sizeof probe->recent - probe->used);
	if (got > 0 && probe->echo >= 0 && write(probe->echo, probe->recent + probe->used, (size_t)got) < 0)
		probe->echo = -1;
	if (got > 0)
		probe->used += (size_t)got;
	if (got == 0)
		cleanup_close_fd(&probe->output), probe->output = -1;
	return got > 0;
}

static void keep_output(struct probe *probe)
{
	char *out = probe->result.output;
	for (unsigned i = 0; i < LAST_READS && take_output(probe); i++)
		;
	size_t skip = probe->used > PROBE_OUTPUT_MAX ? probe->used - PROBE_OUTPUT_MAX : 0;
	for (size_t i = skip; i < probe->used; i++)
		*out++ = probe->recent[i] ? probe->recent[i] : '?';
	*out = 0;
}

/* It and all that it started and that has not left its session. */
static void kill_test(const struct probe *probe)
{
	kill(-probe->started.pid, SIGKILL);
	kill(probe->started.pid, SIGKILL);
}

static void reap(struct probe *probe)
{
	int status = 0;
	while (waitpid(probe->started.pid, &status, 0) < 0 && errno == EINTR)
		;
	probe->result.exit_status =
		WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void not_run(struct probe *probe, int exit_status, const struct error *why)
{
	probe->result.end = PROBE_NOT_RUN;
	probe->result.exit_status = exit_status;
	snprintf(probe->result.output, sizeof probe->result.output, "%s", why->text);
}

/* The word of the starting process: it executes, or why not. True: it has ended then. */
static bool take_verdict(struct probe *probe)
{
	int status;
	struct error why = ERROR_INIT;
	int result = container_start_result(probe->started.status_fd, &status, &why);
	probe->executes = true;
	if (result == 0)
		return false;
	reap(probe);
	not_run(probe, status, &why);
	return true;
}

static int time_left(const struct probe *probe)
{
	uint64_t spent = (monotonic_ns() - probe->began_ns) / 1000000;
	uint64_t left = probe->task->timeout_ms > spent ? probe->task->timeout_ms - spent : 0;
	return left > 60000 ? 60000 : (int)left;
}

/* False when the result is there. */
static bool serve(struct probe *probe)
{
	struct pollfd ready[] = {
		{.fd = probe->started.pidfd, .events = POLLIN},
		{.fd = probe->executes ? -1 : probe->started.status_fd, .events = POLLIN},
		{.fd = probe->output, .events = POLLIN},
		{.fd = probe->parent, .events = 0},
	};
	int left = time_left(probe);
	if (poll(ready, countof(ready), left) < 0)
		return errno == EINTR;
	if (ready[3].revents) {
		kill_test(probe);
		_exit(1);
	}
	if (ready[1].revents && take_verdict(probe))
		return false;
	if (ready[0].revents) {
		if (!probe->executes && take_verdict(probe))
			return false;
		reap(probe);
		keep_output(probe);
		return false;
	}
	if (ready[2].revents)
		take_output(probe);
	if (left)
		return true;
	probe->result.end = PROBE_TIMED_OUT;
	kill_test(probe);
	reap(probe);
	keep_output(probe);
	return false;
}

/* The command runs already when the door is locked: it does not matter to it. */
static void run_command(struct probe *probe, struct instance *instance)
{
	struct error err = ERROR_INIT;
	if (join(probe, instance, &err) < 0) {
		not_run(probe, CONTAINER_SETUP_FAILED, &err);
		return;
	}
	if (confine_self(&policy, true, &err) < 0) {
		kill_test(probe);
		not_run(probe, CONTAINER_SETUP_FAILED, &err);
		return;
	}
	while (serve(probe))
		;
}

static void end_with_parent(void *context)
{
	struct pollfd parent = {.fd = ((const struct probe *)context)->parent};
	if (poll(&parent, 1, 0) > 0)
		_exit(1);
}

/* From the machine; a container without a network of the machine is asked from within its own. */
static void run_network(struct probe *probe, const struct instance *instance)
{
	struct error err = ERROR_INIT;
	const char *address = instance->address[0] ? instance->address : "127.0.0.1";
	if (!instance->address[0] && instance->netns_fd >= 0 &&
	    setns(instance->netns_fd, CLONE_NEWNET) < 0) {
		error_errno(&err, errno, "enter the container's network");
		not_run(probe, CONTAINER_SETUP_FAILED, &err);
		return;
	}
	network_test(probe->task->test, address, probe->task->timeout_ms, end_with_parent, probe,
		     &probe->result);
}

static void run_sleep(struct probe *probe)
{
	struct error err = ERROR_INIT;
	uint64_t ms = 0, now;
	if (confine_self(&policy, true, &err) < 0 ||
	    parse_milliseconds(probe->task->test->words.items[0], HEALTH_LONGEST_MS, &ms, &err) < 0) {
		not_run(probe, CONTAINER_SETUP_FAILED, &err);
		return;
	}
	while ((now = (monotonic_ns() - probe->began_ns) / 1000000) < ms) {
		struct pollfd parent = {.fd = probe->parent};
		uint64_t left = ms - now;
		if (poll(&parent, 1, left > 60000 ? 60000 : (int)left) > 0)
			_exit(1);
	}
}

static _Noreturn void prober_run(struct instance *instance, const struct prober_task *task, int fd)
{
	static struct probe probe;
	static uint8_t storage[PROBE_FRAME_MAX];
	struct frame frame;
	probe = (struct probe){.task = task, .began_ns = monotonic_ns(), .parent = fd, .output = -1, .echo = -1};
	switch (task->test->kind) {
	case TEST_COMMAND:
		run_command(&probe, instance);
		break;
	case TEST_HTTP:
	case TEST_TCP:
		run_network(&probe, instance);
		break;
	case TEST_SLEEP:
		run_sleep(&probe);
		break;
	}
	probe_result_encode(&probe.result, &frame, storage);
	_exit(frame_send(fd, &frame, NULL) < 0);
}

int prober_start(const struct instance *instance, const struct prober_task *task,
		 struct prober *out, struct error *err)
{
	int ends[2];
	if (frame_socketpair(ends, err) < 0)
		return -1;
	const int keep[] = {ends[1], instance->process.pidfd, instance->process.cgroup_fd,
			    instance->netns_fd, task->hook ? instance->stdout_fd : -1};
	pid_t pid = fork_worker(keep, countof(keep), err);
	if (pid == 0)
		prober_run((struct instance *)instance, task, ends[1]);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	*out = (struct prober){pid, ends[0]};
	return 0;
}
