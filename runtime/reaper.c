// SPDX-License-Identifier: Apache-2.0
/* The small init of a container, runtime/inside/reaper.c: bound into it, where Docker has its own. */
#include "lib/arena.h"
#include "lib/cleanup.h"
#include "lib/mount.h"
#include "runtime/environment.h"
#include "runtime/process.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>

static char place[] = "/sbin/docker-init";

int reaper_open(const struct container_spec *spec, struct rootfs *rootfs, struct error *err)
{
	if (!spec->process.reaper)
		return 0;
	rootfs->reaper_fd = mount_copy(AT_FDCWD, spec->process.reaper,
				       MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
				       err);
	return rootfs->reaper_fd < 0 ? error_context(err, "init") : 0;
}

int reaper_build(struct rootfs *rootfs, struct error *err)
{
	_cleanup_close_ int source = steal_fd(&rootfs->reaper_fd);
	if (source < 0)
		return 0;
	_cleanup_close_ int target = resolve_file(rootfs->root_fd, place, err);
	if (target < 0)
		return error_context(err, "init");
	return mount_attach(source, target, place, err);
}

/* The program is looked for first, so that a start fails as it does without. */
int reaper_execute(const struct string_list *args, const struct string_list *environment,
		   int *exit_status, struct error *err)
{
	static char parting[] = "--";
	if (program_check(args, environment, exit_status, err) < 0)
		return -1;
	char **words = calloc(args->count + 3, sizeof *words); /* until execve */
	if (!words)
		return error_set(err, "no memory for the arguments of init");
	words[0] = place;
	words[1] = parting;
	memcpy(words + 2, args->items, args->count * sizeof *words);
	const struct string_list list = {
		.count = args->count + 2, .capacity = args->count + 2, .items = words};
	return program_execute(&list, environment, exit_status, err);
}
