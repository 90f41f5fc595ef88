// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/reserve.h"

#include "lib/cleanup.h"

#include <fcntl.h>
#include <unistd.h>

/* The report needs three at a time; so do the sums that are made before it. */
enum { RESERVE = 6 };

static int kept[RESERVE] = {-1, -1, -1, -1, -1, -1};

void reserve_open(void)
{
	for (unsigned i = 0; i < countof(kept); i++)
		if (kept[i] < 0)
			kept[i] = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

void reserve_release(void)
{
	for (unsigned i = 0; i < countof(kept); i++) {
		cleanup_close_fd(&kept[i]);
		kept[i] = -1;
	}
}
