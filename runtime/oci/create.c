// SPDX-License-Identifier: Apache-2.0
/* `create`: everything up to the container's program, which then waits for `start`. */
#include "runtime/oci/create.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/frame.h"
#include "lib/syscalls.h"
#include "runtime/attributes.h"
#include "runtime/cgroup.h"
#include "runtime/child.h"
#include "runtime/hooks.h"
#include "runtime/namespaces.h"
#include "runtime/net_devices.h"
#include "runtime/oci/notify.h"
#include "runtime/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static int read_bundle(struct create *create, const struct runtime_options *options,
		       struct error *err)
{
	const char *bundle = options->bundle;
	const char *file = options->config ? options->config : "config.json";
	_cleanup_free_ char *text = malloc(CONFIG_TEXT_MAX);
	if (bundle && chdir(bundle) < 0)
		return error_errno(err, errno, "enter the bundle %s", bundle);
	if (!getcwd(create->bundle, sizeof create->bundle))
		return error_errno(err, errno, "find the bundle's path");
	ssize_t size = text ? file_read(AT_FDCWD, file, text, CONFIG_TEXT_MAX, err) : -1;
	if (size < 0)
		return -1;
	if (oci_config_parse(&create->config, create->bundle, text, (size_t)size, err) < 0)
		return -1;
	if (!create->config.has_process)
		return error_set(err, "config.json: process is missing");
	create->text_size = (size_t)size;
	create->text = steal_pointer(&text);
	return 0;
}

static int check_terminal(const struct create *create, struct error *err)
{
	const struct process_spec *process = &create->config.spec.process;
	if (process->terminal && create->console < 0)
		return error_set(err, "process.terminal is set: --console-socket is needed to hand "
				      "the terminal over");
	if (!process->terminal && create->console >= 0 && !create->own_terminal)
		return error_set(err, "--console-socket is given, but process.terminal is not set");
	return 0;
}

static void now_text(char out[40])
{
	struct timespec now;
	struct tm parts;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	size_t used = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out + used, 40 - used, ".%09ldZ", now.tv_nsec);
}

static int begin_state(struct create *create, const char *root, const char *id, struct error *err)
{
	struct state *state = &create->state;
	char created[40];
	if (state_create(root, id, state, err) < 0)
		return -1;
	now_text(created);
	create->has_state = true;
	state->bundle = create->bundle;
	state->root_path = (char *)(uintptr_t)create->config.spec.root_path;
	state->created = arena_strdup(&state->arena, created);
	state->version = (char *)(uintptr_t)create->config.version;
	state->annotations = (char *)(uintptr_t)create->config.annotations;
	state->owner = geteuid();
	state->user_namespace = namespaces_new_user(&create->config.spec);
	if (file_write(state->dir_fd, "config.json", create->text, create->text_size, 0600, err) < 0)
		return -1;
	return state_save(state, err);
}

static const char *choose_cgroup(struct create *create)
{
	const char *path = create->config.spec.cgroup_path;
	struct arena *arena = &create->state.arena;
	if (path && *path == '/')
		return path;
	return arena_printf(arena, "/berth-runtime/%s", path && *path ? path : create->state.id);
}

/* Without a hierarchy a container without limits can still be: the group is then the caller's. */
static int make_cgroup(struct create *create, bool disabled, struct error *err)
{
	struct resources *resources = &create->config.spec.resources;
	struct error why = ERROR_INIT;
	if (disabled)
		return 0;
	_cleanup_close_ int hierarchy = cgroup_hierarchy(&why);
	if (hierarchy < 0)
		return resources->setting_count ? error_set(err, "%s", why.text) : 0;
	const char *path = choose_cgroup(create);
	if (!path || !path[strspn(path, "/")])
		return error_set(err, "linux.cgroupsPath \"%s\" is the hierarchy's root",
				 path ? path : "");
	create->cgroup_fd = cgroup_make(hierarchy, path, err);
	if (create->cgroup_fd < 0)
		return -1;
	/* At the end everything in it is killed. */
	if (cgroup_event(create->cgroup_fd, "cgroup.events", "populated"))
		return error_set(err, "cgroup %s has processes already", path);
	/* The first process would stop before it could say a word. */
	if (cgroup_frozen(create->cgroup_fd))
		return error_set(err, "container's cgroup unexpectedly frozen: thaw %s first", path);
	create->state.cgroup_path = (char *)(uintptr_t)path;
	/* The default rules hold also where none are given. */
	resources->has_devices = true;
	return cgroup_apply(create->cgroup_fd, resources, err);
}

static int find_agent(struct create *create, struct error *err)
{
	const struct seccomp_filter *filter = &create->config.spec.process.seccomp;
	if (!(filter->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return 0;
	create->agent = connect_agent(filter->listener_path, err);
	return create->agent < 0 ? -1 : 0;
}

/* The rest of the state's JSON behind "pid", for hooks and agents. */
static int describe(struct create *create, struct error *err)
{
	struct oci_reader reader = {.arena = &create->state.arena, .err = err};
	const char *bundle = oci_escape(&reader, create->bundle);
	create->config.spec.hook_state =
		bundle ? arena_printf(&create->state.arena, ",\"bundle\":\"%s\",\"annotations\":%s}",
				      bundle, create->config.annotations)
		       : NULL;
	return create->config.spec.hook_state ? 0 : error_set(err, "no memory for the state");
}

/* The answer to a process in a new user namespace: all that needs the host's privileges. */
static int give_maps(struct create *create, struct error *err)
{
	const struct container_spec *spec = &create->config.spec;
	pid_t pid = create->container.pid;
	char text[16];
	snprintf(text, sizeof text, "%d", pid);
	if (namespaces_new_user(spec) && namespaces_write_maps(&spec->maps, pid, err) < 0)
		return -1;
	if (spec->has_time_offsets && namespaces_write_offsets(spec, text, err) < 0)
		return -1;
	if (attributes_apply(&spec->process, pid, err) < 0 ||
	    attributes_lift_limits(&spec->process, pid, err) < 0)
		return -1;
	return sync_send(create->container.status_fd, SYNC_GO, err);
}

static int run_hooks(struct create *create, struct error *err)
{
	const struct oci_config *config = &create->config;
	pid_t pid = create->container.pid;
	/* For prestart, which is older than the state, it was always this one. */
	_cleanup_free_ char *before = hooks_state(&config->spec, "created", pid);
	_cleanup_free_ char *state = hooks_state(&config->spec, "creating", pid);
	if (!before || !state)
		return error_errno(err, ENOMEM, "describe the container to its hooks");
	if (hooks_run(&config->prestart, "prestart", before, err) < 0 ||
	    hooks_run(&config->create_runtime, "createRuntime", state, err) < 0)
		return -1;
	return sync_send(create->container.status_fd, SYNC_GO, err);
}

/* Answers the starting process until it is created. */
static int attend(struct create *create, struct error *err)
{
	uint8_t storage[CHILD_REPORT_MAX];
	struct frame frame;
	for (;;) {
		int fd = create->container.status_fd;
		int got = frame_receive(fd, &frame, storage, sizeof storage, err);
		if (got < 0)
			return -1;
		if (got == 0)
			return error_set(err, "the container's first process ended while it was "
					      "being set up (killed, or out of memory?)");
		if (frame.type == SYNC_CREATED)
			return 0;
		if (frame.type == SYNC_WANTS_MAPS ? give_maps(create, err) < 0
		    : frame.type == SYNC_ROOT_BUILT
			    ? run_hooks(create, err) < 0
			    : child_report_decode(&frame, &create->exit_status, err) < 0)
			return -1;
	}
}

static int give_devices(struct create *create, struct error *err)
{
	const struct container_spec *spec = &create->config.spec;
	char path[64];
	if (!spec->net_devices.count)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/ns/net", create->container.pid);
	/* One that is joined the process may not be in yet. */
	_cleanup_close_ int made =
		spec->join[NAMESPACE_NETWORK] < 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int fd = made < 0 ? spec->join[NAMESPACE_NETWORK] : made;
	return fd < 0 ? error_errno(err, errno, "open %s", path)
		      : net_devices_move(&spec->net_devices, fd, err);
}

static int launch(struct create *create, struct error *err)
{
	struct container_spec *spec = &create->config.spec;
	const struct start_links links = {
		.cgroup_fd = create->cgroup_fd, .root_fd = create->sources.root_fd,
		.sources = create->sources.mounts, .nodes = create->sources.nodes,
		.own_masks = true, .listener = create->listener,
		.console = create->console, .seccomp_agent = create->agent,
	};
	spec->id = create->state.id;
	spec->await_start = true;
	spec->parent_hooks = create->config.prestart.count || create->config.create_runtime.count;
	if (container_start_with(spec, &links, &create->container, err) < 0)
		return -1;
	create->state.pid = create->container.pid;
	create->state.start_ticks = process_start_ticks(create->container.pid);
	if (state_save(&create->state, err) < 0 || give_devices(create, err) < 0)
		return -1;
	return attend(create, err);
}

/* Sockets of socket activation: sd_listen_fds(3) inside finds them. */
static int pass_activation(struct create *create, struct error *err)
{
	const char *count = getenv("LISTEN_FDS"), *names = getenv("LISTEN_FDNAMES");
	struct string_list *env = &create->config.spec.process.env;
	struct arena *arena = &create->config.arena;
	char entry[64];
	if (!count)
		return 0;
	snprintf(entry, sizeof entry, "LISTEN_FDS=%.20s", count);
	if (string_list_add(env, arena, entry, err) < 0 ||
	    string_list_add(env, arena, "LISTEN_PID=1", err) < 0)
		return -1;
	const char *text = names ? arena_printf(arena, "LISTEN_FDNAMES=%s", names) : NULL;
	return text ? string_list_add(env, arena, text, err) : 0;
}

static int create_all(struct create *create, const struct runtime_options *options,
		      struct error *err)
{
	struct container_spec *spec = &create->config.spec;
	if (read_bundle(create, options, err) < 0 || check_terminal(create, err) < 0)
		return -1;
	spec->process.preserve_fds = options->preserved;
	/* A file gets what the program writes; a terminal of the caller's makes line ends itself. */
	spec->process.plain_lines = create->own_terminal && !isatty(STDOUT_FILENO);
	spec->no_pivot = options->no_pivot;
	spec->keep_keyring = options->no_new_keyring;
	if (pass_activation(create, err) < 0)
		return -1;
	if (begin_state(create, options->root, options->words[0], err) < 0)
		return -1;
	if (notify_prepare(create, err) < 0)
		return -1;
	bool disabled = options->cgroup_manager && strcmp(options->cgroup_manager, "disabled") == 0;
	if (make_cgroup(create, disabled, err) < 0 ||
	    sources_open(&create->config, create->cgroup_fd, &create->sources, err) < 0 ||
	    find_agent(create, err) < 0 || describe(create, err) < 0)
		return -1;
	create->listener = state_listen_start(&create->state, err);
	if (create->listener < 0 || launch(create, err) < 0)
		return -1;
	return options->pid_file ? write_pid_file(options->pid_file, create->container.pid, err) : 0;
}

/* Nothing stays of a container that could not be created. */
static void undo(struct create *create)
{
	struct error ignored = ERROR_INIT;
	if (create->container.pidfd >= 0) {
		sys_pidfd_send_signal(create->container.pidfd, SIGKILL);
		while (waitpid(create->container.pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (create->has_state && delete_container(&create->state, &ignored) < 0)
		oci_log("warning", "%s", ignored.text);
}

int create_container(struct create *create, const struct runtime_options *options,
		     struct error *err)
{
	create->sources = (struct sources){.root_fd = -1};
	create->state = (struct state)STATE_INIT;
	create->container = (struct container){.pidfd = -1, .status_fd = -1, .cgroup_fd = -1};
	create->cgroup_fd = create->agent = create->listener = -1;
	create->exit_status = CONTAINER_SETUP_FAILED;
	int done = create_all(create, options, err);
	for (size_t i = 0; i < create->config.warnings.count; i++)
		oci_log("warning", "%s", create->config.warnings.items[i]);
	if (done < 0)
		undo(create);
	cleanup_close_fd(&create->listener);
	cleanup_close_fd(&create->agent);
	cleanup_close_fd(&create->cgroup_fd);
	cleanup_close_fd(&create->container.status_fd);
	if (create->sources.mounts)
		sources_close(&create->config, &create->sources);
	return done;
}

void create_close(struct create *create)
{
	cleanup_close_fd(&create->container.pidfd);
	state_close(&create->state);
	oci_config_free(&create->config);
	free(create->text);
}

int command_create(const struct runtime_options *options, struct error *err)
{
	struct create create = {.console = -1};
	if (options->console_socket) {
		create.console = connect_socket(options->console_socket, err);
		if (create.console < 0)
			return -1;
	}
	int done = create_container(&create, options, err);
	create_close(&create);
	return done;
}
