// SPDX-License-Identifier: Apache-2.0
/* `state`, `list` and `ps`. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <string.h>

enum { PROCS_MAX = 1024 * 1024, LINE_MAX_BYTES = 4096 };

int command_state(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	int done = state_open(options->root, options->words[0], false, &state, err);
	_cleanup_free_ char *text =
		done < 0 ? NULL : state_json(&state, state_status(&state), true);
	if (text)
		puts(text);
	else if (done == 0)
		done = error_errno(err, ENOMEM, "write the state");
	state_close(&state);
	return done;
}

static bool wants_json(const struct runtime_options *options, struct error *err)
{
	if (!options->format || strcmp(options->format, "table") == 0)
		return false;
	if (strcmp(options->format, "json") != 0)
		error_set(err, "format \"%.20s\" is neither table nor json", options->format);
	return true;
}

static void print_entry(const struct state *state, bool quiet, bool json, bool first)
{
	if (quiet) {
		puts(state->id);
		return;
	}
	enum status status = state_status(state);
	if (json) {
		_cleanup_free_ char *text = state_json(state, status, true);
		printf("%s%s", first ? "" : ",", text ? text : "{}");
		return;
	}
	printf("%-24s %-10d %-10s %-40s %-32s %s\n", state->id,
	       status == STATUS_STOPPED ? 0 : state->pid, status_name(status), state->bundle,
	       state->created, state->owner ? "" : "root");
}

int command_list(const struct runtime_options *options, struct error *err)
{
	err->text[0] = 0;
	bool json = wants_json(options, err), first = true;
	if (err->text[0])
		return -1;
	_cleanup_closedir_ DIR *dir = opendir(options->root);
	if (json && !options->quiet)
		fputs("[", stdout);
	else if (!options->quiet)
		printf("%-24s %-10s %-10s %-40s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE",
		       "CREATED", "OWNER");
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		struct state state = STATE_INIT;
		struct error ignored = ERROR_INIT;
		if (entry->d_name[0] == '.')
			continue;
		if (state_open(options->root, entry->d_name, false, &state, &ignored) == 0) {
			print_entry(&state, options->quiet, json, first);
			first = false;
		} else if (ignored.code != ENOENT) {
			oci_log("warning", "%s", ignored.text);
		}
		state_close(&state);
	}
	if (json && !options->quiet)
		puts("]");
	return 0;
}

static bool is_member(const char *procs, long pid)
{
	char want[24];
	int length = snprintf(want, sizeof want, "%ld\n", pid);
	for (const char *at = procs; (at = strstr(at, want)); at += length)
		if (at == procs || at[-1] == '\n')
			return true;
	return false;
}

/* The host's ps, of which the lines about the container's processes are shown. */
static int print_table(const struct runtime_options *options, const char *procs, struct error *err)
{
	char command[2048] = "ps", line[LINE_MAX_BYTES];
	size_t used = strlen(command);
	for (int i = 1; i < options->word_count; i++) {
		const char *word = options->words[i];
		if (strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "-_,=:") != strlen(word))
			return error_set(err, "option \"%.40s\" of ps has characters that are not "
					      "passed on", word);
		used += (size_t)snprintf(command + used, sizeof command - used, " %s", word);
		if (used >= sizeof command)
			return error_set(err, "too many options of ps");
	}
	if (options->word_count == 1)
		strcat(command, " -ef");
	FILE *ps = popen(command, "r");
	if (!ps)
		return error_errno(err, errno, "run %s", command);
	int column = -1;
	while (fgets(line, sizeof line, ps)) {
		char copy[LINE_MAX_BYTES], *rest = copy, *field;
		memcpy(copy, line, sizeof copy);
		long pid = -1;
		for (int i = 0; (field = strsep(&rest, " \n"));) {
			if (!*field)
				continue;
			if (column < 0 && strcmp(field, "PID") == 0) {
				column = i;
				fputs(line, stdout);
				break;
			}
			if (i++ == column)
				pid = strtol(field, NULL, 10);
		}
		if (pid > 0 && is_member(procs, pid))
			fputs(line, stdout);
	}
	return pclose(ps) == 0 ? 0 : error_set(err, "%.200s failed", command);
}

int command_ps(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	err->text[0] = 0;
	bool json = wants_json(options, err);
	_cleanup_free_ char *procs = malloc(PROCS_MAX);
	int done = err->text[0] || !procs
			   ? -1
			   : state_open(options->root, options->words[0], false, &state, err);
	_cleanup_close_ int group = done < 0 ? -1 : container_cgroup(&state, err);
	state_close(&state);
	if (group < 0 || file_read(group, "cgroup.procs", procs, PROCS_MAX, err) < 0)
		return -1;
	if (!json)
		return print_table(options, procs, err);
	putchar('[');
	bool first = true;
	for (char *rest = procs, *line; (line = strsep(&rest, "\n"));)
		if (*line) {
			printf("%s%s", first ? "" : ",", line);
			first = false;
		}
	puts("]");
	return 0;
}
