// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/volumes.h"

#include "init/config/container_options.h"
#include "init/config/files.h"
#include "init/config/volumes.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { IMAGE_VOLUMES_MAX = 64 };

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
	if (!request->nocopy && !request->part &&
	    !(out->fill_lock = arena_printf(arena, "%s/lock", folder)))
		return no_room(err);
	return request->external ? 0 : make_directories(data, 0755, err);
}

static int make_volume(const struct container_config *config, const char *store, const char *text,
		       struct arena *arena, struct spec_mount *out, struct error *err)
{
	struct volume_request request;
	if (parse_volume(text, arena, &request, err) < 0)
		return -1;
	*out = (struct spec_mount){.destination = request.target,
				   .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					  (request.read_only ? MOUNT_ATTR_RDONLY : 0)};
	if (!request.bound)
		return find_volume(config, store, &request, arena, out, err);
	out->source = request.folder;
	out->within = *request.bound ? request.bound : ".";
	return 0;
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

static bool is_mounted(const struct spec_mount *mounts, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(mounts[i].destination, path) == 0)
			return true;
	return false;
}

static bool is_memory(const char *folder)
{
	struct statfs fs;
	return statfs(folder, &fs) == 0 && fs.f_type == TMPFS_MAGIC;
}

static int make_image_volume(const struct container_config *config, const char *store,
			     const char *target, struct arena *arena, struct spec_mount *out,
			     struct error *err)
{
	const struct volume_request request = {.target = target};
	if (mount_target_check(target, err) < 0)
		return -1;
	*out = (struct spec_mount){.destination = target,
				   .spare = !config->read_only && is_memory(store),
				   .set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV};
	return find_volume(config, store, &request, arena, out, err);
}

/* Behind the description's own, of which *count are there. */
static int add_image_volumes(const struct container_config *config,
			     const struct string_list *paths, const char *store,
			     struct arena *arena, struct spec_mount *mounts, size_t *count,
			     struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		const char *target = clean(paths->items[i], arena);
		if (!target)
			return no_room(err);
		if (is_mounted(mounts, *count, target))
			continue;
		if (make_image_volume(config, store, target, arena, &mounts[*count], err) < 0)
			return error_context(err, "the image's VOLUME %.60s", paths->items[i]);
		++*count;
	}
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

int volumes_mount(const struct container_config *config, const struct string_list *image_volumes,
		  const char *store, struct arena *arena, struct container_spec *spec,
		  struct error *err)
{
	size_t before = spec->mount_count, count = before;
	size_t all = before + config->tmpfs.count + config->volumes.count + image_volumes->count;
	if (image_volumes->count > IMAGE_VOLUMES_MAX)
		return error_set(err, "the image has %zu VOLUMEs, and at most %d are made",
				 image_volumes->count, IMAGE_VOLUMES_MAX);
	struct spec_mount *mounts = arena_alloc(arena, all * sizeof *mounts + 1);
	if (!mounts)
		return no_room(err);
	if (before)
		memcpy(mounts, spec->mounts, before * sizeof *mounts);
	for (size_t i = 0; i < config->tmpfs.count; i++)
		if (make_tmpfs(config->tmpfs.items[i], arena, &mounts[count++], err) < 0)
			return -1;
	for (size_t i = 0; i < config->volumes.count; i++)
		if (make_volume(config, store, config->volumes.items[i], arena, &mounts[count++],
				err) < 0)
			return error_context(err, "volume %.60s", config->volumes.items[i]);
	if (add_image_volumes(config, image_volumes, store, arena, mounts, &count, err) < 0)
		return -1;
	sort(mounts + before, count - before);
	spec->mounts = mounts;
	spec->mount_count = count;
	return 0;
}

int volumes_files(const struct machine *machine, const struct container_config *config,
		  struct arena *arena, struct container_spec *spec, struct error *err)
{
	struct spec_file *files = arena_alloc(arena, config->files.count * sizeof *files + 1);
	if (!files)
		return no_room(err);
	for (size_t i = 0; i < config->files.count; i++) {
		struct file_grant grant;
		if (parse_file_grant(config->files.items[i], arena, &grant, err) < 0)
			return -1;
		const struct machine_content *content = machine_find_content(machine, grant.content);
		if (!content)
			return error_set(err, "there is no %.80s", grant.content);
		files[i] = (struct spec_file){.destination = grant.target,
					      .bytes = content->bytes,
					      .size = content->size,
					      .uid = grant.uid,
					      .gid = grant.gid,
					      .mode = grant.mode};
	}
	spec->files = files;
	spec->file_count = config->files.count;
	return 0;
}
