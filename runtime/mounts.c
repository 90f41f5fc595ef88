// SPDX-License-Identifier: Apache-2.0
/* The mounts of a specification: each becomes a detached mount with all its attributes, and is put
 * onto the descriptor of its place, which is resolved once in the container's root. */
#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/remap.h"
#include "runtime/resolve.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define ATIME_BITS MOUNT_ATTR__ATIME

static int set_attributes(int fd, bool recursive, uint64_t set, uint64_t clear,
			  unsigned long propagation, const char *name, struct error *err)
{
	if (!set && !clear && !propagation)
		return 0;
	/* The kernel wants all the bits of a changed access-time rule cleared. */
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
	if ((set | clear) & ATIME_BITS)
		attr.attr_clr |= ATIME_BITS;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr,
			      sizeof attr) < 0)
		return error_errno(err, errno, "set the attributes of the mount on %s", name);
	return 0;
}

/* A file system is read-only once it is filled, which the kernel's own ones are. */
static uint64_t set_at_first(const struct spec_mount *mount)
{
	bool filled = mount->copy_up || strcmp(mount->type, "tmpfs") == 0 ||
		      strcmp(mount->destination, "/dev") == 0;
	return mount->set & ~(uint64_t)(filled ? MOUNT_ATTR_RDONLY : 0);
}

/* Of a new file system, whose other attributes nothing has changed. */
static bool has_all(const struct spec_mount *mount, uint64_t set)
{
	return mount->type && !mount->remount && !mount->clear && !mount->recursive_clear &&
	       !mount->recursive_set && !(set & ~set_at_first(mount));
}

/* Access-time bits are one value, not flags: a set one of the mount wins over a cleared one. */
static int apply_attributes(const struct spec_mount *mount, int fd, unsigned long otherwise,
			    uint64_t later, struct error *err)
{
	const char *name = mount->destination;
	unsigned long propagation = mount->propagation ? mount->propagation : otherwise;
	bool deep = mount->propagation ? mount->propagation_recursive : true;
	/* A group of its own: what it was a peer of, it only receives from any more. */
	if (!mount->propagation && propagation & MS_SHARED &&
	    set_attributes(fd, deep, 0, 0, MS_SLAVE, name, err) < 0)
		return -1;
	if (set_attributes(fd, deep, 0, 0, propagation, name, err) < 0 ||
	    set_attributes(fd, true, mount->recursive_set, mount->recursive_clear, 0, name,
			   err) < 0)
		return -1;
	uint64_t now = mount->set & ~later;
	return has_all(mount, now) ? 0 : set_attributes(fd, false, now, mount->clear, 0, name, err);
}

static int change_mounted(const struct spec_mount *mount, int root_fd, struct error *err)
{
	_cleanup_close_ int target = resolve_open(root_fd, mount->destination, O_PATH, err);
	return target < 0 ? -1 : apply_attributes(mount, target, 0, 0, err);
}

static int resolve_target(const struct spec_mount *mount, int mount_fd, int root_fd,
			  struct error *err)
{
	struct stat st;
	if (mount->ensure_real) {
		int fd = resolve_real_directory(root_fd, mount->destination, err);
		return fd < 0 ? error_context(err, "%s must be mounted on ordinary directory",
					      mount->type)
			      : fd;
	}
	if (fstat(mount_fd, &st) < 0)
		return error_errno(err, errno, "inspect the source of the mount on %s",
				   mount->destination);
	return S_ISDIR(st.st_mode) ? resolve_directory(root_fd, mount->destination, err)
				   : resolve_file(root_fd, mount->destination, err);
}

static int fill_from(int target, int mount_fd, const char *name, struct error *err)
{
	_cleanup_close_ int from = openat(target, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return error_errno(err, errno, "open %s to copy it", name);
	return copy_up(from, mount_fd, err);
}

static bool has_name(const char *path)
{
	return path[strspn(path, "/.")];
}

/* A mount on "/" is the root from then on. */
static int replace_root(const struct spec_mount *mount, struct rootfs *rootfs, int target,
			int mount_fd)
{
	struct stat root, place;
	if (mount->ensure_real && has_name(mount->destination))
		return 0;
	if (fstat(rootfs->root_fd, &root) < 0 || fstat(target, &place) < 0 ||
	    root.st_dev != place.st_dev || root.st_ino != place.st_ino)
		return 0;
	/* What was mounted before is below it. */
	cleanup_close_fd(&rootfs->proc_fd);
	cleanup_close_fd(&rootfs->sys_fd);
	rootfs->proc_fd = rootfs->sys_fd = -1;
	return dup3(mount_fd, rootfs->root_fd, O_CLOEXEC);
}

/* A part of a directory that others write to: no link there leads out of it. */
static int open_within(const struct spec_mount *mount, struct error *err)
{
	_cleanup_close_ int root =
		open(mount->source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, errno, "open %s to mount a part of it", mount->source);
	_cleanup_close_ int part = sys_openat2(root, mount->within, O_PATH | O_CLOEXEC, 0,
					       RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS |
						       (mount->no_links ? RESOLVE_NO_SYMLINKS : 0));
	if (part < 0)
		return error_errno(err, errno, "open \"%s\" in %s", mount->within, mount->source);
	return mount->recursive ? mount_copy_all(part, "", 0, err) : mount_copy(part, "", 0, err);
}

static int open_source(const struct spec_mount *mount, struct error *err)
{
	if (mount->within)
		return open_within(mount, err);
	int fd = sys_open_tree(AT_FDCWD, mount->source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
								(mount->recursive ? AT_RECURSIVE : 0));
	return fd < 0 ? error_errno(err, errno, "open %s to mount it", mount->source) : fd;
}

enum { OPTIONS_MAX = 1024 }; /* of one file system */

static bool takes_label(const char *type)
{
	return strcmp(type, "tmpfs") == 0 || strcmp(type, "ramfs") == 0 ||
	       strcmp(type, "devpts") == 0;
}

/* With linux.mountLabel, where no option of the mount's own says otherwise. */
static int make_labelled(const struct spec_mount *mount, const char *label, uint64_t set,
			 struct error *err)
{
	struct mount_option options[OPTIONS_MAX + 2] = {{"context", label}};
	size_t count = 1;
	for (const struct mount_option *own = mount->options; own && own->key; own++) {
		if (strcmp(own->key, "context") == 0)
			return mount_new(mount->type, mount->options, set, err);
		if (count > OPTIONS_MAX)
			return error_set(err, "more than %d options", OPTIONS_MAX);
		options[count++] = *own;
	}
	return mount_new(mount->type, options, set, err);
}

static int make_filesystem(const struct container_spec *spec, const struct spec_mount *mount,
			   struct error *err)
{
	uint64_t set = set_at_first(mount);
	if (spec->mount_label && takes_label(mount->type))
		return make_labelled(mount, spec->mount_label, set, err);
	return mount_new(mount->type, mount->options, set, err);
}

static bool has_option(const struct spec_mount *mount, const char *key)
{
	for (const struct mount_option *option = mount->options; option && option->key; option++)
		if (strcmp(option->key, key) == 0)
			return true;
	return false;
}

/* A tmpfs that says nothing of its mode has that of the directory which it covers. */
static int take_mode(const struct spec_mount *mount, int fd, int root_fd, struct error *err)
{
	struct stat st;
	if (!mount->type || strcmp(mount->type, "tmpfs") != 0 || has_option(mount, "mode"))
		return 0;
	_cleanup_close_ int place = resolve_open(root_fd, mount->destination, O_PATH, NULL);
	if (place < 0 || fstat(place, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	if (fchmodat(fd, ".", st.st_mode & 07777, 0) < 0)
		return error_errno(err, errno, "set the mode of the tmpfs on %s",
				   mount->destination);
	return 0;
}

/* The kernel's own file systems have the owners that they have. */
static bool is_remapped(const struct spec_mount *mount)
{
	return !mount->type || strcmp(mount->type, "tmpfs") == 0;
}

static int make_mount(const struct container_spec *spec, const struct spec_mount *mount,
		      struct error *err)
{
	remap_pause(spec);
	_cleanup_close_ int fd =
		mount->type ? make_filesystem(spec, mount, err) : open_source(mount, err);
	remap_resume(spec);
	if (fd < 0 || (is_remapped(mount) && remap_mount(spec, fd, mount->destination, err) < 0))
		return -1;
	return steal_fd(&fd);
}

/* The masks go into the mounts of the kernel's own file systems, whatever stands at their names by
 * then; a later mount on the same place takes the place of an earlier one. */
static int remember(const struct spec_mount *mount, int fd, struct rootfs *rootfs,
		    struct error *err)
{
	const char *place = mount->destination + strspn(mount->destination, "/");
	size_t length = strcspn(place, "/");
	if (place[length + strspn(place + length, "/")])
		return 0;
	int *kept = strncmp(place, "proc", length) == 0 && length == 4  ? &rootfs->proc_fd
		    : strncmp(place, "sys", length) == 0 && length == 3 ? &rootfs->sys_fd
									 : NULL;
	if (!kept)
		return 0;
	cleanup_close_fd(kept);
	*kept = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *kept < 0 ? error_errno(err, errno, "keep the mount on %s", mount->destination) : 0;
}

/* What is mounted below a shared root is shared, as mount(2) has it; the root itself becomes so when
 * all stands. A new file system is private anyway. */
static unsigned long usual_propagation(const struct container_spec *spec,
				       const struct spec_mount *mount)
{
	if (spec->root_propagation & MS_SHARED)
		return MS_SHARED;
	if (mount->type)
		return 0;
	return spec->root_propagation & MS_SLAVE ? MS_SLAVE : MS_PRIVATE;
}

/* Nodes, a terminal and other mounts come into /dev before it is read-only. */
static int keep_dev(const struct spec_mount *mount, int fd, struct rootfs *rootfs, uint64_t *later,
		    struct error *err)
{
	*later = 0;
	if (!mount->type || strcmp(mount->destination, "/dev") != 0)
		return 0;
	cleanup_close_fd(&rootfs->dev_fd);
	rootfs->dev_fd = -1;
	*later = mount->set & MOUNT_ATTR_RDONLY;
	if (*later)
		rootfs->dev_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return *later && rootfs->dev_fd < 0 ? error_errno(err, errno, "keep the mount on /dev") : 0;
}

/* `opened`: the lock, or -1. */
static int fill(const struct spec_mount *mount, int opened, int target, int mount_fd,
		struct error *err)
{
	/* Closed when it is filled: others may wait for it. */
	_cleanup_close_ int lock = opened < 0 ? fill_open_lock(mount->fill_lock, err) : opened;
	return lock < 0 ? -1 : fill_empty(lock, target, mount_fd, mount->fill_inside, err);
}

static int make_one(const struct container_spec *spec, const struct spec_mount *mount, int source,
		    int lock, struct rootfs *rootfs, struct error *err)
{
	uint64_t later;
	if (mount->remount)
		return change_mounted(mount, rootfs->root_fd, err);
	_cleanup_close_ int made = source < 0 ? make_mount(spec, mount, err) : -1;
	int fd = source < 0 ? made : source;
	if (fd >= 0 && take_mode(mount, fd, rootfs->root_fd, err) < 0)
		return -1;
	_cleanup_close_ int target = fd < 0 ? -1 : resolve_target(mount, fd, rootfs->root_fd, err);
	if (target < 0)
		return error_context(err, "mount on %s", mount->destination);
	if (mount->spare && !fill_is_empty(target))
		return 0;
	if (mount->copy_up && fill_from(target, fd, mount->destination, err) < 0)
		return error_context(err, "tmpcopyup");
	if (mount->fill_lock && fill(mount, lock, target, fd, err) < 0)
		return error_context(err, "first content of the volume on %s", mount->destination);
	if (keep_dev(mount, fd, rootfs, &later, err) < 0 ||
	    apply_attributes(mount, fd, usual_propagation(spec, mount), later, err) < 0 ||
	    mount_attach(fd, target, mount->destination, err) < 0)
		return -1;
	if (replace_root(mount, rootfs, target, fd) < 0)
		return error_errno(err, errno, "take the mount on / as the root");
	return remember(mount, fd, rootfs, err);
}

static int open_one(const struct spec_mount *mount, int *source, int *lock, struct error *err)
{
	*source = *lock = -1;
	if (mount->type || mount->remount)
		return 0;
	*source = open_source(mount, err);
	if (*source >= 0 && mount->fill_lock)
		*lock = fill_open_lock(mount->fill_lock, err);
	return *source < 0 || (mount->fill_lock && *lock < 0) ? -1 : 0;
}

int mounts_open(const struct container_spec *spec, struct rootfs *rootfs, struct error *err)
{
	rootfs->sources = calloc(spec->mount_count + 1, sizeof(int));
	rootfs->locks = calloc(spec->mount_count + 1, sizeof(int));
	if (!rootfs->sources || !rootfs->locks)
		return error_errno(err, ENOMEM, "open what is mounted");
	for (size_t i = 0; i < spec->mount_count; i++)
		if (open_one(&spec->mounts[i], &rootfs->sources[i], &rootfs->locks[i], err) < 0)
			return error_context(err, "mount on %s", spec->mounts[i].destination);
	return 0;
}

/* In order, because the kernel lists mounts in the order in which they were made, and users read
 * that list. */
int mounts_build(const struct container_spec *spec, const int *sources, struct rootfs *rootfs,
		 struct error *err)
{
	const int *opened = rootfs->sources ? rootfs->sources : sources;
	for (size_t i = 0; i < spec->mount_count; i++)
		if (make_one(spec, &spec->mounts[i], opened ? opened[i] : -1,
			     rootfs->locks ? rootfs->locks[i] : -1, rootfs, err) < 0)
			return -1;
	return 0;
}
