// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/watchdog.h"

#include "lib/cleanup.h"
#include "lib/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEVICES_MAX = 8, PETS = 4 };

static struct {
	int fd, timer;
	uint64_t every_ms;
	char what[120];
} watchdog = {.fd = -1};

int watchdog_device_check(const char *text, struct error *err)
{
	static const char *const names[] = {"auto", "hardware", "software"};
	static const char prefix[] = "/dev/watchdog";
	for (size_t i = 0; i < countof(names); i++)
		if (strcmp(text, names[i]) == 0)
			return 0;
	const char *number = text + sizeof prefix - 1;
	if (strncmp(text, prefix, sizeof prefix - 1) == 0 && *number >= '0' &&
	    *number < '0' + DEVICES_MAX && !number[1])
		return 0;
	return error_set(err, "\"%.40s\" is none of auto, hardware, software, /dev/watchdog0 to %d", text,
			 DEVICES_MAX - 1);
}

/* Closed after a "V", a watchdog stops. */
static void close_quietly(int fd)
{
	if (write(fd, "V", 1) == 1)
		close(fd);
}

static bool is_wanted(const struct watchdog_info *info, const char *device, const char *path)
{
	bool software = strncmp((const char *)info->identity, "Software", 8) == 0;
	if (device[0] == '/')
		return strcmp(device, path) == 0;
	return strcmp(device, "software") == 0 ? software : !software;
}

/* Opening starts it: one that is not wanted is stopped again. -1 when there is none. */
static int find(const char *device, struct watchdog_info *info, char path[32])
{
	for (int i = 0; i < DEVICES_MAX; i++) {
		snprintf(path, 32, "/dev/watchdog%d", i);
		if (device[0] == '/' && strcmp(device, path) != 0)
			continue;
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (ioctl(fd, WDIOC_GETSUPPORT, info) == 0 && is_wanted(info, device, path))
			return fd;
		close_quietly(fd);
	}
	return -1;
}

static void pet(void *context)
{
	(void)context;
	ioctl(watchdog.fd, WDIOC_KEEPALIVE, NULL);
	watchdog.timer = loop_timer(watchdog.every_ms, pet, NULL, NULL);
}

static int open_device(const char *device, struct watchdog_info *info, char path[32],
		       struct error *err)
{
	bool automatic = strcmp(device, "auto") == 0;
	watchdog.fd = find(automatic ? "hardware" : device, info, path);
	if (watchdog.fd < 0 && automatic)
		watchdog.fd = find("software", info, path);
	return watchdog.fd < 0 ? error_set(err, "there is no watchdog %s", device) : 0;
}

int watchdog_start(uint64_t timeout_s, const char *device, struct error *err)
{
	static struct watchdog_info info;
	static char path[32];
	int seconds = (int)timeout_s;
	if (timeout_s == 0)
		return 0;
	if (watchdog.fd < 0 && open_device(device, &info, path, err) < 0)
		return -1;
	if (ioctl(watchdog.fd, WDIOC_SETTIMEOUT, &seconds) < 0) {
		error_errno(err, errno, "set %s (%.31s) to %d s", path, (const char *)info.identity,
			    seconds);
		watchdog_stop();
		return -1;
	}
	/* The driver may have rounded it. */
	watchdog.every_ms = (uint64_t)(seconds > 0 ? seconds : 1) * 1000 / PETS;
	snprintf(watchdog.what, sizeof watchdog.what, "%.31s on %s, %d s", (const char *)info.identity,
		 path, seconds);
	loop_timer_cancel(watchdog.timer);
	pet(NULL);
	return 0;
}

const char *watchdog_describe(void)
{
	return watchdog.what;
}

void watchdog_last_time(void)
{
	if (watchdog.fd >= 0)
		ioctl(watchdog.fd, WDIOC_KEEPALIVE, NULL);
}

void watchdog_stop(void)
{
	if (watchdog.fd < 0)
		return;
	loop_timer_cancel(watchdog.timer);
	close_quietly(steal_fd(&watchdog.fd));
	watchdog.what[0] = 0;
}
