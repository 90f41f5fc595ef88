// SPDX-License-Identifier: Apache-2.0
/* /dev of a container: made on its own tmpfs through the tmpfs's descriptor, never by path. */
#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "lib/mount.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const struct {
	const char *name;
	unsigned major, minor;
} NODES[] = {
	{"null", 1, 3}, {"zero", 1, 5},    {"full", 1, 7},
	{"tty", 5, 0},  {"random", 1, 8},  {"urandom", 1, 9},
};

static const struct {
	const char *name, *target;
} LINKS[] = {
	{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},         {"core", "/proc/kcore"},
};

static const uint64_t NO_PROGRAMS = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;

static const struct mount_option PTS[] = {{"source", "devpts"},   {"newinstance", NULL},
					  {"ptmxmode", "0666"},   {"mode", "0620"},
					  {"gid", "5"},           {NULL, NULL}};
static const struct mount_option SHM[] = {
	{"source", "shm"}, {"mode", "1777"}, {"size", "65536k"}, {NULL, NULL}};
static const struct mount_option MQUEUE[] = {{"source", "mqueue"}, {NULL, NULL}};

static const struct {
	const char *name, *type;
	const struct mount_option *options;
	uint64_t attributes;
} MOUNTS[] = {
	{"pts", "devpts", PTS, NO_PROGRAMS},
	{"shm", "tmpfs", SHM, NO_PROGRAMS | MOUNT_ATTR_NODEV},
	{"mqueue", "mqueue", MQUEUE, NO_PROGRAMS | MOUNT_ATTR_NODEV},
};

static int make_nodes(int dev_fd, struct error *err)
{
	for (size_t i = 0; i < countof(NODES); i++)
		if (mknodat(dev_fd, NODES[i].name, S_IFCHR | 0666,
			    makedev(NODES[i].major, NODES[i].minor)) < 0)
			return error_errno(err, errno, "create /dev/%s", NODES[i].name);
	for (size_t i = 0; i < countof(LINKS); i++)
		if (symlinkat(LINKS[i].target, dev_fd, LINKS[i].name) < 0)
			return error_errno(err, errno, "create /dev/%s", LINKS[i].name);
	return 0;
}

static int make_mount(int dev_fd, size_t index, struct error *err)
{
	const char *name = MOUNTS[index].name;
	_cleanup_close_ int target = resolve_real_directory(dev_fd, name, err);
	if (target < 0)
		return -1;
	_cleanup_close_ int mount_fd = mount_new(MOUNTS[index].type, MOUNTS[index].options,
						 MOUNTS[index].attributes, err);
	return mount_fd < 0 ? -1 : mount_attach(mount_fd, target, name, err);
}

int dev_build(int root_fd, struct error *err)
{
	static const struct mount_option TMPFS[] = {
		{"source", "tmpfs"}, {"mode", "755"}, {"size", "65536k"}, {NULL, NULL}};
	_cleanup_close_ int target = resolve_real_directory(root_fd, "dev", err);
	if (target < 0)
		return -1;
	_cleanup_close_ int dev_fd = mount_new("tmpfs", TMPFS, NO_PROGRAMS, err);
	if (dev_fd < 0 || make_nodes(dev_fd, err) < 0 ||
	    mount_attach(dev_fd, target, "/dev", err) < 0)
		return -1;
	for (size_t i = 0; i < countof(MOUNTS); i++)
		if (make_mount(dev_fd, i, err) < 0)
			return -1;
	return 0;
}
