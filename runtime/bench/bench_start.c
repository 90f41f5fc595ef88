// SPDX-License-Identifier: Apache-2.0
/*
 * Time from the decision to start a container until its program executes, beside the floor: a bare
 * clone3 of the same namespaces and an execve. The container is made all at once, and beforehand: then
 * the time begins when it is told to go. All end at the same event, end of file on a close-on-exec
 * descriptor, and all are followed by the end of the process, outside the time.
 *
 * Usage: bench_start ROOTFS PROGRAM [RUNS]   as root; PROGRAM is a path valid inside and outside,
 * such as /bin/true of a static busybox. Prints microseconds: median and least of each, and ratios.
 * They take turns.
 */
#include "lib/syscalls.h"
#include "runtime/tests/harness.h"

#include <time.h>

enum { RUNS_MAX = 1000 };

static double now_us(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* Or of a message. */
static void await_event(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	poll(&ready, 1, -1);
}

static double run_floor(const char *program, uint64_t namespaces)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return 0;
	double begin = now_us();
	struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args);
	if (pid == 0) {
		execl(program, program, NULL);
		_exit(127);
	}
	close(ends[1]);
	await_event(ends[0]);
	double took = now_us() - begin;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return took;
}

static void must(bool good, const struct error *err)
{
	if (good)
		return;
	fprintf(stderr, "bench_start: %s\n", err->text);
	exit(1);
}

static double end_run(struct container *container, const char *id, double begin)
{
	struct error err = ERROR_INIT;
	int status;
	await_event(container->status_fd);
	double took = now_us() - begin;
	must(container_start_result(container->status_fd, &status, &err) == 0, &err);
	harness_wait(container);
	harness_clean(container, id);
	return took;
}

static double run_container(struct container_spec *spec, double *in_parent)
{
	struct container container;
	struct error err = ERROR_INIT;
	double begin = now_us();
	must(container_start(spec, -1, &container, &err) == 0, &err);
	*in_parent = now_us() - begin;
	return end_run(&container, spec->id, begin);
}

static double run_prepared(struct container_spec *spec, double *making)
{
	struct container container;
	struct error err = ERROR_INIT;
	int status;
	double begin = now_us();
	must(container_create(spec, &container, &err) == 0, &err);
	await_event(container.status_fd);
	must(container_start_result(container.status_fd, &status, &err) == 1, &err);
	*making = now_us() - begin;
	begin = now_us();
	must(container_go(&container, &err) == 0, &err);
	return end_run(&container, spec->id, begin);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double report(const char *name, double *times, int runs)
{
	qsort(times, (size_t)runs, sizeof *times, compare);
	printf("%-34s median %8.0f us   least %8.0f us\n", name, times[runs / 2], times[0]);
	return times[runs / 2];
}

int main(int argc, char **argv)
{
	static double floor_times[RUNS_MAX], bare[RUNS_MAX], whole[RUNS_MAX], parent[RUNS_MAX],
		prepared[RUNS_MAX], making[RUNS_MAX];
	const uint64_t namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
				    CLONE_NEWCGROUP;
	int runs = argc > 3 ? atoi(argv[3]) : 100;
	if (argc < 3 || runs < 1 || runs > RUNS_MAX)
		return fprintf(stderr, "usage: bench_start ROOTFS PROGRAM [RUNS<=1000]\n"), 2;
	const char *reason = harness_setup();
	if (reason)
		return fprintf(stderr, "bench_start: %s\n", reason), 1;
	struct container_spec spec = harness_spec((const char *const[]){argv[2], NULL});
	spec.layers.items[0] = argv[1];
	for (int i = 0; i < runs; i++) {
		bare[i] = run_floor(argv[2], 0);
		floor_times[i] = run_floor(argv[2], namespaces);
		whole[i] = run_container(&spec, &parent[i]);
		prepared[i] = run_prepared(&spec, &making[i]);
	}
	report("fork + exec", bare, runs);
	double least = report("clone3 of five namespaces + exec", floor_times, runs);
	double took = report("container_start until exec", whole, runs);
	report("  of which container_start itself", parent, runs);
	double going = report("container_go until exec", prepared, runs);
	report("  after container_create, not in it", making, runs);
	printf("ratio container / floor: %.2f\n", took / least);
	printf("ratio prepared container / floor: %.2f\n", going / least);
	return 0;
}
