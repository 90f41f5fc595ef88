// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>

/* What the kernel chose as its console, "ttyS0" or "ttyS0 hvc0" (the last is /dev/console). */
static void name_console(char *out, size_t capacity)
{
	if (file_read(AT_FDCWD, "/sys/class/tty/console/active", out, capacity, NULL) < 0)
		snprintf(out, capacity, "none");
	out[strcspn(out, "\n")] = 0;
	if (!*out)
		snprintf(out, capacity, "none");
}

static void use_as(int fd, int number)
{
	if (fd >= 0 && fd != number)
		dup2(fd, number);
}

/* Nobody reads what is typed, until a container does: it is not shown either. */
static void be_silent(int console)
{
	struct termios settings;
	if (tcgetattr(console, &settings) < 0)
		return;
	settings.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(console, TCSANOW, &settings);
}

int boot_console(char decision[DECISION_MAX])
{
	char name[64];
	_cleanup_close_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (console < 0) /* a machine without one: what would be said there is lost */
		console = fcntl(null, F_DUPFD_CLOEXEC, 3);
	be_silent(console);
	use_as(null, 0);
	use_as(console, 1);
	use_as(console, 2);
	if (null >= 0 && null <= 2)
		steal_fd(&null);
	if (console >= 0 && console <= 2)
		console = fcntl(console, F_DUPFD_CLOEXEC, 3);
	name_console(name, sizeof name);
	snprintf(decision, DECISION_MAX, "Berth " BERTH_VERSION " on %s", name);
	return console;
}
