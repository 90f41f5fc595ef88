// SPDX-License-Identifier: Apache-2.0
/* Limits of a container's cgroup, seen from inside and felt: memory, processes, CPU. */
#include "runtime/tests/harness.h"

static struct run result;
static uint64_t oom_kills;

/* Like harness_run(), and asks for OOM kills before the cgroup goes. */
static void run_counted(struct container_spec *spec)
{
	struct container container;
	int out[2];
	memset(&result, 0, sizeof result);
	if (pipe2(out, O_CLOEXEC) < 0)
		return;
	spec->process.stdout_fd = spec->process.stderr_fd = out[1];
	int started = container_start(spec, -1, &container, &result.error);
	close(out[1]);
	if (started < 0) {
		close(out[0]);
		result.start_status = 125;
		return;
	}
	harness_collect(out[0], result.output, sizeof result.output);
	close(out[0]);
	result.status = harness_wait(&container);
	oom_kills = container_oom_kills(&container);
	harness_clean(&container, spec->id);
}

static void limit(struct container_spec *spec, struct simple_limits limits)
{
	static char block[1024];
	struct arena arena;
	arena_init(&arena, block, sizeof block);
	defaults_limit(spec, &limits, &arena, NULL);
}

static void test_least_cpu(void)
{
	struct container_spec spec = {0};
	struct error err = ERROR_INIT;
	struct arena arena;
	arena_init(&arena, (char[256]){0}, 256);
	ok(defaults_limit(&spec, &(struct simple_limits){.cpu_millis = 5}, &arena, &err) < 0 &&
		   strstr(err.text, "the least is 10"),
	   "a limit below the kernel's is refused (%s)", err.text);
}

static void test_memory(void)
{
	struct container_spec spec = harness_spec((const char *const[]){
		"sh", "-c", "cat /sys/fs/cgroup/memory.max; tail /dev/zero; echo $?", NULL});
	limit(&spec, (struct simple_limits){.memory_bytes = 16 << 20});
	run_counted(&spec);
	ok(strncmp(result.output, "16777216\n", 9) == 0, "memory.max is the limit (%.20s)",
	   result.output);
	ok(oom_kills > 0 && strstr(result.output, "137\n"), "the OOM killer is counted: %llu",
	   (unsigned long long)oom_kills);
	spec = harness_spec((const char *const[]){"tail", "/dev/zero", NULL});
	limit(&spec, (struct simple_limits){.memory_bytes = 16 << 20});
	run_counted(&spec);
	ok(result.status == 137 && oom_kills > 0, "the first process dies of it: 137 (%d)",
	   result.status);
	spec = harness_spec((const char *const[]){"true", NULL});
	limit(&spec, (struct simple_limits){.memory_bytes = 64 << 20});
	run_counted(&spec);
	ok(result.status == 0 && oom_kills == 0, "within the limit nothing is counted");
}

static void test_pids(void)
{
	struct container_spec spec = harness_spec((const char *const[]){
		"sh", "-c",
		"cat /sys/fs/cgroup/pids.max; i=0; "
		"while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all",
		NULL});
	limit(&spec, (struct simple_limits){.pids = 10});
	run_counted(&spec);
	ok(strncmp(result.output, "10\n", 3) == 0, "pids.max is the limit");
	ok(!strstr(result.output, "all\n"), "a fork bomb is held (%.60s)", result.output + 3);
}

static void test_cpu(void)
{
	struct container_spec spec =
		harness_spec((const char *const[]){"cat", "/sys/fs/cgroup/cpu.max", NULL});
	limit(&spec, (struct simple_limits){.cpu_millis = 1500});
	run_counted(&spec);
	is(result.output, "150000 100000\n", "cpu.max is one and a half CPUs");
}

static int has_controller(const char *name)
{
	char text[256];
	return file_read(AT_FDCWD, "/sys/fs/cgroup/cgroup.controllers", text, sizeof text, NULL) >
		       0 &&
	       strstr(text, name);
}

int main(void)
{
	const char *reason = harness_setup();
	static const struct {
		const char *controller;
		void (*test)(void);
	} TESTS[] = {{"memory", test_memory}, {"pids", test_pids}, {"cpu", test_cpu}};
	for (size_t i = 0; i < countof(TESTS); i++) {
		if (reason || !has_controller(TESTS[i].controller))
			skip(TESTS[i].controller,
			     reason ? reason : "no cgroup v2 controller of that name here");
		else
			TESTS[i].test();
	}
	test_least_cpu();
	return tap_end();
}
