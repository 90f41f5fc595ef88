// SPDX-License-Identifier: Apache-2.0
/*
 * How far a source of configuration is believed. Settings that give a container power over the
 * machine, or switch a check off, are taken only from sources that the policy allows.
 */
#ifndef BERTH_INIT_CONFIG_TRUST_H
#define BERTH_INIT_CONFIG_TRUST_H

#include "lib/error.h"

#include <stdbool.h>

/* From least to most. */
enum config_trust {
	TRUST_NETWORK,      /* whoever answers at an address */
	TRUST_DISK,         /* whoever can plug in a disk */
	TRUST_COMMAND_LINE, /* whoever starts the machine: kernel command line, firmware, hypervisor
			     */
	TRUST_BUILT_IN,     /* part of the image that was booted, or named by its digest on the
			       command line */
};

/* "network", "disk", "command-line", "built-in". */
const char *trust_name(enum config_trust trust);
int trust_parse(const char *text, enum config_trust *out, struct error *err);

/* Whether the dangerous setting `key` may come from a source of this trust when the policy asks for
 * `least`. -1 with err filled: what was refused, why, and what to do. */
int trust_check(const char *key, const char *source, enum config_trust trust,
		enum config_trust least, struct error *err);

#endif
