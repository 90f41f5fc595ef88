// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/disk.h"

#include "init/config/sources/meta_data.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>

static const struct volume *find(const struct volumes *volumes, const char *label)
{
	for (size_t i = 0; volumes && i < volumes->count; i++)
		if (volume_has_label(&volumes->items[i], label))
			return &volumes->items[i];
	return NULL;
}

bool disk_is_there(const struct volumes *volumes, const char *label)
{
	return find(volumes, label) != NULL;
}

static int mount_detached(const struct volume *volume, struct error *err)
{
	char device[VOLUME_NAME + 8];
	const char *type = volume_type(volume->format);
	bool journal = volume->format == VOLUME_EXT4; /* not replayed: nothing is written */
	snprintf(device, sizeof device, "/dev/%s", volume->device);
	const struct mount_option options[] = {
		{"source", device},
		{"ro", NULL},
		{journal ? "noload" : NULL, NULL},
		{NULL, NULL},
	};
	return mount_new(
		type, options,
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
}

/* Of the document; -1 when it is not there, which opening the document says better. */
static int open_folder(int root, const char *file)
{
	char folder[80] = ".";
	const char *slash = strrchr(file, '/');
	if (slash)
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - file), file);
	return sys_openat2(root, folder, O_PATH | O_DIRECTORY, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

int disk_open(const struct volumes *volumes, const char *label,
	      const char *const files[CONFIG_PLACE_FILES], struct config_place *place,
	      struct error *err)
{
	const struct volume *volume = find(volumes, label);
	if (!volume)
		return error_set(err, "no disk labelled %s", label);
	snprintf(place->where, sizeof place->where, "%s (%s)", volume->device,
		 volume_type(volume->format));
	_cleanup_close_ int root = mount_detached(volume, err);
	if (root < 0)
		return error_context(err, "%s", place->where);
	place->folder = open_folder(root, files[0]);
	for (size_t i = 0; i < CONFIG_PLACE_FILES; i++) {
		if (!files[i])
			continue;
		place->fds[i] =
			sys_openat2(root, files[i], O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
				    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
		if (place->fds[i] < 0 && errno != ENOENT)
			return error_errno(err, errno, "%s: open %s", place->where, files[i]);
	}
	return 0;
}

enum config_outcome disk_user_data(struct config_place *place, const char *name,
				   struct config_answer *answer, struct error *err)
{
	char where[CONFIG_WHERE];
	if (place->fds[0] < 0) {
		error_set(err, "%s has no %s", place->where, name);
		return CONFIG_NOTHING;
	}
	snprintf(where, sizeof where, "%.100s, %s", place->where, name);
	meta_data_hostname_of_file(place->fds[1], answer->hostname);
	return config_read_fd(place->fds[0], where, answer, err);
}
