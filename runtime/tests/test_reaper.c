// SPDX-License-Identifier: Apache-2.0
/* The small init, as a process of this one: it is a subreaper also where it is not process 1. */
#define main reaper_main
/* It is a program without a header. NOLINTNEXTLINE(bugprone-suspicious-include) */
#include "runtime/inside/reaper.c"
#undef main

#include "lib/tap.h"

#include <stdint.h>

/* Its exit status; `signal_number` is sent to it when the program has said that it is ready. */
static int run_below(const char *script, int signal_number)
{
	int ends[2], status = -1;
	char byte;
	if (pipe(ends) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		char *words[] = {"docker-init", "--", "sh", "-c", (char *)(uintptr_t)script, NULL};
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		_exit(reaper_main(5, words));
	}
	close(ends[1]);
	if (signal_number && read(ends[0], &byte, 1) == 1)
		kill(pid, signal_number);
	waitpid(pid, &status, 0);
	close(ends[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int run_words(int count, char **words)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(STDERR_FILENO);
		_exit(reaper_main(count, words));
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	char *missing[] = {"docker-init", "--", "/no/such/program", NULL};
	char *folder[] = {"docker-init", "/", NULL}, *nothing[] = {"docker-init", "--", NULL};
	signal(SIGINT, SIG_DFL); /* in the background of a script it is ignored */
	ok(run_below("exit 7", 0) == 7, "the program's status");
	ok(run_below("kill -9 $$", 0) == 128 + SIGKILL, "that of a program that was killed");
	ok(run_below("trap 'exit 5' TERM; echo; while :; do sleep 0.05; done", SIGTERM) == 5,
	   "a signal is the program's");
	ok(run_below("trap 'exit 6' USR1; echo; while :; do sleep 0.05; done", SIGUSR1) == 6,
	   "whichever it is");
	ok(run_below("echo; exec sleep 60", SIGINT) == 128 + SIGINT, "also one that ends it");
	/* The orphan's parent is the init, and no zombie is left: its process is gone. */
	ok(run_below("p=$(sh -c 'sleep 0.1 >&2 & echo $!'); grep -q \"^PPid:.$PPID$\" /proc/$p/status "
		     "|| exit 1; sleep 0.5; test ! -e /proc/$p || exit 2", 0) == 0,
	   "orphans are its children, and are reaped");
	ok(run_below("test \"$(cut -d ' ' -f 5 /proc/$$/stat)\" = $$", 0) == 0, "a group of its own");
	ok(run_words(3, missing) == 127, "a program that is not there");
	ok(run_words(2, folder) == 126, "one that cannot be executed");
	ok(run_words(2, nothing) == 125, "none at all");
	return tap_end();
}
