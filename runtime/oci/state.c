// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/state.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum { STATE_MAX = 1024 * 1024, STATE_ARENA = 4 * STATE_MAX, ID_MAX = 255 };

const char *status_name(enum status status)
{
	static const char *const NAMES[] = {"creating", "created", "running", "paused", "stopped"};
	return NAMES[status];
}

int state_check_id(const char *id, struct error *err)
{
	size_t length = strlen(id);
	if (length == 0 || length > ID_MAX || *id == '.' ||
	    strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-") !=
		    length)
		return error_set(err, "invalid character in, or length of, container ID \"%.80s\": "
				      "[A-Za-z0-9_+.-]{1,%d}, and no . at the beginning", id, ID_MAX);
	return 0;
}

static int begin(const char *root, const char *id, struct state *state, struct error *err)
{
	*state = (struct state){.dir_fd = -1, .root = root, .block = malloc(STATE_ARENA)};
	if (!state->block)
		return error_errno(err, ENOMEM, "container %s", id);
	arena_init(&state->arena, state->block, STATE_ARENA);
	state->id = arena_strdup(&state->arena, id);
	return state_check_id(id, err);
}

static int open_directory(const char *root, const char *id, struct error *err)
{
	char path[PATH_MAX];
	if ((size_t)snprintf(path, sizeof path, "%s/%s", root, id) >= sizeof path)
		return error_errno(err, ENAMETOOLONG, "container %s", id);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open the state of container %s", id) : fd;
}

int state_create(const char *root, const char *id, struct state *state, struct error *err)
{
	char path[PATH_MAX];
	if (begin(root, id, state, err) < 0 || make_directories(root, 0700, err) < 0)
		return -1;
	if ((size_t)snprintf(path, sizeof path, "%s/%s", root, id) >= sizeof path)
		return error_errno(err, ENAMETOOLONG, "container %s", id);
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST
			       ? error_errno(err, EEXIST, "container with id %s already exists", id)
			       : error_errno(err, errno, "create %s", path);
	state->dir_fd = open_directory(root, id, err);
	if (state->dir_fd < 0 || flock(state->dir_fd, LOCK_EX) < 0)
		return -1;
	return 0;
}

/* 0 when missing; a number that does not fit is not cut to one that does. */
static uint64_t number(struct oci_reader *reader, yyjson_val *object, const char *key,
		       uint64_t most)
{
	uint64_t value = 0;
	oci_u64(reader, object, key, &value);
	if (value > most)
		oci_problem(reader, "%s is out of range", key);
	return value;
}

int state_parse(struct state *state, const char *text, size_t size, struct error *err)
{
	struct json json;
	if (json_open(&json, "state.json", text, size, STATE_ARENA, err) < 0) {
		json_close(&json);
		return -1;
	}
	yyjson_val *root = json_root(&json);
	struct oci_reader reader = {.arena = &state->arena, .err = err};
	state->bundle = oci_needed_text(&reader, root, "bundle");
	state->root_path = oci_needed_text(&reader, root, "rootfs");
	state->created = oci_needed_text(&reader, root, "created");
	state->version = oci_needed_text(&reader, root, "ociVersion");
	state->cgroup_path = oci_text(&reader, root, "cgroup");
	yyjson_val *annotations = oci_object(&reader, root, "annotations");
	state->annotations = annotations ? oci_json(&reader, annotations) : NULL;
	state->user_namespace = oci_bool(&reader, root, "userNamespace");
	state->pid = (pid_t)number(&reader, root, "pid", INT32_MAX);
	state->start_ticks = number(&reader, root, "startTicks", UINT64_MAX);
	state->owner = (uid_t)number(&reader, root, "owner", UINT32_MAX);
	json_close(&json);
	return reader.bad ? -1 : 0;
}

int state_open(const char *root, const char *id, bool lock, struct state *state,
	       struct error *err)
{
	if (begin(root, id, state, err) < 0)
		return -1;
	state->dir_fd = open_directory(root, id, err);
	if (state->dir_fd < 0)
		return errno == ENOENT ? error_errno(err, ENOENT, "container %s does not exist", id)
				       : -1;
	if (lock && flock(state->dir_fd, LOCK_EX) < 0)
		return error_errno(err, errno, "lock container %s", id);
	_cleanup_free_ char *text = malloc(STATE_MAX);
	ssize_t size = text ? file_read(state->dir_fd, "state.json", text, STATE_MAX, err) : -1;
	/* Whoever created it died before it could write: there is a name and no more. */
	if (size < 0 && err && err->code == ENOENT) {
		state->bundle = state->root_path = state->created = state->version = (char *)"";
		return 0;
	}
	return size < 0 ? -1 : state_parse(state, text, (size_t)size, err);
}

char *state_text(const struct state *state)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "ociVersion", state->version);
	yyjson_mut_obj_add_str(doc, root, "id", state->id);
	yyjson_mut_obj_add_str(doc, root, "bundle", state->bundle);
	yyjson_mut_obj_add_str(doc, root, "rootfs", state->root_path);
	yyjson_mut_obj_add_str(doc, root, "created", state->created);
	if (state->cgroup_path)
		yyjson_mut_obj_add_str(doc, root, "cgroup", state->cgroup_path);
	if (state->annotations)
		yyjson_mut_obj_add_val(doc, root, "annotations",
				       yyjson_mut_raw(doc, state->annotations));
	yyjson_mut_obj_add_bool(doc, root, "userNamespace", state->user_namespace);
	yyjson_mut_obj_add_uint(doc, root, "pid", (uint64_t)state->pid);
	yyjson_mut_obj_add_uint(doc, root, "startTicks", state->start_ticks);
	yyjson_mut_obj_add_uint(doc, root, "owner", state->owner);
	char *text = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}

int state_save(struct state *state, struct error *err)
{
	_cleanup_free_ char *text = state_text(state);
	if (!text)
		return error_errno(err, ENOMEM, "write the state of container %s", state->id);
	if (file_write(state->dir_fd, "state.json.new", text, strlen(text), 0600, err) < 0)
		return -1;
	if (renameat(state->dir_fd, "state.json.new", state->dir_fd, "state.json") < 0)
		return error_errno(err, errno, "write the state of container %s", state->id);
	return 0;
}

int state_remove(struct state *state, struct error *err)
{
	static const char *const FILES[] = {"start", "config.json", "notify/notify.sock",
					   "state.json.new", "state.json"};
	char path[PATH_MAX];
	for (size_t i = 0; i < countof(FILES); i++)
		if (unlinkat(state->dir_fd, FILES[i], 0) < 0 && errno != ENOENT)
			return error_errno(err, errno, "remove %s of container %s", FILES[i],
					   state->id);
	if (unlinkat(state->dir_fd, "notify", AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove notify of container %s", state->id);
	snprintf(path, sizeof path, "%s/%s", state->root, state->id);
	if (rmdir(path) < 0 && errno != ENOENT)
		return error_errno(err, errno, "remove %s", path);
	return 0;
}

void state_close(struct state *state)
{
	cleanup_close_fd(&state->dir_fd);
	state->dir_fd = -1;
	free(state->block);
	state->block = NULL;
}

uint64_t process_start_ticks(pid_t pid)
{
	char path[64], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (file_read(AT_FDCWD, path, text, sizeof text, NULL) < 0)
		return 0;
	/* The name in parentheses may have anything in it; field 22 is the 20th after it. */
	char *rest = strrchr(text, ')');
	if (!rest || rest[1] != ' ' || rest[2] == 'Z' || rest[2] == 'X')
		return 0;
	rest += 2;
	for (int field = 3; field < 22 && rest; field++)
		if ((rest = strchr(rest, ' ')))
			rest++;
	return rest ? strtoull(rest, NULL, 10) : 0;
}

int state_pidfd(const struct state *state)
{
	if (state->pid <= 0)
		return -1;
	_cleanup_close_ int fd = sys_pidfd_open(state->pid, 0);
	/* Only after it is open does the time prove that it is the one. */
	if (fd < 0 || process_start_ticks(state->pid) != state->start_ticks)
		return -1;
	return steal_fd(&fd);
}

static bool paused(const struct state *state)
{
	_cleanup_close_ int hierarchy = state->cgroup_path ? cgroup_hierarchy(NULL) : -1;
	_cleanup_close_ int group =
		hierarchy < 0 ? -1 : cgroup_open(hierarchy, state->cgroup_path, NULL);
	return group >= 0 && cgroup_frozen(group);
}

/* Between the clone and the first save somebody else holds the lock. */
static bool being_created(const struct state *state)
{
	if (state->pid != 0 || flock(state->dir_fd, LOCK_EX | LOCK_NB) == 0)
		return false;
	return errno == EWOULDBLOCK;
}

enum status state_status(const struct state *state)
{
	_cleanup_close_ int pidfd = state_pidfd(state);
	if (pidfd < 0)
		return being_created(state) ? STATUS_CREATING : STATUS_STOPPED;
	if (paused(state))
		return STATUS_PAUSED;
	/* Created is who still listens for the start: execve closes the socket. */
	_cleanup_close_ int connection = state_connect_start(state, NULL);
	return connection >= 0 ? STATUS_CREATED : STATUS_RUNNING;
}

int state_config(const struct state *state, struct oci_config *config, struct error *err)
{
	_cleanup_free_ char *text = malloc(CONFIG_TEXT_MAX);
	ssize_t size =
		text ? file_read(state->dir_fd, "config.json", text, CONFIG_TEXT_MAX, err) : -1;
	*config = (struct oci_config){0};
	return size < 0 ? -1
			: oci_config_parse(config, state->bundle, text, (size_t)size, err);
}

char *state_json(const struct state *state, enum status status, enum state_form form)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "ociVersion", state->version);
	yyjson_mut_obj_add_str(doc, root, "id", state->id);
	yyjson_mut_obj_add_uint(doc, root, "pid",
				status == STATUS_STOPPED ? 0 : (uint64_t)state->pid);
	yyjson_mut_obj_add_str(doc, root, "status", status_name(status));
	yyjson_mut_obj_add_str(doc, root, "bundle", state->bundle);
	if (form != STATE_PLAIN) {
		yyjson_mut_obj_add_str(doc, root, "rootfs", state->root_path);
		yyjson_mut_obj_add_str(doc, root, "created", state->created);
		yyjson_mut_obj_add_str(doc, root, "owner", state->owner ? "" : "root");
	}
	if (state->annotations)
		yyjson_mut_obj_add_val(doc, root, "annotations",
				       yyjson_mut_raw(doc, state->annotations));
	char *text = yyjson_mut_write(
		doc, form == STATE_PRETTY ? YYJSON_WRITE_PRETTY_TWO_SPACES : 0, NULL);
	yyjson_mut_doc_free(doc);
	return text;
}
