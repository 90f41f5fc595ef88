// SPDX-License-Identifier: Apache-2.0
/* Device nodes: made in the resolved /dev, never by a path of the host. Where the kernel refuses
 * new nodes (user namespaces) the host's are bound. */
#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const struct spec_device DEFAULT_NODES[] = {
	{"/dev/null", 'c', 1, 3, 0666, 0, 0},   {"/dev/zero", 'c', 1, 5, 0666, 0, 0},
	{"/dev/full", 'c', 1, 7, 0666, 0, 0},   {"/dev/tty", 'c', 5, 0, 0666, 0, 0},
	{"/dev/random", 'c', 1, 8, 0666, 0, 0}, {"/dev/urandom", 'c', 1, 9, 0666, 0, 0},
};

static const struct {
	const char *name, *target;
} LINKS[] = {
	{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},         {"core", "/proc/kcore"},
};

static size_t default_count(const struct container_spec *spec)
{
	return spec->make_devices ? countof(DEFAULT_NODES) : 0;
}

size_t rootfs_node_count(const struct container_spec *spec)
{
	return default_count(spec) + spec->device_count;
}

static const struct spec_device *nth_node(const struct container_spec *spec, size_t index)
{
	size_t defaults = default_count(spec);
	return index < defaults ? &DEFAULT_NODES[index] : &spec->devices[index - defaults];
}

const char *rootfs_node_path(const struct container_spec *spec, size_t index)
{
	return nth_node(spec, index)->path;
}

static mode_t file_type(const struct spec_device *device)
{
	return device->type == 'c' ? S_IFCHR : device->type == 'b' ? S_IFBLK : S_IFIFO;
}

/* What stands there already serves when it is the same; the image's own idea of it is replaced. */
static int clear_place(int dir_fd, const char *name, const struct spec_device *device, dev_t number,
		       struct error *err)
{
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, "inspect %s", device->path);
	if ((st.st_mode & S_IFMT) == file_type(device) &&
	    (device->type == 'p' || st.st_rdev == number))
		return 1;
	if (unlinkat(dir_fd, name, 0) < 0)
		return error_errno(err, errno, "replace %s of the image", device->path);
	return 0;
}

static int make_node(const struct container_spec *spec, int dir_fd, const char *name,
		     const struct spec_device *device, struct error *err)
{
	dev_t number = device->type == 'p' ? 0 : makedev(device->major, device->minor);
	int made = mknodat(dir_fd, name, file_type(device) | device->mode, number);
	if (made < 0 && errno == EEXIST) {
		int there = clear_place(dir_fd, name, device, number, err);
		if (there != 0)
			return there < 0 ? -1 : 0;
		made = mknodat(dir_fd, name, file_type(device) | device->mode, number);
	}
	if (made < 0)
		return error_errno(err, errno, "create %s", device->path);
	if ((device->uid || device->gid) &&
	    fchownat(dir_fd, name, remap_id(spec, device->uid), remap_id(spec, device->gid),
		     AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "set the owner of %s", device->path);
	return 0;
}

static int bind_node(int dir_fd, const char *name, const struct spec_device *device, int node,
		     struct error *err)
{
	int made = openat(dir_fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	cleanup_close_fd(&made);
	_cleanup_close_ int target = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (target < 0 || fstat(target, &st) < 0)
		return error_errno(err, errno, "create %s", device->path);
	if (S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode))
		return error_set(err, "%s of the image is a link or a directory", device->path);
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
				  .propagation = MS_PRIVATE};
	if (sys_mount_setattr(node, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "set the attributes of %s", device->path);
	return mount_attach(node, target, device->path, err);
}

/* The directory of a node and the name in it. */
static int open_parent(int root_fd, const char *path, const char **name, struct error *err)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (!slash || !slash[1] || *path != '/' || length >= sizeof directory)
		return error_set(err, "device path \"%.80s\" is not an absolute path of a file", path);
	memcpy(directory, path, length);
	directory[length] = 0;
	*name = slash + 1;
	/* The default ones are made in every container: an image whose /dev is a link is refused. */
	return strcmp(directory, "/dev") == 0 ? resolve_real_directory(root_fd, directory, err)
					      : resolve_directory(root_fd, directory, err);
}

static int make_links(int dev_fd, struct error *err)
{
	for (size_t i = 0; i < countof(LINKS); i++)
		if (symlinkat(LINKS[i].target, dev_fd, LINKS[i].name) < 0 && errno != EEXIST)
			return error_errno(err, errno, "create /dev/%s", LINKS[i].name);
	return 0;
}

static int put_node(const struct container_spec *spec, const struct spec_device *device, int node,
		    int dir_fd, const char *name, struct error *err)
{
	return node >= 0 ? bind_node(dir_fd, name, device, node, err)
			 : make_node(spec, dir_fd, name, device, err);
}

/* The default ones are all in one directory. */
static int make_default(const struct container_spec *spec, const int *nodes, int root_fd,
			struct error *err)
{
	_cleanup_close_ int dev_fd = resolve_real_directory(root_fd, "dev", err);
	if (dev_fd < 0)
		return -1;
	for (size_t i = 0; i < default_count(spec); i++)
		if (put_node(spec, &DEFAULT_NODES[i], nodes ? nodes[i] : -1, dev_fd,
			     DEFAULT_NODES[i].path + strlen("/dev/"), err) < 0)
			return -1;
	return 0;
}

static int make_own(const struct container_spec *spec, const int *nodes, int root_fd,
		    struct error *err)
{
	for (size_t i = default_count(spec); i < rootfs_node_count(spec); i++) {
		const struct spec_device *device = nth_node(spec, i);
		const char *name;
		_cleanup_close_ int dir_fd = open_parent(root_fd, device->path, &name, err);
		if (dir_fd < 0 ||
		    put_node(spec, device, nodes ? nodes[i] : -1, dir_fd, name, err) < 0)
			return -1;
	}
	return 0;
}

int devices_build(const struct container_spec *spec, const int *nodes, const struct rootfs *rootfs,
		  struct error *err)
{
	int root_fd = rootfs->root_fd;
	if (spec->make_devices && make_default(spec, nodes, root_fd, err) < 0)
		return -1;
	if (make_own(spec, nodes, root_fd, err) < 0)
		return -1;
	if (spec->all_devices && host_devices_copy(rootfs->devices_fd, root_fd, err) < 0)
		return -1;
	if (!spec->make_devices)
		return 0;
	_cleanup_close_ int dev_fd = resolve_real_directory(root_fd, "dev", err);
	return dev_fd < 0 ? -1 : make_links(dev_fd, err);
}
