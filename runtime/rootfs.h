// SPDX-License-Identifier: Apache-2.0
/* The container's root file system: overlay over the image, the kernel's file systems, /dev,
 * generated files in /etc, and the change of root. Called in the child, in its own namespaces. */
#ifndef BERTH_RUNTIME_ROOTFS_H
#define BERTH_RUNTIME_ROOTFS_H

#include "runtime/container.h"

struct rootfs {
	int root_fd;  /* owned: the overlay's root */
	int proc_fd;  /* owned: the container's procfs, unmasked */
	int sys_fd;   /* owned: its sysfs */
	int state_fd; /* owned: the state directory in the machine */
};

#define ROOTFS_INIT {-1, -1, -1, -1}

/* Builds everything below state_dir/root; nothing is visible outside the mount namespace. */
int rootfs_build(const struct container_spec *spec, struct rootfs *rootfs, struct error *err);
/* Makes it "/" and detaches the machine's root. The current directory is then "/". */
int rootfs_enter(const struct rootfs *rootfs, struct error *err);

/* Populates /dev: a tmpfs with the default nodes and links, pts, shm and mqueue (dev.c). */
int dev_build(int root_fd, struct error *err);
/* Writes hosts, hostname and resolv.conf into the state directory and binds them (etc.c). */
int etc_build(const struct container_spec *spec, int root_fd, int state_fd, struct error *err);

#endif
