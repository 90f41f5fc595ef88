// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/volumes.h"

#include "init/config/container_options.h"
#include "init/config/files.h"
#include "init/config/volume_sources.h"
#include "init/config/volumes.h"
#include "init/supervise/binds.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { IMAGE_VOLUMES_MAX = 64, DONATED_MAX = 128 };

static int no_room(struct error *err)
{
	return error_set(err, "the container's mounts are too large a description");
}

/* The path as one component: "/var/lib" is "%2Fvar%2Flib". */
static int escape(const char *path, char *out, size_t capacity)
{
	size_t used = 0;
	for (; *path; path++) {
		bool plain = *path != '/' && *path != '%';
		if (used + 4 > capacity)
			return -1;
		if (plain)
			out[used++] = *path;
		else
			used += (size_t)sprintf(out + used, *path == '/' ? "%%2F" : "%%25");
	}
	out[used] = 0;
	return 0;
}

/* The volume's folder. */
static const char *folder_of(const struct container_config *config, const char *store,
			     const struct volume_request *request, struct arena *arena,
			     struct error *err)
{
	char target[NAME_MAX + 1];
	const char *folder = NULL;
	if (request->name)
		folder = arena_printf(arena, "%s/volumes/%s", store, request->name);
	else if (escape(request->target, target, sizeof target - strlen(config->name) - 1) < 0)
		error_set(err, "a volume without a name on %.60s…: the path is too long, give it a "
			       "name", request->target);
	else
		folder = arena_printf(arena, "%s/volumes/%s@%s", store, config->name, target);
	if (!folder && !err->text[0])
		no_room(err);
	return folder;
}

/* Folders of the path that are not there. Links in the volume, which are containers', are not followed;
 * what is wrong with it the mount says. */
static int make_part(const char *data, const struct volume_request *request, struct error *err)
{
	char name[NAME_MAX + 1];
	_cleanup_close_ int folder = open(data, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return error_errno(err, errno, "open %s", data);
	for (const char *at = request->part; *at; at += strspn(at, "/")) {
		size_t length = strcspn(at, "/");
		if (length > NAME_MAX)
			return 0;
		memcpy(name, at, length);
		name[length] = 0;
		at += length;
		bool made = mkdirat(folder, name, 0755) == 0;
		int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			return 0;
		close(folder);
		folder = below;
		if (made && (fchown(folder, 0, request->group) < 0 || fchmod(folder, request->mode) < 0))
			return error_errno(err, errno, "change the permissions of %s of %s", name, data);
	}
	return 0;
}

static int find_volume(const struct container_config *config, const char *store,
		       const struct volume_request *request, struct arena *arena,
		       struct spec_mount *out, struct error *err)
{
	const char *folder = folder_of(config, store, request, arena, err);
	const char *data = folder ? arena_printf(arena, "%s/data", folder) : NULL;
	if (!folder)
		return -1;
	if (!data)
		return no_room(err);
	if (request->external && access(data, F_OK) < 0)
		return error_set(err, "the volume %s is external and is not there: its content belongs "
				      "into volumes/%s/data of the disk labelled berth-data",
				 request->name, request->name);
	out->source = data;
	out->within = request->part;
	out->fill_inside = request->mode; /* not those of the image's folder */
	if (!request->nocopy && !request->part &&
	    !(out->fill_lock = arena_printf(arena, "%s/lock", folder)))
		return no_room(err);
	if (request->external)
		return 0;
	bool made = request->mode && access(data, F_OK) < 0;
	if (make_directories(data, 0755, err) < 0)
		return -1;
	if (made && (chown(data, 0, request->group) < 0 || chmod(data, request->mode) < 0))
		return error_errno(err, errno, "change the permissions of %s", data);
	return request->mode && request->part ? make_part(data, request, err) : 0;
}

/* One that is mounted; what is on a disk or a share is what it is, and nothing is copied onto it. */
static int find_mounted(const char *source, const struct volume_request *request, struct arena *arena,
			struct spec_mount *out, struct error *err)
{
	const char *at = strchr(source, ',');
	bool filled = at && strncmp(at, ",tmpfs,", 7) == 0 && !request->nocopy && !request->part;
	out->source = arena_printf(arena, VOLUME_PLACES "/%s", request->name);
	out->within = request->part;
	out->fill_inside = strstr(source, ",uid=") || strstr(source, ",gid=") || strstr(source, ",mode=");
	if (filled)
		out->fill_lock = arena_printf(arena, VOLUME_PLACES "/%s@lock", request->name);
	if (!out->source || (filled && !out->fill_lock))
		return no_room(err);
	return request->mode && request->part ? make_part(out->source, request, err) : 0;
}

static int make_tmpfs(const char *text, struct arena *arena, struct spec_mount *out,
		      struct error *err)
{
	struct mount_option *options = arena_alloc(arena, TMPFS_OPTIONS_MAX * sizeof *options);
	return options ? parse_tmpfs(text, arena, options, out, err) : no_room(err);
}

/* "/data//x/./" is "/data/x"; ".." leads up, as Docker has it. Mount points of images need not be
 * there, so that nothing but the text counts. */
static const char *clean(const char *path, struct arena *arena)
{
	char *out = arena_alloc(arena, strlen(path) + 2);
	size_t used = 0;
	for (; out && *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");
		if (length == 2 && strncmp(path, "..", 2) == 0)
			while (used > 0 && out[--used] != '/')
				continue;
		else if (length && !(length == 1 && *path == '.')) {
			out[used++] = '/';
			memcpy(out + used, path, length);
			used += length;
		}
		path += length;
	}
	if (out && used == 0)
		out[used++] = '/';
	if (out)
		out[used] = 0;
	return out;
}

static bool is_memory(const char *folder)
{
	struct statfs fs;
	return statfs(folder, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

/* Everything that one container has mounted, as it is found. */
struct mounting {
	const struct instance *instance;
	const char *store;
	struct arena *arena;
	struct spec_mount *mounts;
	size_t mount_count, mount_most;
	struct spec_file *files;
	size_t file_count;
	struct error *err;
};

static bool is_taken(const struct mounting *mounting, const char *path)
{
	for (size_t i = 0; i < mounting->mount_count; i++)
		if (strcmp(mounting->mounts[i].destination, path) == 0)
			return true;
	for (size_t i = 0; i < mounting->file_count; i++)
		if (strcmp(mounting->files[i].destination, path) == 0)
			return true;
	return false;
}

/* One that somebody else is given. */
static bool is_donor(const struct instance *instance)
{
	char name[64];
	const struct machine *machine = instance->machine;
	for (unsigned i = 0; instance->config->service && i < machine->container_count; i++) {
		const struct string_list *donors = &machine->containers[i]->volumes_from;
		for (size_t k = 0; k < donors->count; k++)
			if (parse_donor(donors->items[k], name, NULL, NULL) == 0 &&
			    strcmp(name, instance->config->service) == 0)
				return true;
	}
	return false;
}

static int no_place(struct mounting *mounting)
{
	return error_set(mounting->err, "more than %zu mounts, with those of other services",
			 mounting->mount_most);
}

/* Of `owner`, whose volumes without a name it gets when they are another one's. */
static int add_request(struct mounting *mounting, const struct container_config *owner,
		       const struct volume_request *request, struct spec_mount **out)
{
	if (mounting->mount_count == mounting->mount_most)
		return no_place(mounting);
	if (request->bind == BIND_CLOCK) {
		binds_clock_file(request, &mounting->files[mounting->file_count++]);
		return 0;
	}
	struct spec_mount *mount = &mounting->mounts[mounting->mount_count];
	*mount = (struct spec_mount){.destination = request->target,
				     .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					    (request->read_only ? MOUNT_ATTR_RDONLY : 0)};
	const char *source =
		request->name ? machine_volume_source(mounting->instance->machine, request->name) : NULL;
	int result = source ? find_mounted(source, request, mounting->arena, mount, mounting->err)
		     : request->bind == BIND_NONE
			     ? find_volume(owner, mounting->store, request, mounting->arena, mount,
					   mounting->err)
			     : binds_mount(mounting->instance->machine, mounting->store, request,
					   mounting->arena, mount, mounting->err);
	if (result < 0)
		return -1;
	mounting->mount_count++;
	if (out)
		*out = mount;
	return 0;
}

/* Those of the description; of another service what is not covered here, without filling it: that has
 * been done there. */
static int add_stated(struct mounting *mounting, const struct container_config *owner, bool other,
		      bool read_only)
{
	for (size_t i = 0; i < owner->volumes.count; i++) {
		struct volume_request request;
		if (parse_volume(owner->volumes.items[i], mounting->arena, &request, mounting->err) < 0)
			return error_context(mounting->err, "volume %.60s", owner->volumes.items[i]);
		if (other && is_taken(mounting, request.target))
			continue;
		request.nocopy |= other;
		request.read_only |= read_only;
		if (add_request(mounting, owner, &request, NULL) < 0)
			return error_context(mounting->err, "volume %.60s", owner->volumes.items[i]);
	}
	return 0;
}

static int add_image_volume(struct mounting *mounting, const struct instance *owner, const char *target,
			    bool read_only)
{
	bool other = owner != mounting->instance;
	const struct volume_request request = {.target = target, .nocopy = other, .read_only = read_only};
	struct spec_mount *mount = NULL;
	if (mount_target_check(target, mounting->err) < 0 ||
	    add_request(mounting, owner->config, &request, &mount) < 0)
		return -1;
	mount->spare = !other && !owner->config->read_only && is_memory(mounting->store) && !is_donor(owner);
	return 0;
}

/* Behind all that is stated. */
static int add_image_volumes(struct mounting *mounting, const struct instance *owner, bool read_only)
{
	const struct string_list *paths = &owner->image->config.volumes;
	if (paths->count > IMAGE_VOLUMES_MAX)
		return error_set(mounting->err, "the image has %zu VOLUMEs, and at most %d are made",
				 paths->count, IMAGE_VOLUMES_MAX);
	for (size_t i = 0; i < paths->count; i++) {
		const char *target = clean(paths->items[i], mounting->arena);
		if (!target)
			return no_room(mounting->err);
		if (!is_taken(mounting, target) &&
		    add_image_volume(mounting, owner, target, read_only) < 0)
			return error_context(mounting->err, "the image's VOLUME %.60s", paths->items[i]);
	}
	return 0;
}

static int add_donors(struct mounting *mounting, const struct instance *owner, bool read_only,
		      unsigned depth);

static int add_donor_of(struct mounting *mounting, const struct instance *donor, bool read_only,
			unsigned depth)
{
	if (!donor || !donor->image)
		return error_set(mounting->err, "it is not there");
	return add_stated(mounting, donor->config, true, read_only) < 0 ||
			       add_donors(mounting, donor, read_only, depth + 1) < 0 ||
			       add_image_volumes(mounting, donor, read_only) < 0
		       ? -1
		       : 0;
}

/* What these have of others comes along, as in Docker; there are no circles. */
static int add_donors(struct mounting *mounting, const struct instance *owner, bool read_only,
		      unsigned depth)
{
	const struct string_list *donors = &owner->config->volumes_from;
	char name[64];
	bool less;
	for (size_t i = 0; i < donors->count && depth < MACHINE_SERVICES_MAX; i++)
		if (parse_donor(donors->items[i], name, &less, mounting->err) < 0 ||
		    add_donor_of(mounting, instance_of_service(mounting->instance, name),
				 read_only || less, depth) < 0)
			return error_context(mounting->err, "volumes_from %.60s", donors->items[i]);
	return 0;
}

static unsigned depth_of(const struct spec_mount *mount)
{
	unsigned depth = 0;
	for (const char *at = mount->destination; *at; at++)
		depth += *at == '/' && at[1] && at[1] != '/';
	return depth;
}

/* Stable: what is as deep stays in the order in which it was asked for. */
static void sort(struct spec_mount *mounts, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct spec_mount mount = mounts[i];
		size_t at = i;
		for (; at > 0 && depth_of(&mounts[at - 1]) > depth_of(&mount); at--)
			mounts[at] = mounts[at - 1];
		mounts[at] = mount;
	}
}

static int mount_all(struct mounting *mounting)
{
	const struct instance *instance = mounting->instance;
	const struct container_config *config = instance->config;
	for (size_t i = 0; i < config->tmpfs.count; i++)
		if (make_tmpfs(config->tmpfs.items[i], mounting->arena,
			       &mounting->mounts[mounting->mount_count++], mounting->err) < 0)
			return -1;
	return add_stated(mounting, config, false, false) < 0 ||
			       add_donors(mounting, instance, false, 0) < 0 ||
			       add_image_volumes(mounting, instance, false) < 0
		       ? -1
		       : 0;
}

/* With room for those of other services. */
static size_t most_mounts(const struct instance *instance, size_t before)
{
	const struct container_config *config = instance->config;
	return before + config->tmpfs.count + config->volumes.count +
	       (config->volumes_from.count ? DONATED_MAX : 0) + instance->image->config.volumes.count;
}

int volumes_mount(const struct instance *instance, const char *store, struct arena *arena,
		  struct container_spec *spec, struct error *err)
{
	size_t before = spec->mount_count, most = most_mounts(instance, before);
	struct mounting mounting = {instance, store, arena, NULL, before, most, NULL, 0, err};
	if (most == before)
		return 0;
	mounting.mounts = arena_alloc(arena, most * sizeof *mounting.mounts + 1);
	mounting.files = arena_alloc(arena, most * sizeof *mounting.files + 1);
	if (!mounting.mounts || !mounting.files)
		return no_room(err);
	if (before)
		memcpy(mounting.mounts, spec->mounts, before * sizeof *mounting.mounts);
	if (mount_all(&mounting) < 0)
		return -1;
	sort(mounting.mounts + before, mounting.mount_count - before);
	spec->mounts = mounting.mounts;
	spec->mount_count = mounting.mount_count;
	spec->files = mounting.files;
	spec->file_count = mounting.file_count;
	return 0;
}

int volumes_files(const struct machine *machine, const struct container_config *config,
		  struct arena *arena, struct container_spec *spec, struct error *err)
{
	size_t before = spec->file_count;
	struct spec_file *files =
		arena_alloc(arena, (before + config->files.count) * sizeof *files + 1);
	if (!files)
		return no_room(err);
	if (before)
		memcpy(files, spec->files, before * sizeof *files);
	for (size_t i = 0; i < config->files.count; i++) {
		struct file_grant grant;
		if (parse_file_grant(config->files.items[i], arena, &grant, err) < 0)
			return -1;
		const struct machine_content *content = machine_find_content(machine, grant.content);
		if (!content)
			return error_set(err, "there is no %.80s", grant.content);
		files[before + i] = (struct spec_file){.destination = grant.target,
					      .bytes = content->bytes,
					      .size = content->size,
					      .uid = grant.uid,
					      .gid = grant.gid,
					      .mode = grant.mode};
	}
	spec->files = files;
	spec->file_count = before + config->files.count;
	return 0;
}
