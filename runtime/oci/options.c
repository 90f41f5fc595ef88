// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/options.h"

#include "lib/cleanup.h"
#include "lib/suggest.h"

#include <stddef.h>
#include <string.h>

enum kind { FLAG, TEXT, LIST };

struct row {
	const char *name;
	char letter;
	enum kind kind;
	size_t offset;
	unsigned commands;
	const char *help;
};

#define AT(field) offsetof(struct runtime_options, field)
#define STARTS (COMMAND_CREATE | COMMAND_RUN)
#define PROCESSES (STARTS | COMMAND_EXEC)

static const struct row ROWS[] = {
	{"root", 0, TEXT, AT(root), COMMAND_GLOBAL, "directory of the containers' state"},
	{"log", 0, TEXT, AT(log), COMMAND_GLOBAL, "file that messages are appended to"},
	{"log-format", 0, TEXT, AT(log_format), COMMAND_GLOBAL, "text or json"},
	{"debug", 0, FLAG, AT(debug), COMMAND_GLOBAL, "accepted; there are no more messages"},
	{"systemd-cgroup", 0, FLAG, AT(systemd_cgroup), COMMAND_GLOBAL,
	 "refused: groups are made in the file system"},
	{"cgroup-manager", 0, TEXT, AT(cgroup_manager), COMMAND_GLOBAL, "cgroupfs or disabled"},
	{"rootless", 0, TEXT, AT(rootless), COMMAND_GLOBAL, "accepted; found out by itself"},
	{"criu", 0, TEXT, AT(unused), COMMAND_GLOBAL, "accepted; there are no checkpoints"},
	{"version", 'v', FLAG, AT(version), COMMAND_GLOBAL, "prints the version"},
	{"help", 'h', FLAG, AT(help), ~0U, "prints this help"},

	{"bundle", 'b', TEXT, AT(bundle), STARTS | COMMAND_SPEC,
	 "directory with config.json; otherwise the current one"},
	{"config", 'f', TEXT, AT(config), STARTS, "name of the file in the bundle"},
	{"pid-file", 0, TEXT, AT(pid_file), PROCESSES, "file that gets the process ID"},
	{"console-socket", 0, TEXT, AT(console_socket), PROCESSES,
	 "Unix socket that gets the terminal"},
	{"preserve-fds", 0, TEXT, AT(preserve_fds), PROCESSES,
	 "so many descriptors from 3 on stay open"},
	{"detach", 'd', FLAG, AT(detach), COMMAND_RUN | COMMAND_EXEC, "does not wait for the end"},
	{"keep", 0, FLAG, AT(keep), COMMAND_RUN, "does not delete the container at its end"},
	{"no-pivot", 0, FLAG, AT(no_pivot), STARTS, "MS_MOVE and chroot instead of pivot_root"},
	{"no-new-keyring", 0, FLAG, AT(no_new_keyring), STARTS,
	 "keeps the caller's session keyring"},
	{"no-subreaper", 0, FLAG, AT(ignored), STARTS | COMMAND_EXEC, "accepted"},

	{"process", 'p', TEXT, AT(process), COMMAND_EXEC, "file with a process object"},
	{"tty", 't', FLAG, AT(tty), COMMAND_EXEC, "on a terminal"},
	{"user", 'u', TEXT, AT(user), COMMAND_EXEC, "UID[:GID]"},
	{"additional-gids", 'g', LIST, AT(groups), COMMAND_EXEC, "a supplementary group"},
	{"cwd", 0, TEXT, AT(cwd), COMMAND_EXEC, "working directory"},
	{"env", 'e', LIST, AT(env), COMMAND_EXEC, "NAME=VALUE"},
	{"cap", 'c', LIST, AT(caps), COMMAND_EXEC, "a capability, such as CAP_SYS_PTRACE"},
	{"no-new-privs", 0, FLAG, AT(no_new_privs), COMMAND_EXEC, "sets no_new_privs"},
	{"apparmor", 0, TEXT, AT(apparmor), COMMAND_EXEC, "AppArmor profile"},
	{"process-label", 0, TEXT, AT(process_label), COMMAND_EXEC, "SELinux label"},
	{"cgroup", 0, TEXT, AT(cgroup), COMMAND_EXEC, "group below the container's"},
	{"ignore-paused", 0, FLAG, AT(ignore_paused), COMMAND_EXEC, "also in a paused container"},

	{"all", 'a', FLAG, AT(all), COMMAND_KILL, "to all processes of the container"},
	{"force", 'f', FLAG, AT(force), COMMAND_DELETE, "also a running or missing container"},
	{"regex", 'r', FLAG, AT(regex), COMMAND_DELETE, "all whose ID matches the extended expression"},
	{"format", 'f', TEXT, AT(format), COMMAND_LIST | COMMAND_PS, "table or json"},
	{"quiet", 'q', FLAG, AT(quiet), COMMAND_LIST, "only IDs"},
	{"stats", 0, FLAG, AT(stats), COMMAND_EVENTS, "once"},
	{"interval", 0, TEXT, AT(interval), COMMAND_EVENTS, "time between two, such as 5s"},
	{"rootless", 0, FLAG, AT(is_rootless), COMMAND_SPEC, "for a user without privilege"},

	{"resources", 'r', TEXT, AT(resources), COMMAND_UPDATE,
	 "file with a resources object; - is the standard input"},
	{"memory", 0, TEXT, AT(memory), COMMAND_UPDATE, "bytes, or 50M and the like"},
	{"memory-swap", 0, TEXT, AT(memory_swap), COMMAND_UPDATE, "memory and swap, likewise"},
	{"memory-reservation", 0, TEXT, AT(memory_reservation), COMMAND_UPDATE, "likewise"},
	{"cpu-period", 0, TEXT, AT(cpu_period), COMMAND_UPDATE, "microseconds"},
	{"cpu-quota", 0, TEXT, AT(cpu_quota), COMMAND_UPDATE, "microseconds"},
	{"cpu-burst", 0, TEXT, AT(cpu_burst), COMMAND_UPDATE, "microseconds"},
	{"cpu-share", 0, TEXT, AT(cpu_share), COMMAND_UPDATE, "2 to 262144"},
	{"cpu-idle", 0, TEXT, AT(cpu_idle), COMMAND_UPDATE, "0 or 1"},
	{"cpuset-cpus", 0, TEXT, AT(cpuset_cpus), COMMAND_UPDATE, "list of CPUs"},
	{"cpuset-mems", 0, TEXT, AT(cpuset_mems), COMMAND_UPDATE, "list of memory nodes"},
	{"pids-limit", 0, TEXT, AT(pids_limit), COMMAND_UPDATE, "processes; -1 is no limit"},
	{"blkio-weight", 0, TEXT, AT(blkio_weight), COMMAND_UPDATE, "10 to 1000"},
	{"kernel-memory", 0, TEXT, AT(unused), COMMAND_UPDATE, "accepted; v2 has no such limit"},
	{"kernel-memory-tcp", 0, TEXT, AT(unused), COMMAND_UPDATE, "likewise"},
	{"cpu-rt-period", 0, TEXT, AT(unused), COMMAND_UPDATE, "likewise"},
	{"cpu-rt-runtime", 0, TEXT, AT(unused), COMMAND_UPDATE, "likewise"},
};

static const struct row *find_row(enum runtime_command command, const char *name, size_t length,
				  char letter)
{
	for (size_t i = 0; i < countof(ROWS); i++) {
		if (!(ROWS[i].commands & command))
			continue;
		if (name ? strlen(ROWS[i].name) == length &&
				   strncmp(ROWS[i].name, name, length) == 0
			 : letter && ROWS[i].letter == letter)
			return &ROWS[i];
	}
	return NULL;
}

static const char *nth_name(const void *context, size_t i)
{
	const enum runtime_command *command = context;
	for (size_t row = 0; row < countof(ROWS); row++)
		if (ROWS[row].commands & *command && i-- == 0)
			return ROWS[row].name;
	return NULL;
}

static int unknown(enum runtime_command command, const char *option, struct error *err)
{
	const char *near = suggest(option + strspn(option, "-"), nth_name, &command);
	if (near)
		return error_set(err, "unknown option %.60s: did you mean --%s?", option, near);
	return error_set(err, "unknown option %.60s", option);
}

static int store(const struct row *row, char *value, struct arena *arena,
		 struct runtime_options *out, struct error *err)
{
	void *place = (char *)out + row->offset;
	if (row->kind == FLAG)
		*(bool *)place = !value || strcmp(value, "false") != 0;
	else if (row->kind == TEXT)
		*(const char **)place = value;
	else
		return string_list_add(place, arena, value, err);
	return 0;
}

/* One option, at *at; takes the next word as its value when it needs one. */
static int parse_one(enum runtime_command command, char **argv, int argc, int *at,
		     struct arena *arena, struct runtime_options *out, struct error *err)
{
	char *option = argv[*at], *value = NULL;
	const struct row *row;
	if (option[1] == '-' || option[2]) {
		/* "--name", and "-name" as Go's programs take it */
		char *name = option + (option[1] == '-' ? 2 : 1);
		size_t length = strcspn(name, "=");
		row = find_row(command, name, length, 0);
		value = name[length] ? name + length + 1 : NULL;
		if (!row && option[1] != '-' && (row = find_row(command, NULL, 0, option[1])))
			value = option + 2;
	} else {
		row = find_row(command, NULL, 0, option[1]);
	}
	if (!row)
		return unknown(command, option, err);
	if (row->kind != FLAG && !value) {
		if (*at + 1 >= argc)
			return error_set(err, "option %.60s needs a value", option);
		value = argv[++*at];
	}
	return store(row, value, arena, out, err);
}

/* "-tu0" and the like: flags in one word. */
static bool split_flags(enum runtime_command command, const char *option,
			struct runtime_options *out)
{
	if (option[1] == '-' || !option[2] || find_row(command, option + 1, strlen(option + 1), 0))
		return false;
	for (const char *c = option + 1; *c; c++) {
		const struct row *row = find_row(command, NULL, 0, *c);
		if (!row || row->kind != FLAG)
			return false;
	}
	for (const char *c = option + 1; *c; c++)
		*(bool *)((char *)out + find_row(command, NULL, 0, *c)->offset) = true;
	return true;
}

int runtime_options_parse(enum runtime_command command, bool in_order, int argc, char **argv,
			  struct arena *arena, struct runtime_options *out, struct error *err)
{
	bool options_end = false;
	out->words = arena_alloc(arena, ((size_t)argc + 1) * sizeof *out->words);
	out->word_count = 0;
	if (!out->words)
		return error_set(err, "too many words on the command line");
	int at = 0;
	for (; at < argc; at++) {
		bool option = !options_end && argv[at][0] == '-' && argv[at][1];
		if (option && strcmp(argv[at], "--") == 0)
			options_end = true;
		else if (option && split_flags(command, argv[at], out))
			continue;
		else if (option && parse_one(command, argv, argc, &at, arena, out, err) < 0)
			return -1;
		else if (!option && command == COMMAND_GLOBAL)
			break;
		else if (!option)
			out->words[out->word_count++] = argv[at];
		options_end |= in_order && out->word_count > 0;
	}
	return at;
}

void runtime_options_help(enum runtime_command command, FILE *out)
{
	for (size_t i = 0; i < countof(ROWS); i++) {
		const struct row *row = &ROWS[i];
		if (!(row->commands & command))
			continue;
		fprintf(out, row->letter ? "  -%c, " : "      ", row->letter);
		fprintf(out, "--%s%s\n          %s\n", row->name, row->kind == FLAG ? "" : " VALUE",
			row->help);
	}
}
