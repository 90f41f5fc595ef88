// SPDX-License-Identifier: Apache-2.0
/* Waiting for a container's process in the foreground: signals go on to it, and its terminal is
 * relayed to the caller's. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/oci/notify.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

struct relay {
	int master, pidfd, signals;
	int notify; /* or -1 */
	bool input; /* the caller's input is still open */
	bool raw;   /* the caller's terminal must be put back */
	struct termios saved;
};

static void copy_size(const struct relay *relay)
{
	struct winsize size;
	if (relay->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row)
		ioctl(relay->master, TIOCSWINSZ, &size);
}

static void begin_raw(struct relay *relay)
{
	struct termios raw;
	if (relay->master < 0 || tcgetattr(STDIN_FILENO, &relay->saved) < 0)
		return;
	raw = relay->saved;
	cfmakeraw(&raw);
	relay->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	copy_size(relay);
}

/* False at the end: for a terminal that is EIO. */
static bool pass_on(int from, int to)
{
	char bytes[8192];
	ssize_t got = read(from, bytes, sizeof bytes);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	return got > 0 && write_all(to, bytes, (size_t)got, NULL) == 0;
}

static void on_signal(struct relay *relay)
{
	struct signalfd_siginfo info;
	if (read(relay->signals, &info, sizeof info) != sizeof info)
		return;
	int number = (int)info.ssi_signo;
	if (number == SIGWINCH && relay->master >= 0)
		copy_size(relay);
	else if (number == SIGCHLD)
		return; /* the process itself shows on its pidfd */
	else
		sys_pidfd_send_signal(relay->pidfd, number);
}

/* This process goes on to stand for the container. */
static void on_notify(struct relay *relay)
{
	struct error err = ERROR_INIT;
	int passed = notify_pass(relay->notify, getpid(), &err);
	if (passed < 0)
		oci_log("warning", "%s", err.text);
	if (passed != 0)
		relay->notify = -1;
}

/* One round; false when the process has ended and its output is out. */
static bool serve(struct relay *relay)
{
	struct pollfd ready[] = {
		{.fd = relay->pidfd, .events = POLLIN},
		{.fd = relay->signals, .events = POLLIN},
		{.fd = relay->master, .events = POLLIN},
		{.fd = relay->input ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = relay->notify, .events = POLLIN},
	};
	if (poll(ready, countof(ready), -1) < 0)
		return errno == EINTR;
	if (ready[1].revents)
		on_signal(relay);
	if (ready[2].revents & (POLLIN | POLLHUP | POLLERR)) {
		if (pass_on(relay->master, STDOUT_FILENO))
			return true;
		relay->master = -1;
	}
	if (ready[4].revents)
		on_notify(relay);
	if (ready[3].revents && relay->master >= 0)
		relay->input = pass_on(STDIN_FILENO, relay->master);
	return !ready[0].revents;
}

/* What adopted children leave is reaped on the way. */
static int reap(pid_t pid)
{
	int status;
	for (;;) {
		pid_t ended = waitpid(-1, &status, 0);
		if (ended == pid)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		if (ended < 0 && errno != EINTR)
			return OCI_EXEC_FAILED;
	}
}

int foreground_wait(pid_t pid, int pidfd, int master, int notify, struct error *err)
{
	struct relay relay = {.master = master, .pidfd = pidfd, .notify = notify,
			      .input = master >= 0};
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	relay.signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (relay.signals < 0)
		return error_errno(err, errno, "watch signals");
	begin_raw(&relay);
	while (serve(&relay))
		continue;
	if (relay.raw)
		tcsetattr(STDIN_FILENO, TCSANOW, &relay.saved);
	close(relay.signals);
	return reap(pid);
}
