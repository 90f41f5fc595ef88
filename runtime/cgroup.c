// SPDX-License-Identifier: Apache-2.0
#include "runtime/cgroup.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/device_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { KEPT_MAX = 512 }; /* entries of the kernel's table of threads: see leave_some() */

/* Kept for the life of the program: the parent group, and the most processes that one container may
 * have, whatever it asks for (0: there is no controller). */
static int parent_fd = -1;
static unsigned long long share;

int cgroup_hierarchy(struct error *err)
{
	/* The second is where systems keep v2 beside v1; only tests on a workstation meet it. */
	static const char *const PLACES[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	for (size_t i = 0; i < countof(PLACES); i++) {
		struct statfs fs;
		if (statfs(PLACES[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC) {
			int fd = open(PLACES[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			return fd < 0 ? error_errno(err, errno, "open %s", PLACES[i]) : fd;
		}
	}
	return error_set(err, "no cgroup v2 hierarchy is mounted on /sys/fs/cgroup");
}

/* Hands what every container has down to the children of the group: all in one write, for each write
 * waits for the kernel to move every process. The other controllers cost every start their part, and
 * are handed down when they are asked for. */
static int enable_controllers(int dir_fd, struct error *err)
{
	static const char *const WANTED[] = {"cpu", "io", "memory", "pids"};
	char names[256], enable[96] = "";
	size_t used = 0;
	if (file_read(dir_fd, "cgroup.controllers", names, sizeof names, err) < 0)
		return -1;
	for (char *rest = names, *name; (name = strsep(&rest, " \n"));)
		for (size_t i = 0; i < countof(WANTED); i++)
			if (strcmp(name, WANTED[i]) == 0)
				used += (size_t)snprintf(enable + used, sizeof enable - used, "+%s ",
							 name);
	return used ? file_put(dir_fd, "cgroup.subtree_control", enable, err) : 0;
}

static unsigned long long leave_some(unsigned long long of)
{
	return of - (of / 4 < KEPT_MAX ? of / 4 : KEPT_MAX);
}

static int limit_processes(int dir_fd, unsigned long long most, struct error *err)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", most);
	return file_put(dir_fd, "pids.max", text, err);
}

/* However many processes each container may have, all together leave some of the kernel's table to
 * whoever starts and watches them; and one alone leaves some to the others. */
static int keep_processes(int dir_fd, struct error *err)
{
	static const char *const TABLES[] = {"/proc/sys/kernel/threads-max",
					     "/proc/sys/kernel/pid_max"};
	char text[32];
	unsigned long long most = ULLONG_MAX;
	for (size_t i = 0; i < countof(TABLES); i++) {
		if (file_read(AT_FDCWD, TABLES[i], text, sizeof text, err) < 0)
			return -1;
		unsigned long long size = strtoull(text, NULL, 10);
		most = size < most ? size : most;
	}
	if (faccessat(dir_fd, "pids.max", F_OK, 0) < 0)
		return 0;
	share = leave_some(leave_some(most));
	return limit_processes(dir_fd, leave_some(most), err);
}

int cgroup_prepare(struct error *err)
{
	_cleanup_close_ int top = cgroup_hierarchy(err);
	if (top < 0 || enable_controllers(top, err) < 0)
		return -1;
	if (mkdirat(top, "berth", 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create cgroup /berth");
	_cleanup_close_ int fd = openat(top, "berth", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open cgroup /berth");
	/* The filter holds for every group below; binding it to each would cost each start. */
	if (enable_controllers(fd, err) < 0 || keep_processes(fd, err) < 0 ||
	    device_filter_attach_default(fd, err) < 0)
		return -1;
	cleanup_close_fd(&parent_fd);
	parent_fd = steal_fd(&fd);
	return 0;
}

static int set(int fd, const struct cgroup_setting *setting, struct error *err)
{
	if (setting->rather && faccessat(fd, setting->rather, F_OK, 0) == 0)
		return file_put(fd, setting->rather, setting->rather_value, err);
	if (faccessat(fd, setting->file, F_OK, 0) < 0) {
		if (setting->optional)
			return 0;
		return error_errno(err, errno, "cgroup file %s: the kernel or a parent group does not "
				      "offer this controller", setting->file);
	}
	return file_put(fd, setting->file, setting->value, err);
}

int cgroup_apply(int cgroup_fd, const struct resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->setting_count; i++)
		if (set(cgroup_fd, &resources->settings[i], err) < 0)
			return -1;
	return resources->has_devices
		       ? device_filter_attach(cgroup_fd, resources->devices,
					      resources->device_count, err)
		       : 0;
}

int cgroup_enter(int cgroup_fd, pid_t pid, struct error *err)
{
	char text[16];
	snprintf(text, sizeof text, "%d", pid);
	return file_put(cgroup_fd, "cgroup.procs", text, err);
}

static int keep_to_share(int fd, struct error *err)
{
	char text[32];
	if (!share)
		return 0;
	if (file_read(fd, "pids.max", text, sizeof text, err) < 0)
		return -1;
	bool unlimited = text[0] == 'm'; /* "max" */
	return unlimited || strtoull(text, NULL, 10) > share ? limit_processes(fd, share, err) : 0;
}

/* The controller that a file belongs to, when the containers' groups do not have it. */
static int hand_down(int fd, const char *file, struct error *err)
{
	char enable[32];
	if (faccessat(fd, file, F_OK, 0) == 0 || strncmp(file, "cgroup.", 7) == 0)
		return 0;
	_cleanup_close_ int top = cgroup_hierarchy(err);
	if (top < 0)
		return -1;
	snprintf(enable, sizeof enable, "+%.*s", (int)strcspn(file, "."), file);
	/* What the kernel does not have at all is told apart by the setting. */
	if (file_put(top, "cgroup.subtree_control", enable, NULL) == 0)
		file_put(parent_fd, "cgroup.subtree_control", enable, NULL);
	return 0;
}

static int hand_down_wanted(int fd, const struct resources *resources, struct error *err)
{
	for (size_t i = 0; i < resources->setting_count; i++)
		if (!resources->settings[i].optional &&
		    hand_down(fd, resources->settings[i].file, err) < 0)
			return -1;
	return 0;
}

int cgroup_create(const struct container_spec *spec, struct error *err)
{
	if (parent_fd < 0)
		return error_set(err, "the cgroup hierarchy was not prepared");
	if (mkdirat(parent_fd, spec->id, 0755) < 0 &&
	    (errno != EEXIST || cgroup_remove(spec->id, err) < 0 ||
	     mkdirat(parent_fd, spec->id, 0755) < 0))
		return error_errno(err, errno, "create cgroup /berth/%s", spec->id);
	_cleanup_close_ int fd =
		openat(parent_fd, spec->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "open cgroup /berth/%s", spec->id);
	if (hand_down_wanted(fd, &spec->resources, err) < 0 ||
	    cgroup_apply(fd, &spec->resources, err) < 0 || keep_to_share(fd, err) < 0) {
		unlinkat(parent_fd, spec->id, AT_REMOVEDIR);
		return -1;
	}
	return steal_fd(&fd);
}

int cgroup_kill(int cgroup_fd, struct error *err)
{
	return file_put(cgroup_fd, "cgroup.kill", "1", err);
}

uint64_t cgroup_event(int cgroup_fd, const char *file, const char *key)
{
	char text[512];
	if (file_read(cgroup_fd, file, text, sizeof text, NULL) < 0)
		return 0;
	size_t length = strlen(key);
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		if (strncmp(line, key, length) == 0 && line[length] == ' ')
			return strtoull(line + length + 1, NULL, 10);
	return 0;
}

int cgroup_remove(const char *id, struct error *err)
{
	if (unlinkat(parent_fd, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	/* A privileged container may have made groups of its own. */
	_cleanup_close_ int fd =
		openat(parent_fd, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		cgroup_remove_children(fd);
	if (unlinkat(parent_fd, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return error_errno(err, errno, "remove cgroup /berth/%s", id);
}
