// SPDX-License-Identifier: Apache-2.0
/* One attempt to get the image, in the process that PID 1 forks for it: what the machine says about
 * registries and places, as a pull request. */
#ifndef BERTH_INIT_SUPERVISE_PULL_ATTEMPT_H
#define BERTH_INIT_SUPERVISE_PULL_ATTEMPT_H

#include "images/pull/pull.h"
#include "init/config/machine.h"

/* Where an appended initramfs may have layouts and archives. */
#define PULL_ATTEMPT_IMAGES "/berth/images"
/* What a document says takes the place of the files below /etc/berth. */
#define PULL_ATTEMPT_SETTINGS "/run/berth/images.json"
#define PULL_ATTEMPT_CREDENTIALS "/run/berth/auth.json"

struct pull_attempt {
	const struct machine *machine;
	const struct container_config *container; /* whose image it is */
	enum pull_policy policy;
	const struct pull_result *const *images; /* that are pulled already, and must stay */
	unsigned image_count;
	bool local_only, last_resort; /* as in struct pull_request */
	const char *passed;
	unsigned deadline_seconds;    /* 0: none */
};

/* Before the first attempt: writes the description's settings and credentials to their files. A machine
 * that was built with such a file keeps to it, and refuses a document that says otherwise. */
int pull_attempt_prepare(const struct machine *machine, struct error *err);
/* Frames go to `fd`. */
_Noreturn void pull_attempt_run(const struct pull_attempt *attempt, int fd);

#endif
