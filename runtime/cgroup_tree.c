// SPDX-License-Identifier: Apache-2.0
/* Groups at any path of the hierarchy: making, finding, stopping and removing them. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/loop.h"
#include "lib/syscalls.h"
#include "runtime/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
	REMOVE_ATTEMPTS = 500, /* of ATTEMPT_MS each */
	ATTEMPT_MS = 10,
	FREEZE_MS = 10000,
	DEPTH_MAX = 32,
};

static const uint64_t INSIDE = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && strchr(" \n", at[length]))
			return true;
	return false;
}

/* A group refuses what its parent does not offer, and a group with processes in it all that needs
 * none there. Whether a controller is missed is seen when a limit is set. */
static void hand_down(int dir_fd)
{
	char names[256], present[256];
	if (file_read(dir_fd, "cgroup.controllers", names, sizeof names, NULL) < 0 ||
	    file_read(dir_fd, "cgroup.subtree_control", present, sizeof present, NULL) < 0)
		return;
	for (char *rest = names, *name; (name = strsep(&rest, " \n"));) {
		char enable[64];
		snprintf(enable, sizeof enable, "+%s", name);
		if (*name && !has_word(present, name))
			file_put(dir_fd, "cgroup.subtree_control", enable, NULL);
	}
}

int cgroup_open(int hierarchy_fd, const char *path, struct error *err)
{
	path += strspn(path, "/");
	int fd = sys_openat2(hierarchy_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0, INSIDE);
	return fd < 0 ? error_errno(err, errno, "open cgroup /%s", path) : fd;
}

int cgroup_make(int hierarchy_fd, const char *path, struct error *err)
{
	char copy[PATH_MAX];
	if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy)
		return error_errno(err, ENAMETOOLONG, "cgroup %.60s…", path);
	_cleanup_close_ int fd = fcntl(hierarchy_fd, F_DUPFD_CLOEXEC, 3);
	for (char *rest = copy, *name; fd >= 0 && (name = strsep(&rest, "/"));) {
		if (!*name)
			continue;
		if (strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
			return error_set(err, "cgroup path \"%s\" has \"%s\" in it", path, name);
		hand_down(fd);
		if (mkdirat(fd, name, 0755) < 0 && errno != EEXIST)
			return error_errno(err, errno, "create cgroup %s of %s", name, path);
		int deeper = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (deeper < 0)
			return error_errno(err, errno, "open cgroup %s of %s", name, path);
		close(fd);
		fd = deeper;
	}
	return fd < 0 ? error_errno(err, errno, "open the cgroup hierarchy") : steal_fd(&fd);
}

static DIR *children_of(int fd, int depth)
{
	int again = depth < DEPTH_MAX ? openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	return again < 0 ? NULL : fdopendir(again);
}

/* The next group in the directory, owned; -1 after the last. *name lives until the next call. */
static int next_child(int fd, DIR *dir, const char **name)
{
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		int child = openat(fd, entry->d_name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		*name = entry->d_name;
		if (child >= 0)
			return child;
	}
	return -1;
}

static void remove_children(int fd, int depth)
{
	const char *name;
	_cleanup_closedir_ DIR *dir = children_of(fd, depth);
	for (int next; (next = next_child(fd, dir, &name)) >= 0;) {
		_cleanup_close_ int child = next;
		remove_children(child, depth + 1);
		unlinkat(fd, name, AT_REMOVEDIR);
	}
}

void cgroup_remove_children(int cgroup_fd)
{
	remove_children(cgroup_fd, 0);
}

/* A group that goes away meanwhile has no processes; one of threads cannot list any. */
static int add_processes_below(int fd, char *text, size_t size, int depth, struct error *err)
{
	const char *name;
	_cleanup_closedir_ DIR *dir = children_of(fd, depth);
	for (int next; (next = next_child(fd, dir, &name)) >= 0;) {
		_cleanup_close_ int child = next;
		size_t used = strlen(text);
		struct error why = ERROR_INIT;
		if (file_read(child, "cgroup.procs", text + used, size - used, &why) < 0) {
			if (why.code != ENODEV && why.code != EOPNOTSUPP)
				return error_set(err, "%s", why.text);
			text[used] = 0;
		}
		if (add_processes_below(child, text, size, depth + 1, err) < 0)
			return -1;
	}
	return 0;
}

int cgroup_processes(int cgroup_fd, char *text, size_t size, struct error *err)
{
	if (file_read(cgroup_fd, "cgroup.procs", text, size, err) < 0)
		return -1;
	return add_processes_below(cgroup_fd, text, size, 0, err);
}

int cgroup_remove_tree(int hierarchy_fd, const char *path, struct error *err)
{
	struct error why = ERROR_INIT;
	path += strspn(path, "/");
	for (int i = 0; i < REMOVE_ATTEMPTS; i++) {
		if (unlinkat(hierarchy_fd, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		error_errno(&why, errno, "remove cgroup /%s", path);
		if (errno != EBUSY && errno != ENOTEMPTY)
			break;
		_cleanup_close_ int fd = cgroup_open(hierarchy_fd, path, NULL);
		if (fd >= 0)
			remove_children(fd, 0);
		poll(NULL, 0, i < 10 ? 1 : ATTEMPT_MS);
	}
	if (err)
		*err = why;
	return -1;
}

bool cgroup_frozen(int cgroup_fd)
{
	return cgroup_event(cgroup_fd, "cgroup.events", "frozen") == 1;
}

/* Read through the descriptor that is polled: else the kernel goes on saying that it has changed. */
static bool events_say(int events_fd, const char *line)
{
	char text[256];
	ssize_t got = pread(events_fd, text, sizeof text - 1, 0);
	text[got > 0 ? got : 0] = 0;
	return strstr(text, line) != NULL;
}

int cgroup_freeze(int cgroup_fd, bool frozen, struct error *err)
{
	_cleanup_close_ int events = openat(cgroup_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events < 0 || file_put(cgroup_fd, "cgroup.freeze", frozen ? "1" : "0", err) < 0)
		return error_errno(err, errno, "%s the container", frozen ? "pause" : "resume");
	const uint64_t end = monotonic_ns() + FREEZE_MS * 1000000ULL;
	while (!events_say(events, frozen ? "frozen 1" : "frozen 0")) {
		if (monotonic_ns() > end)
			return error_set(err, "the container's processes did not %s within %d s",
					 frozen ? "stop" : "go on", FREEZE_MS / 1000);
		struct pollfd changed = {.fd = events, .events = POLLPRI};
		poll(&changed, 1, ATTEMPT_MS);
	}
	return 0;
}
