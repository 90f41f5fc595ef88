// SPDX-License-Identifier: Apache-2.0
/* `kill`, `delete`, `pause` and `resume`. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/cgroup.h"
#include "runtime/container.h"
#include "runtime/hooks.h"
#include "runtime/oci/commands.h"

#include <errno.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <string.h>

enum { DEATH_MS = 10000, PROCS_MAX = 1024 * 1024 };

int container_cgroup(const struct state *state, struct error *err)
{
	if (!state->cgroup_path)
		return error_set(err, "container %s has no cgroup of its own", state->id);
	_cleanup_close_ int hierarchy = cgroup_hierarchy(err);
	return hierarchy < 0 ? -1 : cgroup_open(hierarchy, state->cgroup_path, err);
}

/* Its failure does not hold the deletion up ("Lifecycle", step 13). */
static void run_poststop(const struct state *state)
{
	struct oci_config config;
	struct error err = ERROR_INIT;
	_cleanup_free_ char *text = state_json(state, STATUS_STOPPED, STATE_PLAIN);
	if (state_config(state, &config, &err) == 0 && text)
		for (size_t i = 0; i < config.poststop.count; i++) {
			const struct hook_list one = {&config.poststop.items[i], 1};
			if (hooks_run(&one, "poststop", text, &err) < 0)
				oci_log("warning", "%s", err.text);
		}
	oci_config_free(&config);
}

static int end_processes(const struct state *state, struct error *err)
{
	_cleanup_close_ int pidfd = state_pidfd(state);
	_cleanup_close_ int group = container_cgroup(state, NULL);
	if (pidfd >= 0)
		sys_pidfd_send_signal(pidfd, SIGKILL);
	if (group >= 0)
		cgroup_kill(group, NULL);
	if (pidfd < 0)
		return 0;
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	if (poll(&ended, 1, DEATH_MS) <= 0)
		return error_set(err, "container %s still lives %d s after it was killed",
				 state->id, DEATH_MS / 1000);
	return 0;
}

int delete_container(struct state *state, struct error *err)
{
	if (end_processes(state, err) < 0)
		return -1;
	_cleanup_close_ int hierarchy = state->cgroup_path ? cgroup_hierarchy(NULL) : -1;
	if (hierarchy >= 0 && cgroup_remove_tree(hierarchy, state->cgroup_path, err) < 0)
		return -1;
	run_poststop(state);
	return state_remove(state, err);
}

static int delete_one(const struct runtime_options *options, const char *id, struct error *err)
{
	struct state state = STATE_INIT;
	struct error why = ERROR_INIT;
	int done = state_open(options->root, id, true, &state, &why);
	if (done < 0) {
		state_close(&state);
		if (why.code == ENOENT && options->force)
			return 0;
		*err = why;
		return -1;
	}
	enum status status = state_status(&state);
	/* Engines delete what they have created and never started: as crun and runc, it is ended. */
	if (status != STATUS_STOPPED && status != STATUS_CREATED && !options->force)
		done = error_set(err, "cannot delete container %s that is not stopped: it is %s "
				      "(--force kills it first)", state.id, status_name(status));
	else
		done = delete_container(&state, err);
	state_close(&state);
	return done;
}

/* All whose ID matches. The first that cannot be deleted is the error; the others are tried too. */
static int delete_matching(const struct runtime_options *options, struct error *err)
{
	regex_t pattern;
	const char *text = options->words[0];
	if (regcomp(&pattern, text, REG_EXTENDED | REG_NOSUB) != 0)
		return error_set(err, "\"%.80s\" is no regular expression", text);
	int done = 0;
	_cleanup_closedir_ DIR *dir = opendir(options->root);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		struct error why = ERROR_INIT;
		if (entry->d_name[0] == '.' || regexec(&pattern, entry->d_name, 0, NULL, 0) != 0 ||
		    delete_one(options, entry->d_name, &why) == 0)
			continue;
		if (done == 0)
			*err = why;
		done = -1;
	}
	regfree(&pattern);
	return done;
}

int command_delete(const struct runtime_options *options, struct error *err)
{
	return options->regex ? delete_matching(options, err)
			      : delete_one(options, options->words[0], err);
}

static int signal_all(const struct state *state, int signal, struct error *err)
{
	_cleanup_close_ int group = container_cgroup(state, err);
	if (group < 0)
		return -1;
	if (signal == SIGKILL)
		return cgroup_kill(group, err);
	_cleanup_free_ char *text = malloc(PROCS_MAX);
	if (!text || cgroup_processes(group, text, PROCS_MAX, err) < 0)
		return -1;
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
		pid_t pid = (pid_t)strtol(line, NULL, 10);
		if (pid > 0 && kill(pid, signal) < 0 && errno != ESRCH)
			return error_errno(err, errno, "send signal %d to process %d", signal, pid);
	}
	return 0;
}

static int signal_first(const struct state *state, int signal, struct error *err)
{
	_cleanup_close_ int pidfd = state_pidfd(state);
	if (pidfd < 0)
		return error_set(err, "container %s not running", state->id);
	if (sys_pidfd_send_signal(pidfd, signal) < 0)
		return error_errno(err, errno, "send signal %d to container %s", signal, state->id);
	/* Without a PID namespace of its own the others do not die with the first. */
	struct oci_config config;
	_cleanup_close_ int group = container_cgroup(state, NULL);
	if (signal == SIGKILL && group >= 0 && state_config(state, &config, NULL) == 0) {
		if (!(config.spec.namespaces & CLONE_NEWPID))
			cgroup_kill(group, NULL);
		oci_config_free(&config);
	}
	return 0;
}

int command_kill(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	const char *name = options->word_count > 1 ? options->words[1] : "TERM";
	/* 0 only asks whether there is somebody to send one to. */
	int signal = strcmp(name, "0") == 0 ? 0 : container_signal_number(name);
	if (signal < 0)
		return error_set(err, "unknown signal \"%.40s\"", name);
	int done = state_open(options->root, options->words[0], false, &state, err);
	if (done == 0)
		done = options->all ? signal_all(&state, signal, err)
				    : signal_first(&state, signal, err);
	state_close(&state);
	return done;
}

static int freeze(const struct runtime_options *options, bool pause, struct error *err)
{
	struct state state = STATE_INIT;
	int done = state_open(options->root, options->words[0], true, &state, err);
	if (done == 0) {
		enum status status = state_status(&state);
		bool right = pause ? status == STATUS_RUNNING || status == STATUS_CREATED
				   : status == STATUS_PAUSED;
		_cleanup_close_ int group = container_cgroup(&state, err);
		done = group < 0 ? -1
		       : right   ? cgroup_freeze(group, pause, err)
				 : error_set(err, "cannot %s container %s, which is %s",
					     pause ? "pause" : "resume", state.id,
					     status_name(status));
	}
	state_close(&state);
	return done;
}

int command_pause(const struct runtime_options *options, struct error *err)
{
	return freeze(options, true, err);
}

int command_resume(const struct runtime_options *options, struct error *err)
{
	return freeze(options, false, err);
}
