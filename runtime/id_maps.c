// SPDX-License-Identifier: Apache-2.0
/* The ID maps of user namespaces, written from outside. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"
#include "runtime/namespaces.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

enum { MAP_TEXT_MAX = 4096 }; /* the kernel takes less than a page */

static int write_map(const char *file, pid_t pid, const struct id_map *maps, size_t count,
		     struct error *err)
{
	char path[64], text[MAP_TEXT_MAX];
	size_t used = 0;
	for (size_t i = 0; i < count && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%u %u %u\n",
					 maps[i].inside, maps[i].outside, maps[i].size);
	if (used >= sizeof text)
		return error_set(err, "%s: %zu ID mappings do not fit into a page", file, count);
	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	return file_put(AT_FDCWD, path, text, err);
}

int namespaces_write_maps(const struct id_maps *maps, pid_t pid, struct error *err)
{
	if (write_map("uid_map", pid, maps->uids, maps->uid_count, err) < 0)
		return -1;
	/* Who may not map groups otherwise must give up setgroups() first (user_namespaces(7)). */
	if (geteuid() != 0) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
		file_put(AT_FDCWD, path, "deny", NULL);
	}
	return write_map("gid_map", pid, maps->gids, maps->gid_count, err);
}

int namespaces_make_user(const struct id_maps *maps, struct error *err)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, errno, "make a pipe");
	pid_t pid = sys_clone3(&args);
	if (pid == 0) {
		char byte;
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) < 0); /* until the parent closes its end */
	}
	close(ends[0]);
	_cleanup_close_ int hold = ends[1];
	if (pid < 0)
		return error_errno(err, errno, "make a user namespace for idmapped mounts");
	int fd = -1;
	if (namespaces_write_maps(maps, pid, err) == 0) {
		char path[64];
		snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			error_errno(err, errno, "open %s", path);
	}
	cleanup_close_fd(&hold);
	hold = -1;
	waitpid(pid, NULL, 0);
	return fd;
}
