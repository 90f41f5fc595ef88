// SPDX-License-Identifier: Apache-2.0
/*
 * A process beside PID 1, with all the rights of the machine: does to PID 1 what no container can, to
 * see that it lives through that too. As rdinit= it makes itself a child and becomes /init; what the
 * child does is said by beside=ACT[:NUMBER] on the kernel's command line, which comes as environment.
 * What it has seen goes to ttyS1.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ORPHANS = 10000, STACK = 16384, STORMERS = 6 };

static int notes = -1;

static void say(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vdprintf(notes, format, ap);
	va_end(ap);
}

static void wait_ms(long milliseconds)
{
	usleep((useconds_t)milliseconds * 1000);
}

static void read_text(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, out, size - 1);

	out[got > 0 ? got : 0] = 0;
	if (fd >= 0)
		close(fd);
}

/* Calls back for each process; its number and what /proc/PID/stat says after the name. */
static long each_process(long (*look)(int pid, const char *name, const char *rest))
{
	DIR *all = opendir("/p");
	struct dirent *entry;
	long sum = 0;

	while (all && (entry = readdir(all))) {
		char path[300], text[512], *name, *end;

		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		snprintf(path, sizeof path, "/p/%s/stat", entry->d_name);
		read_text(path, text, sizeof text);
		name = strchr(text, '(');
		end = strrchr(text, ')');
		if (!name || !end)
			continue;
		*end = 0;
		sum += look(atoi(entry->d_name), name + 1, end + 2);
	}
	if (all)
		closedir(all);
	return sum;
}

/* The program of a container; nothing else here is called so. */
static long is_program(int pid, const char *name, const char *rest)
{
	(void)pid;
	return *rest != 'Z' && (strcmp(name, "probe") == 0 || strcmp(name, "sh") == 0);
}

static void wait_for_container(int there)
{
	while ((each_process(is_program) > 0) != there)
		wait_ms(20);
}

static long is_dead_child(int pid, const char *name, const char *rest)
{
	(void)pid;
	(void)name;
	return strncmp(rest, "Z 1 ", 4) == 0;
}

/* Ticks of user and system time. */
static long ticks(const char *rest)
{
	long user = 0, system = 0;

	sscanf(rest, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
	return user + system;
}

static long ticks_of_first(int pid, const char *name, const char *rest)
{
	(void)name;
	return pid == 1 ? ticks(rest) : 0;
}

static long ticks_of_logger(int pid, const char *name, const char *rest)
{
	(void)pid;
	return strcmp(name, "berth-logger") == 0 ? ticks(rest) : 0;
}

static int die_at_once(void *argument)
{
	(void)argument;
	_exit(0);
}

/* A child of our parent, PID 1, that is dead when this returns. */
static int make_orphan(void)
{
	static char stack[STACK] __attribute__((aligned(16)));

	return clone(die_at_once, stack + STACK, CLONE_VM | CLONE_VFORK | CLONE_PARENT | SIGCHLD,
		     NULL) > 0;
}

/* Dead children of PID 1, when they get no fewer any more. */
static long left_dead(void)
{
	long left = each_process(is_dead_child), before;
	int same = 0;

	while (left > 0 && same < 8) {
		wait_ms(50);
		before = left;
		left = each_process(is_dead_child);
		same = left < before ? 0 : same + 1;
	}
	return left;
}

/* PID 1 is held while its children die, so that all are dead at once when it goes on. */
static void act_orphans(long argument)
{
	long made = 0;

	(void)argument;
	wait_for_container(1);
	if (ptrace(PTRACE_SEIZE, 1, NULL, NULL) < 0 || ptrace(PTRACE_INTERRUPT, 1, NULL, NULL) < 0 ||
	    waitpid(1, NULL, __WALL) < 0)
		say("ptrace: %s\n", strerror(errno));
	while (made < ORPHANS && make_orphan())
		made++;
	say("dead %ld\n", each_process(is_dead_child));
	ptrace(PTRACE_DETACH, 1, NULL, NULL);
	say("left %ld of %ld\n", left_dead(), made);
	kill(1, SIGTERM);
}

static void storm(int number)
{
	for (;;)
		if (number % 3 == 0)
			sigqueue(1, SIGRTMIN + 5, (union sigval){ .sival_int = number });
		else if (number % 3 == 1)
			kill(1, SIGCHLD);
		else
			make_orphan();
}

static void start_storm(int stormers[STORMERS])
{
	for (int i = 0; i < STORMERS; i++) {
		stormers[i] = (int)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
		if (stormers[i] == 0) /* PID 1's child */
			storm(i);
	}
}

/* Children that die and signals that come without end: none of the dead is left afterwards. Then the
 * same while the machine is asked to stop. */
static void act_storm(long argument)
{
	int stormers[STORMERS];

	(void)argument;
	wait_for_container(1);
	start_storm(stormers);
	wait_ms(1500);
	for (int i = 0; i < STORMERS; i++)
		kill(stormers[i], SIGKILL);
	say("left %ld\n", left_dead());
	start_storm(stormers);
	wait_ms(500);
	kill(1, SIGTERM);
}

static void act_kill(long argument)
{
	(void)argument;
	wait_for_container(1);
	say("kill %d\n", kill(-1, SIGKILL));
}

/* The lowest number that PID 1 has not in use becomes its limit: no other can be had. */
static struct rlimit fill_table(void)
{
	struct rlimit old, full;
	char path[64];
	unsigned first = 0;

	do
		snprintf(path, sizeof path, "/p/1/fd/%u", first++);
	while (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	prlimit(1, RLIMIT_NOFILE, NULL, &old);
	full = (struct rlimit){ .rlim_cur = first - 1, .rlim_max = old.rlim_max };
	prlimit(1, RLIMIT_NOFILE, &full, NULL);
	say("full at %u\n", first - 1);
	return old;
}

static void act_full(long argument)
{
	(void)argument;
	wait_for_container(1);
	wait_ms(200);
	fill_table();
	kill(1, SIGTERM);
}

/* The table is full while the container is to be started again, and has room later. */
static void act_full_for_a_while(long argument)
{
	struct rlimit old;

	(void)argument;
	wait_for_container(1);
	wait_ms(200);
	old = fill_table();
	wait_for_container(0);
	wait_ms(700);
	prlimit(1, RLIMIT_NOFILE, &old, NULL);
	say("room\n");
}

/* How much of the processor PID 1 and its logger use while nothing happens, in percent. */
static void act_idle(long argument)
{
	long first, logger, hz = sysconf(_SC_CLK_TCK);

	(void)argument;
	wait_for_container(1);
	wait_ms(1000);
	first = each_process(ticks_of_first);
	logger = each_process(ticks_of_logger);
	wait_ms(2000);
	say("busy %ld %ld\n", 50 * (each_process(ticks_of_first) - first) / hz,
	    50 * (each_process(ticks_of_logger) - logger) / hz);
	kill(1, SIGTERM);
}

static int is_in_container(int pid)
{
	char path[64];
	struct stat own, its;

	snprintf(path, sizeof path, "/p/%d/ns/pid", pid);
	return stat("/p/1/ns/pid", &own) == 0 && stat(path, &its) == 0 && own.st_ino != its.st_ino;
}

static int is_alive(int pid)
{
	char path[64], text[512];
	const char *end;

	snprintf(path, sizeof path, "/p/%d/stat", pid);
	read_text(path, text, sizeof text);
	end = strrchr(text, ')');
	return end && strncmp(end, ") Z", 3) != 0;
}

/* PID 1 has just made the process: it goes on when that is no container's, or dead. */
static void after_fork(void)
{
	unsigned long made = 0;
	int held;

	ptrace(PTRACE_GETEVENTMSG, 1, NULL, &made);
	waitpid((pid_t)made, NULL, __WALL);
	held = is_in_container((int)made);
	ptrace(PTRACE_DETACH, made, NULL, NULL);
	if (!held)
		return;
	while (is_alive((int)made))
		wait_ms(5);
	say("dead\n");
}

/* Each container is dead before PID 1 can look at anything of it. */
static void act_hold(long argument)
{
	int status;

	(void)argument;
	if (ptrace(PTRACE_SEIZE, 1, NULL,
		   PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE) < 0)
		say("ptrace: %s\n", strerror(errno));
	while (waitpid(1, &status, __WALL) == 1 && WIFSTOPPED(status)) {
		int event = status >> 16;

		if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
		    event == PTRACE_EVENT_CLONE)
			after_fork();
		ptrace(PTRACE_CONT, 1, NULL, event ? 0 : WSTOPSIG(status));
	}
}

/* In its last moments PID 1 has something to say: that its store is not what it was. */
static void act_store(long argument)
{
	(void)argument;
	wait_for_container(1);
	if (rename("/p/1/root/var/lib/berth/layers", "/p/1/root/var/lib/berth/moved") < 0 ||
	    close(creat("/p/1/root/var/lib/berth/layers", 0600)) < 0)
		say("store: %s\n", strerror(errno));
	else
		say("changed\n");
	pause();
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		say("%s: %s\n", path, strerror(errno));
	close(fd);
}

/* From now on the kernel has much to say, when the machine ends about each of its devices. */
static void act_kernel(long argument)
{
	(void)argument;
	wait_for_container(1);
	mkdir("/s", 0755);
	mount("sysfs", "/s", "sysfs", 0, NULL);
	write_text("/s/module/kernel/parameters/initcall_debug", "Y");
	write_text("/p/sys/kernel/printk", "8");
	say("asked\n");
	pause();
}

static const struct {
	const char *name;
	void (*act)(long argument);
} acts[] = {
	{ "orphans", act_orphans }, { "storm", act_storm },
	{ "kill", act_kill },       { "full", act_full },
	{ "full-for-a-while", act_full_for_a_while }, { "idle", act_idle },
	{ "hold", act_hold },       { "store", act_store },
	{ "kernel", act_kernel },
};

static void beside(const char *name)
{
	const char *number = strchr(name, ':');
	size_t length = number ? (size_t)(number - name) : strlen(name);

	setsid();
	if (unshare(CLONE_NEWNS) < 0)
		return;
	mkdir("/p", 0755);
	mkdir("/d", 0755);
	mount("proc", "/p", "proc", 0, NULL);
	mount("devtmpfs", "/d", "devtmpfs", 0, NULL);
	notes = open("/d/ttyS1", O_WRONLY | O_NOCTTY);
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strlen(acts[i].name) == length && strncmp(acts[i].name, name, length) == 0)
			acts[i].act(number ? atol(number + 1) : 0);
	pause();
}

int main(int argc, char **argv)
{
	const char *act = getenv("beside");

	(void)argc;
	if (act && strncmp(act, "limit:", 6) == 0) {
		struct rlimit few = { .rlim_cur = strtoul(act + 6, NULL, 10), .rlim_max = 4096 };

		setrlimit(RLIMIT_NOFILE, &few);
	} else if (act && fork() == 0) {
		beside(act);
		_exit(0);
	}
	argv[0] = "/init";
	execv("/init", argv);
	return 1;
}
