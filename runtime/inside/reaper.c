// SPDX-License-Identifier: Apache-2.0
/*
 * The first process of a container with `init: true`: a program of its own, which is bound into the
 * container. It runs the container's program as its child, hands signals on to it, reaps whatever is
 * left to process 1, and ends with the program's status.
 *
 *     docker-init -- PROGRAM [ARGUMENT…]
 *
 * It links no more of the C library than it calls: it is part of every machine's image.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* As shells and the runtime have it. */
enum { NOT_EXECUTABLE = 126, NOT_FOUND = 127, FAILED = 125, SIGNAL_BASE = 128 };

static void say(const char *what, const char *name)
{
	ssize_t put = write(STDERR_FILENO, "docker-init: ", 13);
	put += write(STDERR_FILENO, what, strlen(what));
	put += write(STDERR_FILENO, name, strlen(name));
	put += write(STDERR_FILENO, "\n", 1);
	(void)put;
}

/* The program has a group of its own, in the foreground when there is a terminal, so that what is typed
 * there is for it. */
static _Noreturn void run(char **words, const sigset_t *before)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpgrp());
	signal(SIGTTOU, SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
	execvp(words[0], words);
	bool missing = errno == ENOENT;
	say(missing ? "there is no " : "cannot execute ", words[0]);
	_exit(missing ? NOT_FOUND : NOT_EXECUTABLE);
}

/* All that is dead. True when the program is among them. */
static bool reap(pid_t program, int *exit_status)
{
	bool ended = false;
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != program)
			continue;
		ended = true;
		*exit_status = WIFSIGNALED(status) ? SIGNAL_BASE + WTERMSIG(status)
						   : WEXITSTATUS(status);
	}
	return ended;
}

int main(int argc, char **argv)
{
	sigset_t all, before;
	int exit_status = FAILED, signal_number;
	char **words = argv + 1 + (argc > 1 && strcmp(argv[1], "--") == 0);
	if (!*words) {
		say("which program? ", "docker-init -- PROGRAM [ARGUMENT]");
		return FAILED;
	}
	/* Where it is not process 1 (pid: host), orphans are left to it too. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Blocked signals wait to be taken, also those that process 1 would otherwise never get. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid_t program = fork();
	if (program == 0)
		run(words, &before);
	if (program < 0) {
		say("cannot make a process for ", words[0]);
		return FAILED;
	}
	for (;;) {
		if (sigwait(&all, &signal_number) != 0)
			continue;
		if (signal_number == SIGCHLD) {
			if (reap(program, &exit_status))
				return exit_status;
		} else if (signal_number != SIGTTIN && signal_number != SIGTTOU) {
			kill(program, signal_number);
		}
	}
}
