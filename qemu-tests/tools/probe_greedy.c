// SPDX-License-Identifier: Apache-2.0
/*
 * Takes all there is of something that root of every container shares with PID 1, and keeps it:
 *
 *   greedy watches|files|processes PORT
 *
 * Begins when somebody has connected to the port, and hangs up when there is nothing left. Files are
 * given back three seconds later; processes are taken whenever there is one. SIGTERM ends it.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TARGETS = 200, TRIES = 20 };

static long taken;

/* Each epoll instance watches the same few files. */
static void take_watches(void)
{
	int targets[TARGETS];
	struct epoll_event event = { .events = EPOLLIN };

	for (int i = 0; i < TARGETS; i++)
		targets[i] = eventfd(0, 0);
	for (;;) {
		int fd = epoll_create1(0);

		if (fd < 0)
			return;
		for (int i = 0; i < TARGETS; i++, taken++)
			if (epoll_ctl(fd, EPOLL_CTL_ADD, targets[i], &event) < 0)
				return;
	}
}

static void take_files(void)
{
	while (open("/dev/null", O_RDONLY) >= 0)
		taken++;
}

static void take_processes(int tries)
{
	for (int refused = 0; refused < tries;) {
		pid_t child = fork();

		if (child == 0)
			for (;;)
				pause();
		if (child > 0)
			taken++;
		else
			refused++;
	}
}

static void leave(int number)
{
	(void)number;
	_exit(0);
}

/* The one who waits for the end. */
static int accept_one(const char *port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	struct sockaddr_in place = { .sin_family = AF_INET,
				     .sin_port = htons((unsigned short)atoi(port)) };

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&place, sizeof place) < 0 || listen(fd, 1) < 0)
		return -1;
	int one = accept(fd, NULL, NULL);

	close(fd);
	return one;
}

int probe_greedy(const char *what, const char *port)
{
	struct rlimit limit;

	signal(SIGTERM, leave);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	int one = accept_one(port);

	if (one < 0)
		return 2;
	if (strcmp(what, "watches") == 0)
		take_watches();
	else if (strcmp(what, "files") == 0)
		take_files();
	else
		take_processes(TRIES);
	printf("%s refused after %ld: %s\n", what, taken, strerror(errno));
	fflush(stdout);
	shutdown(one, SHUT_RDWR);
	if (strcmp(what, "files") == 0) {
		sleep(3);
		syscall(SYS_close_range, 3, ~0U, 0);
	}
	for (;; usleep(1000)) /* what others give back meanwhile is taken, too */
		if (strcmp(what, "processes") == 0)
			take_processes(1);
}

static int die_at_once(void *argument)
{
	(void)argument;
	_exit(0);
}

/* `argument` dead children that nobody waits for; light ones, for there is no memory to copy. */
int probe_corpses(long argument)
{
	static char stack[16384] __attribute__((aligned(16)));
	long made = 0;

	while (made < argument && clone(die_at_once, stack + sizeof stack,
					CLONE_VM | CLONE_VFORK | SIGCHLD, NULL) > 0)
		made++;
	printf("corpses %ld\n", made);
	return 4;
}

static volatile sig_atomic_t asked;

static void note(int number)
{
	asked = number;
}

/* Waits for SIGTERM, writes `argument` lines of 64 bytes and ends with 5. */
int probe_flood(long argument)
{
	char line[65];
	sigset_t term;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	signal(SIGTERM, note);
	puts("ready");
	fflush(stdout);
	sigemptyset(&term);
	while (!asked)
		sigsuspend(&term);
	for (long i = 0; i < argument; i++) {
		snprintf(line, sizeof line, "%063ld\n", i);
		if (write(1, line, 64) < 0)
			return 6;
	}
	return 5;
}

/* Speaks without end, in a process of its own; SIGTERM ends it with 5. */
int probe_babble(long argument)
{
	sigset_t term;

	(void)argument;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	if (fork() == 0)
		while (write(1, "babble babble babble babble babble babble babble\n", 49) > 0)
			;
	sigwaitinfo(&term, NULL);
	return 5;
}
