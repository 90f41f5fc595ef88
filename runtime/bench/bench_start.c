// SPDX-License-Identifier: Apache-2.0
/*
 * Time from the decision to start a container until its program executes, beside the floor: a bare
 * clone3 of the same namespaces and an execve. The container is made all at once, and beforehand: then
 * the time begins when it is told to go. All end at the same event, end of file on a close-on-exec
 * descriptor, and all are followed by the end of the process, outside the time. Between the two stands
 * the least that a container of layers can be: the same clone3, an overlay as its root, and the file
 * systems, with nothing that makes them safe.
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

/* What a container of layers cannot be without, each by the one call that makes it; whatever makes it safe
 * (masks, capabilities, seccomp, cgroup) or is made for its comfort (devices, files of /etc) is not there. */
enum part {
	PART_NAMESPACES,   /* the floor: they alone */
	PART_LAYERS,       /* an overlay as its root, too */
	PART_FILE_SYSTEMS, /* and those that the runtime specification wants ("Default Filesystems") or Docker has */
};

static const struct {
	const char *type, *target, *options;
} file_systems[] = {
	{"proc", "proc", NULL},
	{"tmpfs", "dev", "mode=0755"},
	{"devpts", "dev/pts", "newinstance,ptmxmode=0666"},
	{"tmpfs", "dev/shm", "mode=1777"},
	{"mqueue", "dev/mqueue", NULL},
	{"sysfs", "sys", NULL},
	{"cgroup2", "sys/fs/cgroup", NULL},
};

static const char layer_text[] = "lowerdir=%s,upperdir=/run/floor/upper,workdir=/run/floor/work";

static bool mount_file_systems(void)
{
	for (size_t i = 0; i < countof(file_systems); i++) {
		if (strncmp(file_systems[i].target, "dev/", 4) == 0)
			mkdir(file_systems[i].target, 0755);
		if (mount(file_systems[i].type, file_systems[i].target, file_systems[i].type, 0,
			  file_systems[i].options) < 0)
			return false;
	}
	return true;
}

static _Noreturn void run_program(const char *program, enum part part, const char *layers)
{
	if (part >= PART_LAYERS && (mount("overlay", "/run/floor/root", "overlay", 0, layers) < 0 ||
				    chdir("/run/floor/root") < 0))
		_exit(126);
	if (part == PART_FILE_SYSTEMS && !mount_file_systems())
		_exit(126);
	if (part >= PART_LAYERS && chroot(".") < 0)
		_exit(126);
	execl(program, program, NULL);
	_exit(127);
}

static void must(bool good, const struct error *err)
{
	if (good)
		return;
	fprintf(stderr, "bench_start: %s\n", err->text);
	exit(1);
}

/* An empty writable layer that has the folders to mount on. */
static void lay_out(void)
{
	umount2("/run/floor", MNT_DETACH);
	mkdir("/run/floor", 0700);
	mount("tmpfs", "/run/floor", "tmpfs", 0, NULL);
	for (const char *const *name = (const char *const[]){"root", "work", "upper", "upper/proc",
							     "upper/dev", "upper/sys", NULL};
	     *name; name++) {
		char path[64];
		snprintf(path, sizeof path, "/run/floor/%s", *name);
		mkdir(path, 0755);
	}
}

static double run_least(const char *image, const char *program, uint64_t namespaces, enum part part)
{
	int ends[2], status;
	char layers[PATH_MAX + 100];
	struct error err = ERROR_INIT;
	snprintf(layers, sizeof layers, layer_text, image);
	if (part >= PART_LAYERS)
		lay_out();
	if (pipe2(ends, O_CLOEXEC) < 0)
		return 0;
	double begin = now_us();
	struct clone_args args = {.flags = namespaces, .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args);
	if (pid == 0)
		run_program(program, part, layers);
	close(ends[1]);
	await_event(ends[0]);
	double took = now_us() - begin;
	close(ends[0]);
	waitpid(pid, &status, 0);
	error_set(&err, "%s ended with %x", program, (unsigned)status);
	must(status == 0, &err);
	return took;
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
	static double floor_times[RUNS_MAX], bare[RUNS_MAX], layers[RUNS_MAX], mounted[RUNS_MAX],
		whole[RUNS_MAX], parent[RUNS_MAX], prepared[RUNS_MAX], making[RUNS_MAX];
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
		bare[i] = run_least(argv[1], argv[2], 0, PART_NAMESPACES);
		floor_times[i] = run_least(argv[1], argv[2], namespaces, PART_NAMESPACES);
		layers[i] = run_least(argv[1], argv[2], namespaces, PART_LAYERS);
		mounted[i] = run_least(argv[1], argv[2], namespaces, PART_FILE_SYSTEMS);
		whole[i] = run_container(&spec, &parent[i]);
		prepared[i] = run_prepared(&spec, &making[i]);
	}
	report("fork + exec", bare, runs);
	double least = report("clone3 of five namespaces + exec", floor_times, runs);
	double layered = report("  and an overlay as its root", layers, runs);
	double furnished = report("  and its seven file systems", mounted, runs);
	double took = report("container_start until exec", whole, runs);
	report("  of which container_start itself", parent, runs);
	double going = report("container_go until exec", prepared, runs);
	report("  after container_create, not in it", making, runs);
	printf("ratio overlay / floor: %.2f\n", layered / least);
	printf("ratio overlay and file systems / floor: %.2f\n", furnished / least);
	printf("ratio container / floor: %.2f\n", took / least);
	printf("ratio prepared container / floor: %.2f\n", going / least);
	return 0;
}
