// SPDX-License-Identifier: Apache-2.0
/* One attempt to get the image, in the process that PID 1 forks for it: what the machine says about
 * registries and places, as a pull request. */
#ifndef BERTH_INIT_SUPERVISE_PULL_ATTEMPT_H
#define BERTH_INIT_SUPERVISE_PULL_ATTEMPT_H

#include "images/pull/pull.h"
#include "init/config/machine.h"

/* Where an appended initramfs may have layouts and archives. */
#define PULL_ATTEMPT_IMAGES "/berth/images"

struct pull_attempt {
	const struct machine *machine;
	bool local_only, last_resort; /* as in struct pull_request */
	const char *passed;
	unsigned deadline_seconds;    /* 0: none */
};

/* Frames go to `fd`. */
_Noreturn void pull_attempt_run(const struct pull_attempt *attempt, int fd);

#endif
