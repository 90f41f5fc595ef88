// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/sharing.h"

#include "init/config/sharing.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/mount.h"
#include "runtime/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#define SHM_FOLDER "/run/berth/shm"
enum { SHM_DEFAULT = 64 * 1024 * 1024, PATH_ROOM = 128 };

void shared_namespaces_close(struct shared_namespaces *shared)
{
	cleanup_close_fd(&shared->pid);
	cleanup_close_fd(&shared->ipc);
}

/* Whose /dev/shm it has, as a name below SHM_FOLDER; NULL: its own alone. */
static const char *shm_owner(const struct instance *instance)
{
	const char *service = NULL;
	switch (share_of(instance->config->ipc, &service)) {
	case SHARE_HOST:
		return "@host";
	case SHARE_SHAREABLE:
		return instance->config->name;
	case SHARE_SERVICE: {
		const struct instance *other = instance_of_service(instance, service);
		return other ? other->config->name : NULL;
	}
	default:
		return NULL;
	}
}

/* /dev/shm is left out, or one that others have too. */
static int replace_shm(const struct instance *instance, struct arena *arena,
		       struct container_spec *spec, struct error *err)
{
	const char *owner = shm_owner(instance);
	bool none = share_of(instance->config->ipc, NULL) == SHARE_NONE;
	struct spec_mount *mounts = arena_alloc(arena, spec->mount_count * sizeof *mounts);
	const char *source = arena_printf(arena, SHM_FOLDER "/%s", owner ? owner : "");
	size_t count = 0;
	if (!mounts || !source)
		return error_set(err, "the container's settings are too large");
	for (size_t i = 0; i < spec->mount_count; i++) {
		bool shm = strcmp(spec->mounts[i].destination, "/dev/shm") == 0;
		if (shm && none)
			continue;
		mounts[count] = spec->mounts[i];
		if (shm)
			mounts[count] = (struct spec_mount){.destination = "/dev/shm",
							    .source = source,
							    .set = spec->mounts[i].set};
		count++;
	}
	spec->mounts = mounts;
	spec->mount_count = count;
	return 0;
}

int sharing_specify(const struct instance *instance, struct arena *arena,
		    struct container_spec *spec, struct error *err)
{
	const struct container_config *config = instance->config;
	enum share pid = share_of(config->pid, NULL), ipc = share_of(config->ipc, NULL);
	if (pid != SHARE_PRIVATE)
		spec->namespaces &= ~namespace_kinds[NAMESPACE_PID].flag;
	if (ipc == SHARE_HOST || ipc == SHARE_SERVICE)
		spec->namespaces &= ~namespace_kinds[NAMESPACE_IPC].flag;
	if (config->uts_host)
		spec->namespaces &= ~namespace_kinds[NAMESPACE_UTS].flag;
	if (config->cgroup_host)
		spec->namespaces &= ~namespace_kinds[NAMESPACE_CGROUP].flag;
	return ipc == SHARE_PRIVATE ? 0 : replace_shm(instance, arena, spec, err);
}

/* Of its first process, which is not reaped as long as the instance says that it runs. */
static int open_namespace(const struct instance *instance, const char *service, int kind,
			  struct error *err)
{
	char path[64];
	const struct instance *other = instance_of_service(instance, service);
	if (!other || (other->state != INSTANCE_RUNNING && other->state != INSTANCE_STOPPING))
		return error_set(err, "the %s namespace of %.60s cannot be shared: it does not run",
				 namespace_kinds[kind].name, service);
	snprintf(path, sizeof path, "/proc/%d/ns/%s", other->process.pid, namespace_kinds[kind].file);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open %s of %.60s", path, service) : fd;
}

static int join(const struct instance *instance, const char *text, int kind,
		struct container_spec *spec, int *out, struct error *err)
{
	const char *service = NULL;
	if (share_of(text, &service) != SHARE_SERVICE)
		return 0;
	*out = open_namespace(instance, service, kind, err);
	spec->join[kind] = *out;
	return *out < 0 ? -1 : 0;
}

/* Those who still have the former one keep it. */
static int make_shm(const struct instance *instance, const char *owner, struct error *err)
{
	char path[PATH_ROOM], size[24];
	uint64_t bytes = instance->config->shm_bytes ? instance->config->shm_bytes : SHM_DEFAULT;
	snprintf(size, sizeof size, "%" PRIu64, bytes);
	const struct mount_option options[] = {
		{"source", "shm"}, {"mode", "1777"}, {"size", size}, {NULL, NULL}};
	snprintf(path, sizeof path, SHM_FOLDER "/%s", owner);
	if (make_directories(path, 0755, err) < 0)
		return -1;
	while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
		;
	_cleanup_close_ int mount_fd = mount_new(
		"tmpfs", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, err);
	_cleanup_close_ int target = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (mount_fd < 0 || target < 0)
		return mount_fd < 0 ? -1 : error_errno(err, errno, "open %s", path);
	return mount_attach(mount_fd, target, path, err);
}

static int prepare_shm(const struct instance *instance, struct error *err)
{
	static bool host_made;
	enum share ipc = share_of(instance->config->ipc, NULL);
	if (ipc == SHARE_SHAREABLE)
		return make_shm(instance, instance->config->name, err);
	if (ipc != SHARE_HOST || host_made)
		return 0;
	host_made = make_shm(instance, "@host", err) == 0;
	return host_made ? 0 : -1;
}

int sharing_join(const struct instance *instance, struct container_spec *spec,
		 struct shared_namespaces *out, struct error *err)
{
	const struct container_config *config = instance->config;
	if (join(instance, config->pid, NAMESPACE_PID, spec, &out->pid, err) < 0 ||
	    join(instance, config->ipc, NAMESPACE_IPC, spec, &out->ipc, err) < 0)
		return -1;
	return prepare_shm(instance, err);
}
