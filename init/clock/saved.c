// SPDX-License-Identifier: Apache-2.0
/* The time that the machine last knew, on its disk. */
#include "init/clock/clock.h"

#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char name[] = "clock", next[] = "clock.new";

int64_t clock_saved_read(int folder)
{
	char text[32], *end;
	if (file_read(folder, name, text, sizeof text, NULL) < 2)
		return 0;
	int64_t seconds = strtoll(text, &end, 10);
	bool whole = text[0] >= '1' && text[0] <= '9' && strcmp(end, "\n") == 0;
	return whole && seconds >= CLOCK_EARLIEST && seconds < CLOCK_LATEST ? seconds : 0;
}

/* Not synced: after a power cut an older time, or none, will do. */
int clock_saved_write(int folder, int64_t seconds, struct error *err)
{
	char text[32];
	int length = snprintf(text, sizeof text, "%" PRId64 "\n", seconds);
	if (file_write(folder, next, text, (size_t)length, 0600, err) < 0)
		return -1;
	if (renameat(folder, next, folder, name) < 0)
		return error_errno(err, errno, "save the time");
	return 0;
}
