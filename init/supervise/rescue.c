// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/rescue.h"

#include "init/boot/packed_program.h"
#include "init/supervise/children.h"
#include "init/supervise/output.h"
#include "lib/cleanup.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static const char packed[] = "/bin/rescue.zst";

static struct {
	pid_t pid;
	bool has_run;
	void (*done)(void);
} rescue;

static _Noreturn void execute_shell(int console, int program)
{
	char *arguments[] = {"sh", "-i", NULL};
	char *environment[] = {"PATH=/bin", "HOME=/", "TERM=vt102", "PS1=rescue# ", NULL};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 0; fd < 3; fd++)
		dup2(console, fd);
	fexecve(program, arguments, environment);
	_exit(127);
}

/* As the shell has ended. */
static _Noreturn void end_as(int wait_status)
{
	if (!WIFSIGNALED(wait_status))
		_exit(WEXITSTATUS(wait_status));
	signal(WTERMSIG(wait_status), SIG_DFL);
	raise(WTERMSIG(wait_status));
	_exit(128 + WTERMSIG(wait_status));
}

/* In the child: a session of its own with the console as its terminal. It is not the shell that leads it: with
 * the leader's end the kernel drops what the console has not shown yet. */
static _Noreturn void lead_shell(void)
{
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
	struct error err = ERROR_INIT;
	int status = 0;
	setsid();
	int console = open("/dev/console", O_RDWR | O_CLOEXEC);
	int program = packed_program_open(packed, &err);
	if (console < 0 || program < 0) {
		dprintf(STDERR_FILENO, "rescue: %s\n", console < 0 ? "no console to read from" : err.text);
		_exit(127);
	}
	ioctl(console, TIOCSCTTY, 1); /* without it there is no Ctrl-C, but a shell */
	pid_t shell = fork();
	if (shell == 0)
		execute_shell(console, program);
	for (size_t i = 0; i < countof(ignored); i++)
		signal(ignored[i], SIG_IGN);
	while (shell > 0 && waitpid(shell, &status, 0) < 0 && errno == EINTR)
		continue;
	tcdrain(console);
	end_as(shell > 0 ? status : 127 << 8);
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
		lead_shell();
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
