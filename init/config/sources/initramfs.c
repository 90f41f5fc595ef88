// SPDX-License-Identifier: Apache-2.0
/* A file in the initramfs, most often in an archive appended to it. */
#include "init/config/sources/table.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char path[] = "/berth/config.yaml";

static bool hint(const struct config_search *search)
{
	(void)search;
	return access(path, F_OK) == 0;
}

static int open_file(const struct config_search *search, struct config_place *place,
		     struct error *err)
{
	(void)search;
	snprintf(place->where, sizeof place->where, "%s", path);
	place->fds[0] = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return place->fds[0] < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

static enum config_outcome fetch(struct config_search *search, struct config_place *place,
				 struct config_answer *answer, struct error *err)
{
	(void)search;
	return config_read_fd(place->fds[0], place->where, answer, err);
}

const struct config_source source_initramfs = {
	.name = "initramfs",
	.trust = TRUST_BUILT_IN,
	.local = true,
	.place = "`/berth/config.yaml` in the initramfs or in an archive appended to it",
	.by = "a build, or whoever appends a cpio archive",
	.example = "echo berth/config.yaml \\| cpio -o -H newc >>initramfs",
	.hint = hint,
	.open = open_file,
	.fetch = fetch,
};
