// SPDX-License-Identifier: Apache-2.0
#include "init/config/sources/fw_cfg_file.h"

#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MAX_HERE = 160 };

static const char *path_of(const char *name, const char *file, char out[PATH_MAX_HERE])
{
	snprintf(out, PATH_MAX_HERE, FW_CFG_FOLDER "%s/%s", name, file);
	return out;
}

bool fw_cfg_has(const char *name)
{
	char path[PATH_MAX_HERE];
	return access(path_of(name, "raw", path), F_OK) == 0;
}

int fw_cfg_open(const char *name, struct config_place *place, struct error *err)
{
	char path[PATH_MAX_HERE], size[24];
	snprintf(place->where, sizeof place->where, "opt/%s", name);
	if (file_read(AT_FDCWD, path_of(name, "size", path), size, sizeof size, err) < 0)
		return -1;
	place->size = strtoul(size, NULL, 10);
	place->fds[0] = open(path_of(name, "raw", path), O_RDONLY | O_CLOEXEC);
	return place->fds[0] < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

enum config_outcome fw_cfg_read(const struct config_place *place, struct config_answer *answer,
				struct error *err)
{
	snprintf(answer->where, sizeof answer->where, "%s", place->where);
	if (place->size > USER_DATA_MAX) {
		error_set(err, "%s is longer than %d KiB: put it on a disk or behind a URL",
			  place->where, USER_DATA_MAX / 1024);
		return CONFIG_FAILED;
	}
	for (answer->size = 0; answer->size < place->size;) {
		ssize_t got = read(place->fds[0], answer->bytes + answer->size,
				   place->size - answer->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			error_errno(err, got < 0 ? errno : EIO, "read %s", place->where);
			return CONFIG_FAILED;
		}
		answer->size += (size_t)got;
	}
	return CONFIG_FOUND;
}
