// SPDX-License-Identifier: Apache-2.0
/* `state`, `list` and `ps`. */
#include "lib/cleanup.h"
#include "runtime/cgroup.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

enum { PROCS_MAX = 1024 * 1024, LINE_MAX_BYTES = 4096, PS_WORDS_MAX = 32 };

int command_state(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	int done = state_open(options->root, options->words[0], false, &state, err);
	_cleanup_free_ char *text =
		done < 0 ? NULL : state_json(&state, state_status(&state), STATE_PRETTY);
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
		_cleanup_free_ char *text = state_json(state, status, STATE_FULL);
		printf("%s%s", first ? "" : ",", text ? text : "{}");
		return;
	}
	printf("%-24s %-10d %-10s %-40s %-32s %s\n", state->id,
	       status == STATUS_STOPPED ? 0 : state->pid, status_name(status), state->bundle,
	       state->created, state->owner ? "" : "root");
}

/* False when there was nothing to print. */
static bool list_one(const struct runtime_options *options, const char *id, bool json, bool first)
{
	struct state state = STATE_INIT;
	struct error ignored = ERROR_INIT;
	if (id[0] == '.')
		return false;
	bool there = state_open(options->root, id, false, &state, &ignored) == 0;
	if (there)
		print_entry(&state, options->quiet, json, first);
	else if (ignored.code != ENOENT)
		oci_log("warning", "%s", ignored.text);
	state_close(&state);
	return there;
}

int command_list(const struct runtime_options *options, struct error *err)
{
	err->text[0] = 0;
	bool json = wants_json(options, err), first = true;
	if (err->text[0])
		return -1;
	struct dirent **entries = NULL;
	int count = scandir(options->root, &entries, NULL, alphasort);
	if (json && !options->quiet)
		fputs("[", stdout);
	else if (!options->quiet)
		printf("%-24s %-10s %-10s %-40s %-32s %s\n", "ID", "PID", "STATUS", "BUNDLE",
		       "CREATED", "OWNER");
	for (int i = 0; i < count; i++) {
		first &= !list_one(options, entries[i]->d_name, json, first);
		free(entries[i]);
	}
	free(entries);
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

/* The host's ps and what it prints; no shell stands between. */
static FILE *start_ps(const struct runtime_options *options, pid_t *pid, struct error *err)
{
	char *words[PS_WORDS_MAX + 3] = {"ps", "-ef"};
	int ends[2];
	if (options->word_count > PS_WORDS_MAX) {
		error_set(err, "more than %d options of ps", PS_WORDS_MAX);
		return NULL;
	}
	for (int i = 1; i < options->word_count; i++)
		words[i] = (char *)options->words[i];
	if (pipe2(ends, O_CLOEXEC) < 0 || (*pid = fork()) < 0) {
		error_errno(err, errno, "start ps");
		return NULL;
	}
	if (*pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execvp("ps", words);
		_exit(127);
	}
	close(ends[1]);
	FILE *lines = fdopen(ends[0], "r");
	if (!lines)
		error_errno(err, errno, "read from ps");
	return lines;
}

/* The field of a line, from 0; NULL when it has fewer. The line is taken apart. */
static const char *field_of(char *line, int index)
{
	const char *field;
	while ((field = strsep(&line, " \n")))
		if (*field && index-- == 0)
			return field;
	return NULL;
}

static int column_of_pid(const char *head)
{
	char copy[LINE_MAX_BYTES];
	const char *field;
	for (int i = 0;; i++) {
		snprintf(copy, sizeof copy, "%s", head);
		field = field_of(copy, i);
		if (!field || strcmp(field, "PID") == 0)
			return field ? i : -1;
	}
}

/* The head, and the lines about the container's processes. */
static void filter_lines(FILE *lines, const char *procs)
{
	char line[LINE_MAX_BYTES], copy[LINE_MAX_BYTES];
	if (!fgets(line, sizeof line, lines))
		return;
	int column = column_of_pid(line);
	fputs(line, stdout);
	while (fgets(line, sizeof line, lines)) { /* to the end: ps must not wait for us */
		memcpy(copy, line, sizeof copy);
		const char *pid = column < 0 ? NULL : field_of(copy, column);
		if (pid && is_member(procs, strtol(pid, NULL, 10)))
			fputs(line, stdout);
	}
}

static int print_table(const struct runtime_options *options, const char *procs, struct error *err)
{
	pid_t pid = -1;
	int status = 0;
	_cleanup_fclose_ FILE *lines = start_ps(options, &pid, err);
	if (!lines)
		return -1;
	filter_lines(lines, procs);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : error_set(err, "ps failed; --format json needs none");
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
	if (group < 0 || cgroup_processes(group, procs, PROCS_MAX, err) < 0)
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
