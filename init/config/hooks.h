// SPDX-License-Identifier: Apache-2.0
/*
 * What is run in a container beside its program: behind its start, and before its stop signal
 * (Compose's post_start and pre_stop, Kubernetes' lifecycle). As a text:
 * "start [user=…] [workdir=…] [env=NAME=VALUE]… [privileged] [restart] KIND WORDS" (health.h).
 */
#ifndef BERTH_INIT_CONFIG_HOOKS_H
#define BERTH_INIT_CONFIG_HOOKS_H

#include "init/config/health.h"

enum {
	HOOKS_MAX = 32,
	HOOK_TEXT_MAX = 4000,
	HOOK_ARENA = 24 * 1024
}; /* the latter suffices to parse one */

struct hook {
	bool stop; /* before the stop signal; else behind the start */
	bool privileged;
	bool restart; /* when it fails the container is stopped, and started again as it says */
	const char *user, *working_dir; /* NULL: the container's */
	struct string_list env;         /* beside the container's */
	struct string_list test;        /* the kind and its words */
};

int parse_hook(const char *text, struct arena *arena, struct hook *out, struct error *err);
health_setter add_hook;

#endif
