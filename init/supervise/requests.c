// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/requests.h"

#include "lib/cleanup.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void (*on_stop)(const char *reason);
static void (*on_child)(void);

/* A few at a time: whoever sends signals without end must not keep the loop here. */
static void on_signal(int fd, uint32_t events, void *context)
{
	(void)events;
	(void)context;
	struct signalfd_siginfo infos[16];
	bool child = false;
	ssize_t got = read(fd, infos, sizeof infos);
	for (ssize_t i = 0; i < got / (ssize_t)sizeof *infos; i++) {
		if (infos[i].ssi_signo == SIGCHLD)
			child = true;
		else if (infos[i].ssi_signo == SIGTERM)
			on_stop("SIGTERM");
		else if (infos[i].ssi_signo == SIGINT)
			on_stop("SIGINT or Ctrl-Alt-Del");
		else if (infos[i].ssi_signo == SIGPWR)
			on_stop("SIGPWR");
	}
	if (child)
		on_child();
}

int requests_watch_signals(void (*stop)(const char *reason), void (*child)(void),
			   struct error *err)
{
	sigset_t all;
	on_stop = stop;
	on_child = child;
	sigfillset(&all);
	sigdelset(&all, SIGSEGV); /* a fault in PID 1 itself must not be put off */
	sigdelset(&all, SIGBUS);
	sigdelset(&all, SIGILL);
	sigdelset(&all, SIGFPE);
	sigdelset(&all, SIGABRT);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return error_errno(err, errno, "block signals");
	reboot(RB_DISABLE_CAD); /* Ctrl-Alt-Del becomes SIGINT */
	int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return error_errno(err, errno, "create the signal descriptor");
	return loop_add(fd, EPOLLIN, on_signal, NULL, err);
}

static void on_button(int fd, uint32_t events, void *context)
{
	(void)context;
	struct input_event event;
	while (read(fd, &event, sizeof event) == sizeof event)
		if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
			on_stop("the power button");
	if (events & (EPOLLERR | EPOLLHUP)) {
		loop_remove(fd);
		close(fd);
	}
}

static bool has_power_key(int fd)
{
	unsigned char keys[KEY_MAX / 8 + 1] = {0};
	return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof keys), keys) >= 0 &&
	       (keys[KEY_POWER / 8] >> (KEY_POWER % 8) & 1);
}

int requests_watch_power_buttons(void)
{
	int count = 0;
	for (int i = 0; i < 16; i++) {
		char path[32];
		snprintf(path, sizeof path, "/dev/input/event%d", i);
		_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0 && errno == ENOENT)
			break; /* so early no number has been given back yet */
		if (fd < 0 || !has_power_key(fd))
			continue;
		if (loop_add(fd, EPOLLIN, on_button, NULL, NULL) == 0) {
			steal_fd(&fd);
			count++;
		}
	}
	return count;
}
