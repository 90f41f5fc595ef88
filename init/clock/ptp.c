// SPDX-License-Identifier: Apache-2.0
/* Clocks of the hardware: the one of the host that KVM shows as a PTP device, and the RTC. */
#include "init/clock/clock.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEVICES_MAX = 8 };

/* Other PTP devices keep another time than UTC, or none before somebody sets them. */
static bool is_host(int number)
{
	char path[64], text[64];
	snprintf(path, sizeof path, "/sys/class/ptp/ptp%d/clock_name", number);
	return file_read(AT_FDCWD, path, text, sizeof text, NULL) > 0 &&
	       strcmp(text, "KVM virtual PTP\n") == 0;
}

/* A descriptor as the number of a clock (the kernel's Documentation/driver-api/ptp.rst). */
static clockid_t clock_of(int fd)
{
	return (clockid_t)((~(unsigned)fd << 3) | 3);
}

int clock_ptp_read(int64_t *ns)
{
	static int number = -1; /* the host's, once it is known */
	for (int i = 0; i < DEVICES_MAX; i++) {
		char path[32];
		struct timespec now;
		snprintf(path, sizeof path, "/dev/ptp%d", i);
		/* At the start none is missing between two that are there. */
		if (number < 0 && access(path, F_OK) < 0)
			break;
		if (number >= 0 ? i != number : !is_host(i))
			continue;
		_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || clock_gettime(clock_of(fd), &now) < 0 ||
		    now.tv_sec < CLOCK_EARLIEST || now.tv_sec >= CLOCK_LATEST)
			continue;
		number = i;
		*ns = (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
		return 0;
	}
	return -1;
}

bool clock_has_rtc(void)
{
	return access("/dev/rtc0", F_OK) == 0;
}
