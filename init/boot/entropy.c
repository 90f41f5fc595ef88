// SPDX-License-Identifier: Apache-2.0
#include "init/boot/steps.h"

#include "lib/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

void boot_entropy(char decision[DECISION_MAX], const char **source)
{
	char device[64] = "";
	unsigned char byte;
	*source = "cpu";
	if (file_read(AT_FDCWD, "/sys/class/misc/hw_random/rng_current", device, sizeof device,
		      NULL) > 0) {
		device[strcspn(device, "\n")] = 0;
		if (*device && strcmp(device, "none") != 0)
			*source = "hardware generator";
	}
	if (getrandom(&byte, 1, GRND_NONBLOCK) == 1)
		snprintf(decision, DECISION_MAX, "ready, from %s", *source);
	else
		snprintf(decision, DECISION_MAX, "not ready yet: TLS will wait for it");
}
