// SPDX-License-Identifier: Apache-2.0
/* The container's root file system: the overlay or directory, mounts, devices, masks, and the
 * change of root. Called in the child, in its own namespaces. */
#ifndef BERTH_RUNTIME_ROOTFS_H
#define BERTH_RUNTIME_ROOTFS_H

#include "runtime/container.h"

enum { ROOTFS_ETC_FILES = 3 };

struct rootfs {
	int root_fd;  /* owned: the container's root */
	int state_fd; /* owned: with layers, the state directory in the machine */
	int masks_fd; /* owned: see mask.h */
	int proc_fd;  /* owned: the procfs that was mounted on /proc, or -1 */
	int sys_fd;   /* owned: the sysfs on /sys, or -1 */
	int dev_fd;   /* owned: the file system on /dev, when it is to be read-only, or -1 */
	int reaper_fd;  /* owned: detached copy of the small init until it is bound, or -1 */
	int devices_fd; /* owned: the machine's /dev, when all its devices are wanted, or -1 */
	int etc_fds[ROOTFS_ETC_FILES]; /* owned: the files for /etc until they are bound, or -1 */
	/* Owned: of each mount what the host gives, where it was opened beforehand (else -1, or NULL
	 * for all): the source of a bind mount and the lock of its first filling. */
	int *sources, *locks;
};

#define ROOTFS_INIT {-1, -1, -1, -1, -1, -1, -1, -1, {-1, -1, -1}, NULL, NULL}

/* Whether the container is born in the nursery (nursery.h): its process is then cloned without a new
 * mount namespace, makes with the machine's mounts whatever needs them, and leaves them. */
bool rootfs_apart(const struct container_spec *spec);

/* Builds everything; nothing is visible outside the mount namespace. */
int rootfs_build(const struct container_spec *spec, const struct start_links *links,
		 struct rootfs *rootfs, struct error *err);
/* Makes it "/" and detaches the host's root. The current directory is then "/". */
int rootfs_enter(const struct container_spec *spec, const struct rootfs *rootfs,
		 struct error *err);
/* What must wait until everything is made: read-only root and /dev, propagation of the root. */
int rootfs_finish(const struct container_spec *spec, const struct rootfs *rootfs,
		  struct error *err);

/* Overlay of layers, detached (overlay.c); fills root_fd and state_fd. */
int overlay_build(const struct container_spec *spec, struct rootfs *rootfs, struct error *err);
/* Writes hosts, hostname and resolv.conf into the state directory; fills etc_fds (etc.c). */
int etc_make(const struct container_spec *spec, struct rootfs *rootfs, struct error *err);
/* Binds them in the root. */
int etc_attach(struct rootfs *rootfs, struct error *err);
/* Puts the specification's files into their places: binds of files in memory (files.c). */
int files_build(const struct container_spec *spec, const struct rootfs *rootfs, struct error *err);
/* The container's small init, when it has one: finds it in the machine, and binds it (reaper.c). */
int reaper_open(const struct container_spec *spec, struct rootfs *rootfs, struct error *err);
int reaper_build(struct rootfs *rootfs, struct error *err);
/* Opens what the host gives to the mounts: fills sources and locks (mounts.c). */
int mounts_open(const struct container_spec *spec, struct rootfs *rootfs, struct error *err);
/* Makes the mounts of the specification, in order. `sources`: as in start_links. */
int mounts_build(const struct container_spec *spec, const int *sources, struct rootfs *rootfs,
		 struct error *err);
/* Copies what is in the directory from_fd into to_fd, with owners, modes and times (copy_up.c). */
int copy_up(int from_fd, int to_fd, struct error *err);
/* The same, but to_fd keeps its own owner, mode and times at every moment. */
int copy_up_inside(int from_fd, int to_fd, struct error *err);
/* Opens the lock of a volume's first filling, a file of the host (fill.c). */
int fill_open_lock(const char *path, struct error *err);
/* Fills the volume at volume_fd, when it is empty, with what is in the directory target_fd, and no
 * other container at the same time. With `inside` it keeps its own owner and mode. */
int fill_empty(int lock, int target_fd, int volume_fd, bool inside, struct error *err);
bool fill_is_empty(int dir_fd);
/* Makes device nodes and the links beside them (devices.c). `nodes`: as in start_links. */
int devices_build(const struct container_spec *spec, const int *nodes, const struct rootfs *rootfs,
		  struct error *err);
/* How many nodes that is, and the path of each, the default ones first. */
size_t rootfs_node_count(const struct container_spec *spec);
const char *rootfs_node_path(const struct container_spec *spec, size_t index);
/* The machine's /dev, opened while it can be reached, and nodes for all its devices (host_devices.c). */
int host_devices_open(struct error *err);
int host_devices_copy(int devices_fd, int root_fd, struct error *err);

#endif
