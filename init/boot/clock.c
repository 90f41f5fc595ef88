// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

void boot_clock(char decision[DECISION_MAX], const char **source)
{
	time_t now = time(NULL);
	*source = access("/sys/class/rtc/rtc0", F_OK) == 0 ? "rtc" : "kernel";
	if (now < (time_t)BERTH_BUILD_TIME) {
		struct timespec floor = {.tv_sec = BERTH_BUILD_TIME};
		*source = "build time";
		clock_settime(CLOCK_REALTIME, &floor);
		now = BERTH_BUILD_TIME;
	}
	char text[32];
	struct tm parts;
	gmtime_r(&now, &parts);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
	snprintf(decision, DECISION_MAX, "%s from %s", text, *source);
}
