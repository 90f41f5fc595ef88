// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/binds.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define OVERLAY_PLACE "/run/berth/binds"
#define EMPTY_PLACE "/run/berth/empty"

enum way { WAY_UNKNOWN, WAY_DIRECT, WAY_PLAIN, WAY_OVERLAY };

static const uint64_t INSIDE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
static const char *const brought[] = {CARRIED_BINDS, VOLUME_BIND_FOLDER}; /* the first one wins */

/* Of all that lies beside the document: there is one machine. */
static struct {
	enum way way;
	bool mounted;
} beside;

static int no_room(struct error *err)
{
	return error_set(err, "the container's mounts are too large a description");
}

/* What has been brought along is nobody's to change: its links are those of whoever brought it. */
static const char *find_brought(const char *path)
{
	char name[PATH_MAX];
	for (size_t i = 0; i < countof(brought); i++) {
		snprintf(name, sizeof name, "%s/%s", brought[i], path);
		if (access(name, F_OK) == 0)
			return brought[i];
	}
	return NULL;
}

static const char *project_folder(const struct machine *machine, const char *store, const char *part,
				  struct arena *arena)
{
	return arena_printf(arena, "%s/binds/projects/%s/%s", store,
			    machine->project ? machine->project : "berth", part);
}

/* Whether somebody in the machine writes to it, or binds something that has to be made. */
static bool is_written(const struct container_config *config, struct arena *arena)
{
	struct volume_request request;
	for (size_t i = 0; i < config->volumes.count; i++)
		if (parse_volume(config->volumes.items[i], arena, &request, NULL) == 0 &&
		    request.bind == BIND_BESIDE && (!request.read_only || !find_brought(request.bound)))
			return true;
	return false;
}

/* Also what is only read has to be seen with what others write, or have written before. */
static enum way way_of_all(const struct machine *machine, const char *store, struct arena *arena)
{
	size_t used = arena->used;
	const char *data = project_folder(machine, store, "data", arena);
	bool written = !data || access(data, F_OK) == 0;
	for (unsigned i = 0; i < machine->container_count && !written; i++)
		written = is_written(machine->containers[i], arena);
	arena->used = used;
	return written ? WAY_OVERLAY : WAY_DIRECT;
}

/* The owners of an overlay cannot be mapped, nor those of an initramfs: that is for services with the
 * machine's users, whose folders must not be others' under an overlay. */
static enum way way_with_own_users(const struct volume_request *request, struct error *err)
{
	if (!find_brought(request->bound))
		return WAY_PLAIN;
	if (request->read_only)
		return WAY_DIRECT;
	error_set(err, "what is brought along can only be read where containers have users of their "
		       "own (x-berth.userns): bind it with :ro, and say userns_mode: host");
	return WAY_UNKNOWN;
}

/* 1: it is there; 0: it is not. */
static int look_for(int root, const char *path, struct error *err)
{
	_cleanup_close_ int fd = sys_openat2(root, *path ? path : ".", O_PATH, 0, INSIDE);
	if (fd >= 0)
		return 1;
	if (errno == ELOOP)
		return error_set(err, "a symbolic link is on the way to %s, and none is followed: containers "
				      "may have made it", path);
	return errno == ENOENT ? 0 : error_errno(err, errno, "look for %s", path);
}

static int step_into(int at, const char *name, struct error *err)
{
	if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "make the folder %s", name);
	int fd = sys_openat2(at, name, O_PATH | O_DIRECTORY, 0, INSIDE);
	return fd < 0 ? error_errno(err, errno, "open the folder %s", name) : fd;
}

/* The folder, and those that lead to it, where they are not there. */
static int make_within(const char *folder, const struct volume_request *request, struct error *err)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int there = at < 0 ? error_errno(err, errno, "open %s", folder)
			   : look_for(at, request->bound, err);
	if (there)
		return there < 0 ? -1 : 0;
	if (request->external)
		return error_set(err, "%s is not there, and is not to be made (create_host_path: false)",
				 request->bound);
	for (const char *path = request->bound; *path; path += *path == '/') {
		size_t length = strcspn(path, "/");
		if (length > NAME_MAX)
			return error_errno(err, ENAMETOOLONG, "make %.40s…", path);
		snprintf(name, sizeof name, "%.*s", (int)length, path);
		int next = step_into(at, name, err);
		if (next < 0)
			return -1;
		close(at);
		at = next;
		path += length;
	}
	return 0;
}

static int mount_overlay(const char *upper, const char *work, struct error *err)
{
	struct mount_option options[6] = {
		{"source", "binds"}, {"upperdir", upper}, {"workdir", work}};
	size_t count = 3;
	for (size_t i = 0; i < countof(brought); i++)
		if (access(brought[i], F_OK) == 0)
			options[count++] = (struct mount_option){"lowerdir+", brought[i]};
	if (count == 3)
		options[count] = (struct mount_option){"lowerdir+", EMPTY_PLACE};
	_cleanup_close_ int fd =
		mount_new("overlay", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	_cleanup_close_ int place = open(OVERLAY_PLACE, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || place < 0)
		return fd < 0 ? -1 : error_errno(err, errno, "open " OVERLAY_PLACE);
	return mount_attach(fd, place, OVERLAY_PLACE, err);
}

/* What the containers see of the whole folder begins as what was brought along. */
static int make_upper(const char *data, struct error *err)
{
	const char *like = find_brought(".");
	struct stat st;
	if (access(data, F_OK) == 0)
		return 0;
	if (make_directories(data, 0755, err) < 0)
		return -1;
	if (like && stat(like, &st) == 0 &&
	    (chown(data, st.st_uid, st.st_gid) < 0 || chmod(data, st.st_mode & 07777) < 0))
		return error_errno(err, errno, "set owner and mode of %s", data);
	return 0;
}

static int make_overlay(const char *data, const char *work, struct error *err)
{
	if (beside.mounted)
		return 0;
	if (make_directories(OVERLAY_PLACE, 0700, err) < 0 || make_directories(EMPTY_PLACE, 0755, err) < 0 ||
	    make_upper(data, err) < 0 || make_directories(work, 0700, err) < 0 ||
	    mount_overlay(data, work, err) < 0)
		return error_context(err, "what lies beside the document, to be written");
	beside.mounted = true;
	return 0;
}

static int bind_beside(const struct machine *machine, const char *store,
		       const struct volume_request *request, struct arena *arena, struct spec_mount *out,
		       struct error *err)
{
	const char *data = project_folder(machine, store, "data", arena);
	const char *work = project_folder(machine, store, "work", arena);
	if (!data || !work)
		return no_room(err);
	if (beside.way == WAY_UNKNOWN && !machine->userns)
		beside.way = way_of_all(machine, store, arena);
	enum way way = machine->userns ? way_with_own_users(request, err) : beside.way;
	if (way == WAY_UNKNOWN)
		return -1;
	out->no_links = way != WAY_DIRECT;
	out->source = way == WAY_DIRECT ? find_brought(request->bound)
		      : way == WAY_PLAIN  ? data
					  : OVERLAY_PLACE;
	if (way == WAY_DIRECT)
		return out->source ? 0 : error_set(err, "%s/%s is not there", VOLUME_BIND_FOLDER, request->bound);
	if ((way == WAY_OVERLAY ? make_overlay(data, work, err) : make_directories(data, 0755, err)) < 0)
		return -1;
	return make_within(out->source, request, err);
}

static int bind_folder(const char *store, const struct volume_request *request, struct arena *arena,
		       struct spec_mount *out, struct error *err)
{
	const char *folder = arena_printf(arena, "%s/binds/absolute", store);
	if (!folder)
		return no_room(err);
	out->source = folder;
	out->no_links = true;
	return make_directories(folder, 0755, err) < 0 ? -1 : make_within(folder, request, err);
}

/* "sys/fs/cgroup" is "fs/cgroup" in /sys. What is mounted below comes along. */
static int bind_kernel(const struct volume_request *request, struct spec_mount *out)
{
	bool proc = strncmp(request->bound, "proc", 4) == 0;
	const char *rest = request->bound + (proc ? 4 : 3);
	out->source = proc ? "/proc" : "/sys";
	out->within = *rest ? rest + 1 : ".";
	out->no_links = out->recursive = true;
	out->recursive_set = out->set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					MOUNT_ATTR_NOEXEC;
	return 0;
}

int binds_mount(const struct machine *machine, const char *store, const struct volume_request *request,
		struct arena *arena, struct spec_mount *out, struct error *err)
{
	out->within = *request->bound ? request->bound : ".";
	switch (request->bind) {
	case BIND_BESIDE:
		return bind_beside(machine, store, request, arena, out, err);
	case BIND_FOLDER:
		return bind_folder(store, request, arena, out, err);
	case BIND_KERNEL:
		return bind_kernel(request, out);
	case BIND_EMPTY:
		out->source = EMPTY_PLACE;
		out->within = NULL;
		return make_directories(EMPTY_PLACE, 0755, err);
	default:
		return error_set(err, "nothing of it can be bound");
	}
}

bool binds_are_settled(const struct machine *machine, const struct container_config *config,
		       const char *store, struct arena *arena)
{
	bool settled = config->volumes_from.count == 0;
	size_t used = arena->used;
	for (size_t i = 0; i < config->volumes.count && settled; i++) {
		struct volume_request request;
		settled = parse_volume(config->volumes.items[i], arena, &request, NULL) == 0 &&
			  request.bind != BIND_FOLDER &&
			  (request.bind != BIND_BESIDE ||
			   (!machine->userns && way_of_all(machine, store, arena) == WAY_DIRECT));
	}
	arena->used = used;
	return settled;
}

/* RFC 9636: a header and data for old readers, then the same with 64-bit times, and a footer. */
#define TZIF_HEADER "TZif2" \
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\0" "\0\0\0\1" "\0\0\0\4"
#define TZIF_UTC TZIF_HEADER "\0\0\0\0" "\0" "\0" "UTC\0"

void binds_clock_file(const struct volume_request *request, struct spec_file *out)
{
	static const char rules[] = TZIF_UTC TZIF_UTC "\nUTC0\n", name[] = "Etc/UTC\n";
	bool named = strcmp(request->bound, "etc/timezone") == 0;
	*out = (struct spec_file){.destination = request->target,
				  .bytes = named ? name : rules,
				  .size = (named ? sizeof name : sizeof rules) - 1,
				  .mode = 0444};
}

void binds_release(void)
{
	beside.way = WAY_UNKNOWN;
	if (beside.mounted && umount2(OVERLAY_PLACE, UMOUNT_NOFOLLOW) < 0)
		umount2(OVERLAY_PLACE, MNT_DETACH | UMOUNT_NOFOLLOW);
	beside.mounted = false;
}
