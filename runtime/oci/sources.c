// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/sources.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/namespaces.h"
#include "runtime/oci/nodes.h"
#include "runtime/rootfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int clone_tree(int dir_fd, const char *path, bool recursive, struct error *err)
{
	int fd = sys_open_tree(dir_fd, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH |
						     (recursive ? AT_RECURSIVE : 0));
	return fd < 0 ? error_errno(err, errno, "open %s to mount it", *path ? path : "the cgroup")
		      : fd;
}

/* The mount shows the IDs as the container, or the mount's own mapping, has them. */
static int map_ids(const struct oci_config *config, const struct spec_mount *mount, int fd,
		   struct error *err)
{
	const struct id_maps *maps = mount->maps.uid_count ? &mount->maps : &config->spec.maps;
	if (!mount->idmap)
		return 0;
	if (!maps->uid_count || !maps->gid_count)
		return error_set(err, "the idmapped mount on %s has no mappings: neither it nor the "
				      "container has both", mount->destination);
	_cleanup_close_ int user = namespaces_make_user(maps, err);
	if (user < 0)
		return -1;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)user};
	int deep = mount->idmap_recursive ? AT_RECURSIVE : 0;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | (unsigned)deep, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "map the IDs of the mount on %s",
				   mount->destination);
	return 0;
}

/* The process itself opens its sources, unless it could not: in a user namespace it may not reach
 * them, in a joined mount namespace it sees others, and mapping is the host's privilege. */
static bool needs_host(const struct oci_config *config, const struct spec_mount *mount)
{
	return mount->idmap || mount->own_cgroup || namespaces_new_user(&config->spec) ||
	       config->namespace_paths[NAMESPACE_USER] || config->namespace_paths[NAMESPACE_MOUNT];
}

static int open_mount(const struct oci_config *config, const struct spec_mount *mount, int cgroup_fd,
		      struct error *err)
{
	if (mount->remount || (mount->type && !mount->idmap) || !needs_host(config, mount))
		return -1;
	if (mount->type)
		return error_set(err, "the new file system on %s cannot be idmapped",
				 mount->destination) - 1;
	if (mount->own_cgroup && cgroup_fd < 0)
		return error_set(err, "no cgroup to mount on %s", mount->destination) - 1;
	_cleanup_close_ int fd = mount->own_cgroup
					 ? clone_tree(cgroup_fd, "", false, err)
					 : clone_tree(AT_FDCWD, mount->source, mount->recursive, err);
	if (fd < 0 || map_ids(config, mount, fd, err) < 0) {
		error_context(err, "mount on %s", mount->destination);
		return -2;
	}
	return steal_fd(&fd);
}

static int open_mounts(const struct oci_config *config, int cgroup_fd, struct sources *sources,
		       struct error *err)
{
	const struct container_spec *spec = &config->spec;
	for (; sources->mount_count < spec->mount_count; sources->mount_count++) {
		int fd = open_mount(config, &spec->mounts[sources->mount_count], cgroup_fd, err);
		if (fd < -1)
			return -1;
		sources->mounts[sources->mount_count] = fd;
	}
	return 0;
}

/* The host's own nodes. */
static int copy_nodes(const struct container_spec *spec, size_t end, struct sources *sources,
		      struct error *err)
{
	for (; sources->node_count < end; sources->node_count++) {
		int fd = clone_tree(AT_FDCWD, rootfs_node_path(spec, sources->node_count), false,
				    err);
		if (fd < 0)
			return -1;
		sources->nodes[sources->node_count] = fd;
	}
	return 0;
}

/* A user namespace may not make nodes. The host's serve for the default ones, and for the others
 * where nobody may make any. */
static int open_nodes(const struct oci_config *config, struct sources *sources, struct error *err)
{
	const struct container_spec *spec = &config->spec;
	if (!namespaces_new_user(spec) && !config->namespace_paths[NAMESPACE_USER])
		return 0;
	size_t count = rootfs_node_count(spec);
	sources->nodes = calloc(count + 1, sizeof *sources->nodes);
	if (!sources->nodes)
		return error_errno(err, ENOMEM, "open devices");
	if (copy_nodes(spec, count - spec->device_count, sources, err) < 0)
		return -1;
	if (namespaces_new_user(spec)) {
		struct error why = ERROR_INIT;
		int done = nodes_make(spec->devices, spec->device_count, &spec->maps,
				      sources->nodes + sources->node_count, &why);
		if (done == 0 || why.code != EPERM) {
			sources->node_count = count;
			if (done < 0)
				*err = why;
			return done;
		}
	}
	return copy_nodes(spec, count, sources, err);
}

static int open_namespaces(struct oci_config *config, struct error *err)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		const char *path = config->namespace_paths[i];
		if (!path)
			continue;
		config->spec.join[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (config->spec.join[i] < 0)
			return error_errno(err, errno, "open the %s namespace %s",
					   namespace_kinds[i].name, path);
	}
	return 0;
}

int sources_open(struct oci_config *config, int cgroup_fd, struct sources *sources,
		 struct error *err)
{
	*sources = (struct sources){.root_fd = -1};
	sources->mounts = calloc(config->spec.mount_count + 1, sizeof *sources->mounts);
	if (!sources->mounts)
		return error_errno(err, ENOMEM, "open mounts");
	if (open_namespaces(config, err) < 0)
		return -1;
	sources->root_fd = clone_tree(AT_FDCWD, config->spec.root_path, true, err);
	return sources->root_fd < 0 || open_mounts(config, cgroup_fd, sources, err) < 0 ||
			       open_nodes(config, sources, err) < 0
		       ? -1
		       : 0;
}

void sources_close(struct oci_config *config, struct sources *sources)
{
	for (size_t i = 0; i < sources->mount_count; i++)
		cleanup_close_fd(&sources->mounts[i]);
	for (size_t i = 0; i < sources->node_count; i++)
		cleanup_close_fd(&sources->nodes[i]);
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		cleanup_close_fd(&config->spec.join[i]);
	cleanup_close_fd(&sources->root_fd);
	free(sources->mounts);
	free(sources->nodes);
}
