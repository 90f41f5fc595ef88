// SPDX-License-Identifier: Apache-2.0
/* `exec`: another process in a running container. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/capabilities.h"
#include "runtime/cgroup.h"
#include "runtime/join.h"
#include "runtime/label.h"
#include "runtime/oci/commands.h"
#include "runtime/passwd.h"
#include "runtime/terminal.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The process object is read into the arena of the container's configuration. */
static int read_process(const char *path, struct oci_config *config, struct process_spec *out,
			struct error *err)
{
	_cleanup_free_ char *text = malloc(CONFIG_TEXT_MAX);
	ssize_t size = text ? file_read(AT_FDCWD, path, text, CONFIG_TEXT_MAX, err) : -1;
	return size < 0 ? -1 : oci_process_parse(config, path, text, (size_t)size, out, err);
}

/* "UID[:GID]": numbers only, for names are the image's (CVE-2026-30892). */
static int set_user(const char *text, struct process_spec *out, struct error *err)
{
	char copy[64];
	if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
		return error_set(err, "--user is over-long");
	char *group = strchr(copy, ':');
	unsigned uid, gid = out->gid;
	if (group)
		*group++ = 0;
	if (!passwd_number(copy, &uid) || (group && !passwd_number(group, &gid)))
		return error_set(err, "--user \"%.60s\" is not UID[:GID] in numbers", text);
	out->uid = uid;
	out->gid = gid;
	return 0;
}

static int add_groups(const struct runtime_options *options, struct oci_config *config,
		      struct process_spec *out, struct error *err)
{
	size_t count = options->groups.count;
	if (count == 0)
		return 0;
	gid_t *groups = arena_alloc(&config->arena, (out->group_count + count) * sizeof *groups);
	if (!groups)
		return error_set(err, "too many groups");
	if (out->group_count)
		memcpy(groups, out->groups, out->group_count * sizeof *groups);
	for (size_t i = 0; i < count; i++) {
		unsigned gid;
		if (!passwd_number(options->groups.items[i], &gid))
			return error_set(err, "--additional-gids \"%.40s\" is no number",
					 options->groups.items[i]);
		groups[out->group_count++] = gid;
	}
	out->groups = groups;
	return 0;
}

/* Into all sets, but the ambient one only with the inheritable. An unknown one is worth a warning, as
 * it is in config.json. */
static void add_capabilities(const struct runtime_options *options, struct process_spec *out)
{
	for (size_t i = 0; i < options->caps.count; i++) {
		int number = capability_number(options->caps.items[i]);
		if (number < 0) {
			oci_log("warning", "--cap: unknown capability %.40s is ignored",
				options->caps.items[i]);
			continue;
		}
		uint64_t bit = 1ULL << number;
		out->capabilities.bounding |= bit;
		out->capabilities.effective |= bit;
		out->capabilities.permitted |= bit;
		if (out->capabilities.inheritable)
			out->capabilities.ambient |= bit;
	}
}

static int set_labels(const struct runtime_options *options, struct process_spec *out,
		      struct error *err)
{
	if (options->apparmor && !label_has_apparmor())
		return error_set(err, "--apparmor: AppArmor is not enabled here");
	if (options->process_label && !label_has_selinux())
		return error_set(err, "--process-label: SELinux is not enabled here");
	if (options->apparmor)
		out->apparmor = options->apparmor;
	if (options->process_label)
		out->selinux = options->process_label;
	return 0;
}

/* The container's own process with what the options change. */
static int describe(const struct runtime_options *options, struct oci_config *config,
		    struct process_spec *out, struct error *err)
{
	*out = config->spec.process;
	out->scheduler.given = out->has_io_priority = false;
	out->args = (struct string_list){0};
	out->terminal = options->tty;
	if (options->word_count < 2)
		return error_set(err, "exec takes a command, or --process");
	for (int i = 1; i < options->word_count; i++)
		if (string_list_add(&out->args, &config->arena, options->words[i], err) < 0)
			return -1;
	if (string_list_extend(&out->env, &config->arena, &options->env, err) < 0)
		return -1;
	if (options->cwd)
		out->working_dir = options->cwd;
	if (options->user && set_user(options->user, out, err) < 0)
		return -1;
	out->no_new_privs |= options->no_new_privs;
	add_capabilities(options, out);
	return add_groups(options, config, out, err) < 0 ? -1 : set_labels(options, out, err);
}

static int build(const struct runtime_options *options, struct oci_config *config,
		 struct process_spec *out, struct error *err)
{
	*out = (struct process_spec){0};
	int done = options->process ? read_process(options->process, config, out, err)
				    : describe(options, config, out, err);
	out->seccomp = config->spec.process.seccomp;
	out->terminal |= options->tty;
	if (out->terminal && options->detach && !options->console_socket)
		return error_set(err, "a detached process with a terminal needs --console-socket");
	out->preserve_fds = options->preserved;
	return done;
}

/* Where the container's first process is: an init system moves itself further down. */
static int first_group(int hierarchy, pid_t pid)
{
	char path[64], text[PATH_MAX], *line = NULL, *rest = text;
	snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
	if (file_read(AT_FDCWD, path, text, sizeof text, NULL) < 0)
		return -1;
	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, "0::/", 4) == 0)
			return cgroup_open(hierarchy, line + 3, NULL);
	return -1;
}

/* The container's group, or the one below it that is asked for. */
static int find_groups(const struct state *state, const char *below, struct join_target *target,
		       struct error *err)
{
	if (!state->cgroup_path)
		return 0;
	_cleanup_close_ int hierarchy = cgroup_hierarchy(err);
	_cleanup_close_ int own =
		hierarchy < 0 ? -1 : cgroup_open(hierarchy, state->cgroup_path, err);
	if (own < 0)
		return -1;
	if (!below) {
		target->spare_cgroup_fd = first_group(hierarchy, state->pid);
		target->cgroup_fd = steal_fd(&own);
		return 0;
	}
	target->cgroup_fd = cgroup_open(own, below, err);
	if (target->cgroup_fd < 0 && err->code == EXDEV)
		error_set(err, "--cgroup: %.200s is not a sub cgroup path", below);
	return target->cgroup_fd < 0 ? error_context(err, "exec in container %s", state->id) : 0;
}

struct execution {
	struct oci_config config;
	struct process_spec process;
	struct join_target target;
	struct container started;
	int own; /* our end of the console socket, or -1 */
};

static int open_console(struct execution *exec, const struct runtime_options *options,
			struct error *err)
{
	int ends[2];
	exec->own = exec->target.console = -1;
	if (!exec->process.terminal)
		return 0;
	if (options->console_socket) {
		exec->target.console = connect_socket(options->console_socket, err);
		return exec->target.console < 0 ? -1 : 0;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_errno(err, errno, "make a socket pair for the terminal");
	exec->target.console = ends[0];
	exec->own = ends[1];
	exec->process.plain_lines = !isatty(STDOUT_FILENO);
	return 0;
}

static int prepare(struct execution *exec, const struct state *state,
		   const struct runtime_options *options, struct error *err)
{
	const struct seccomp_filter *filter = &exec->process.seccomp;
	exec->target = (struct join_target){.pid = state->pid, .seccomp_agent = -1,
					    .cgroup_fd = -1, .spare_cgroup_fd = -1,
					    .container = &exec->config.spec};
	exec->config.spec.id = state->id;
	exec->target.pidfd = state_pidfd(state);
	if (exec->target.pidfd < 0)
		return error_set(err, "container %s is not running", state->id);
	if (find_groups(state, options->cgroup, &exec->target, err) < 0)
		return -1;
	if (filter->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		exec->target.seccomp_agent = connect_agent(filter->listener_path, err);
		if (exec->target.seccomp_agent < 0)
			return -1;
	}
	return open_console(exec, options, err);
}

static int await_program(struct execution *exec, struct error *err)
{
	int exit_status;
	int result = container_start_result(exec->started.status_fd, &exit_status, err);
	close(exec->started.status_fd);
	return result;
}

static int finish(struct execution *exec, const struct runtime_options *options,
		  struct error *err)
{
	_cleanup_close_ int master = -1;
	if (await_program(exec, err) < 0) {
		/* Unreaped it would hold up the end of the container's PID namespace. */
		while (waitpid(exec->started.pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		return -1;
	}
	if (options->pid_file && write_pid_file(options->pid_file, exec->started.pid, err) < 0)
		return -1;
	if (options->detach)
		return 0;
	if (exec->own >= 0) {
		master = terminal_receive(exec->own, err);
		if (master < 0)
			return -1;
	}
	return foreground_wait(exec->started.pid, exec->started.pidfd, master, -1, err);
}

static int execute(struct execution *exec, const struct state *state,
		   const struct runtime_options *options, struct error *err)
{
	enum status status = state_status(state);
	if (status == STATUS_PAUSED && !options->ignore_paused)
		return error_set(err, "cannot exec in a paused container: resume %s first, or give "
				      "--ignore-paused", state->id);
	if (status == STATUS_STOPPED)
		return error_set(err, "cannot exec in container %s, which is %s", state->id,
				 status_name(status));
	if (state_config(state, &exec->config, err) < 0 ||
	    build(options, &exec->config, &exec->process, err) < 0 ||
	    prepare(exec, state, options, err) < 0)
		return -1;
	if (join_start(&exec->process, &exec->target, &exec->started, err) < 0)
		return -1;
	cleanup_close_fd(&exec->target.console);
	return finish(exec, options, err);
}

int command_exec(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	static struct execution exec;
	int done = state_open(options->root, options->words[0], false, &state, err);
	if (done == 0)
		done = execute(&exec, &state, options, err);
	oci_config_free(&exec.config);
	state_close(&state);
	return done;
}
