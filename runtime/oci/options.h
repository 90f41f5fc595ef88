// SPDX-License-Identifier: Apache-2.0
/* The options of `berth runtime`: those of runc. One table parses them and prints the help. */
#ifndef BERTH_RUNTIME_OCI_OPTIONS_H
#define BERTH_RUNTIME_OCI_OPTIONS_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stdio.h>

/* The commands, as a set: an option says for which of them it is. */
enum runtime_command {
	COMMAND_CREATE = 1 << 0,
	COMMAND_START = 1 << 1,
	COMMAND_STATE = 1 << 2,
	COMMAND_KILL = 1 << 3,
	COMMAND_DELETE = 1 << 4,
	COMMAND_RUN = 1 << 5,
	COMMAND_EXEC = 1 << 6,
	COMMAND_LIST = 1 << 7,
	COMMAND_PS = 1 << 8,
	COMMAND_PAUSE = 1 << 9,
	COMMAND_RESUME = 1 << 10,
	COMMAND_UPDATE = 1 << 11,
	COMMAND_EVENTS = 1 << 12,
	COMMAND_FEATURES = 1 << 13,
	COMMAND_SPEC = 1 << 14,
	COMMAND_REFUSED = 1 << 15, /* checkpoint, restore */
	COMMAND_GLOBAL = 1 << 16,  /* before the command */
};

struct runtime_options {
	/* before the command */
	const char *root, *log, *log_format, *cgroup_manager, *rootless;
	bool debug, systemd_cgroup, help, version;
	/* of commands */
	const char *bundle, *pid_file, *console_socket, *preserve_fds, *format, *process, *user,
		*config, *cwd, *apparmor, *process_label, *cgroup, *interval, *resources;
	unsigned preserved; /* preserve_fds and those of socket activation, made sure of */
	bool detach, no_pivot, no_new_keyring, ignored, keep, force, all, quiet, tty, no_new_privs,
		ignore_paused, stats, is_rootless, regex;
	struct string_list env, caps, groups;
	/* of update: values as they are written */
	const char *memory, *memory_swap, *memory_reservation, *cpu_period, *cpu_quota, *cpu_burst,
		*cpu_share, *cpu_idle, *cpuset_cpus, *cpuset_mems, *pids_limit, *blkio_weight,
		*unused;
	/* what is left: the container's ID and what follows */
	char **words;
	int word_count;
};

/* Parses argv[0..argc) for the command: options anywhere, or with `in_order` only before the second
 * word. Returns the number of words read before the command for COMMAND_GLOBAL. An unknown option
 * is an error with a suggestion. */
int runtime_options_parse(enum runtime_command command, bool in_order, int argc, char **argv,
			  struct arena *arena, struct runtime_options *out, struct error *err);
void runtime_options_help(enum runtime_command command, FILE *out);

#endif
