// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/rescue.h"

#include "init/boot/packed_program.h"
#include "init/supervise/children.h"
#include "init/supervise/output.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char packed[] = "/bin/rescue.zst";

static struct {
	pid_t pid;
	bool has_run;
	void (*done)(void);
} rescue;

/* In the child: a session of its own with the console as its terminal. */
static _Noreturn void become_shell(void)
{
	char *arguments[] = {"sh", "-i", NULL};
	char *environment[] = {"PATH=/bin", "HOME=/", "TERM=vt102", "PS1=rescue# ", NULL};
	struct error err = ERROR_INIT;
	setsid();
	int console = open("/dev/console", O_RDWR);
	int program = packed_program_open(packed, &err);
	if (console < 0 || program < 0) {
		dprintf(STDERR_FILENO, "rescue: %s\n", console < 0 ? "no console to read from" : err.text);
		_exit(127);
	}
	ioctl(console, TIOCSCTTY, 1); /* without it there is no Ctrl-C, but a shell */
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	fexecve(program, arguments, environment);
	_exit(127);
}

static void on_ended(pid_t pid, int wait_status, void *context)
{
	char how[80];
	(void)pid;
	(void)context;
	rescue.pid = 0;
	describe_end(wait_status, how, sizeof how);
	log_warning("berth", "rescue: the shell %s", how);
	rescue.done();
}

void rescue_run(const char *why, void (*done)(void))
{
	struct error err = ERROR_INIT;
	rescue.has_run = true;
	rescue.done = done;
	output_run();
	log_warning("berth", "rescue: %s: a shell on the console, until its exit", why);
	pid_t pid = fork_worker(NULL, 0, &err);
	if (pid == 0)
		become_shell();
	if (pid > 0 && children_watch(pid, on_ended, NULL, &err) == 0) {
		rescue.pid = pid;
		return;
	}
	if (pid > 0)
		kill(pid, SIGKILL);
	log_error("berth", "rescue: %s", err.text);
	done();
}

bool rescue_has_run(void)
{
	return rescue.has_run;
}

bool rescue_stop(void)
{
	if (rescue.pid <= 0)
		return false;
	kill(-rescue.pid, SIGKILL); /* its session began as one group, … */
	kill(rescue.pid, SIGKILL);  /* … or not yet */
	return true;
}
