// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/nodes.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

struct job {
	const struct spec_device *devices;
	size_t count;
	const struct id_maps *maps;
};

/* What the helper leaves, in memory that both see. */
struct answer {
	struct error err;
	int fds[];
};

static int to_outside(const struct id_map *maps, size_t count, uint32_t inside, uint32_t *out,
		      const char *path, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (inside >= maps[i].inside && inside - maps[i].inside < maps[i].size) {
			*out = maps[i].outside + (inside - maps[i].inside);
			return 0;
		}
	return error_set(err, "the owner %u of %s has no mapping", inside, path);
}

static int make_node(const struct job *job, size_t i, int dir_fd, struct error *err)
{
	const struct spec_device *device = &job->devices[i];
	mode_t type = device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
	uint32_t uid = 0, gid = 0;
	char name[24];
	snprintf(name, sizeof name, "%zu", i);
	if (to_outside(job->maps->uids, job->maps->uid_count, device->uid, &uid, device->path, err) <
		    0 ||
	    to_outside(job->maps->gids, job->maps->gid_count, device->gid, &gid, device->path, err) < 0)
		return -1;
	if (mknodat(dir_fd, name, type | device->mode, makedev(device->major, device->minor)) < 0 ||
	    fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "create %s", device->path);
	int fd = sys_open_tree(dir_fd, name, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "copy the mount of %s", device->path) : fd;
}

/* In the helper. Only a file system that is mounted in the own namespace can be copied from: this
 * one covers the helper's root. */
static int make_all(const struct job *job, struct answer *answer, struct error *err)
{
	static const struct mount_option OPTIONS[] = {{"mode", "0700"}, {NULL, NULL}};
	umask(0);
	if (mount_make_private(err) < 0)
		return -1;
	_cleanup_close_ int dir_fd =
		mount_new("tmpfs", OPTIONS, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, err);
	_cleanup_close_ int root_fd = open("/", O_PATH | O_CLOEXEC);
	if (dir_fd < 0 || mount_attach(dir_fd, root_fd, "/", err) < 0)
		return -1;
	for (size_t i = 0; i < job->count; i++) {
		answer->fds[i] = make_node(job, i, dir_fd, err);
		if (answer->fds[i] < 0)
			return -1;
	}
	return 0;
}

/* The helper shares the table of descriptors: what it opens is open here. */
static int ask_helper(const struct job *job, struct answer *answer, struct error *err)
{
	struct clone_args args = {.flags = CLONE_NEWNS | CLONE_FILES, .exit_signal = SIGCHLD};
	int status = 0;
	pid_t pid = sys_clone3(&args);
	if (pid == 0)
		_exit(make_all(job, answer, &answer->err) < 0);
	if (pid < 0)
		return error_errno(err, errno, "make a mount namespace for device nodes");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		return 0;
	if (!answer->err.text[0])
		return error_set(err, "device nodes: the helper died");
	*err = answer->err;
	return -1;
}

int nodes_make(const struct spec_device *devices, size_t count, const struct id_maps *maps,
	       int *fds, struct error *err)
{
	size_t size = sizeof(struct answer) + count * sizeof(int);
	struct job job = {devices, count, maps};
	for (size_t i = 0; i < count; i++)
		fds[i] = -1;
	if (count == 0)
		return 0;
	struct answer *answer =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (answer == MAP_FAILED)
		return error_errno(err, errno, "make device nodes");
	for (size_t i = 0; i < count; i++)
		answer->fds[i] = -1;
	int done = ask_helper(&job, answer, err);
	for (size_t i = 0; i < count; i++)
		fds[i] = answer->fds[i];
	munmap(answer, size);
	return done;
}
