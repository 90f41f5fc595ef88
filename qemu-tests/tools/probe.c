// SPDX-License-Identifier: Apache-2.0
/*
 * The program inside the test images: small acts that no shell can do exactly. Static, because the
 * images have no C library. `probe ACT [ARGUMENT]`.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Prints the time since the kernel started; as PID 1 (init=) it then switches the machine off. */
static int act_first(long argument)
{
	struct timespec now;
	char line[64];

	(void)argument;
	clock_gettime(CLOCK_BOOTTIME, &now);
	int size = snprintf(line, sizeof line, "first-instruction %lld.%09ld\n",
			    (long long)now.tv_sec, now.tv_nsec);
	if (write(1, line, size) < 0)
		return 1;
	if (getpid() == 1 && getppid() == 0 && getenv("PROBE_IS_INIT"))
		reboot(RB_POWER_OFF);
	return 0;
}

static int act_exit(long argument)
{
	_exit((int)argument);
}

/* A real fault: the only signal that the first process of a PID namespace can die of by itself. */
static int act_fault(long argument)
{
	static int *volatile nowhere;

	*nowhere = (int)argument;
	return 1;
}

/* Touches `argument` MiB. */
static int act_memory(long argument)
{
	for (long i = 0; i < argument; i++) {
		char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED)
			return 2;
		memset(page, 1, 1 << 20);
	}
	puts("memory touched");
	return 0;
}

/* Children that leave their own children behind: PID 1 of the machine, or of the container, has to
 * reap `argument` of them. */
static int act_zombies(long argument)
{
	for (long i = 0; i < argument; i++) {
		pid_t child = fork();

		if (child < 0)
			return 2;
		if (child == 0) {
			if (fork() == 0)
				usleep(1000);
			_exit(0);
		}
	}
	usleep(200000);
	puts("zombies made");
	return 0;
}

/* Double-forked daemons in their own sessions that ignore everything they can. */
static int act_daemons(long argument)
{
	for (long i = 0; i < argument; i++) {
		if (fork() != 0) {
			wait(NULL);
			continue;
		}
		setsid();
		if (fork() != 0)
			_exit(0);
		for (int number = 1; number < 64; number++)
			signal(number, SIG_IGN);
		for (;;)
			pause();
	}
	puts("daemons started");
	return 0;
}

/* Forks without end; reports how far it came when the limit holds. */
static int act_forkbomb(long argument)
{
	long made = 0;

	for (int failures = 0; failures < argument;) {
		pid_t child = fork();

		if (child == 0)
			for (;;)
				pause();
		if (child < 0) {
			failures++;
			usleep(1000);
		} else {
			made++;
		}
	}
	printf("forks refused: after %ld\n", made);
	return 0;
}

static volatile sig_atomic_t seen;

static void note(int number)
{
	seen = number;
}

/* Says which signal came. Ends on SIGTERM's kin when `argument` is 1, goes on for ever when 0. */
static int act_signals(long argument)
{
	sigset_t all, before;
	for (int number = 1; number < 32; number++)
		signal(number, note);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before); /* none comes while nobody waits */
	puts("waiting for signals");
	fflush(stdout);
	for (;;) {
		sigsuspend(&before);
		if (seen == SIGCHLD)
			continue;
		printf("signal %d\n", (int)seen);
		fflush(stdout);
		if (argument)
			return 40;
	}
}

static const struct act {
	const char *name;
	int (*run)(long argument);
} acts[] = {
	{ "first", act_first },       { "exit", act_exit },       { "fault", act_fault },
	{ "memory", act_memory },     { "zombies", act_zombies }, { "daemons", act_daemons },
	{ "forkbomb", act_forkbomb }, { "signals", act_signals }, { "syscalls", probe_syscalls },
	{ "burst", probe_burst },     { "corpses", probe_corpses }, { "flood", probe_flood },
	{ "babble", probe_babble },
};

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "first";

	if (strcmp(name, "tree") == 0 && argc == 3)
		return probe_tree(argv[2]);
	if (strcmp(name, "connect") == 0 && argc == 4)
		return probe_connect(argv[2], argv[3]);
	if (strcmp(name, "greedy") == 0 && argc == 4)
		return probe_greedy(argv[2], argv[3]);
	if (strcmp(name, "disk") == 0)
		return probe_disk();
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
		if (strcmp(acts[i].name, name) == 0)
			return acts[i].run(argc > 2 ? atol(argv[2]) : 0);
	fprintf(stderr, "probe: no act '%s'\n", name);
	return 64;
}
