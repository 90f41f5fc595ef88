// SPDX-License-Identifier: Apache-2.0
#include "runtime/remap.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"
#include "runtime/attributes.h"
#include "runtime/namespaces.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

uint32_t remap_id(const struct container_spec *spec, uint32_t id)
{
	return spec->remap.on ? spec->remap.base + id : id;
}

int remap_mount(const struct container_spec *spec, int mount_fd, const char *name,
		struct error *err)
{
	if (!spec->remap.on)
		return 0;
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP,
				  .userns_fd = (uint64_t)spec->remap.user_ns};
	if (sys_mount_setattr(mount_fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return error_errno(err, errno, "map the owners of what is on %s%s", name,
				   errno == EINVAL ? " (its file system cannot: say userns_mode: host)" : "");
	return 0;
}

static int cover(const struct container_spec *spec, const char *path, struct error *err)
{
	_cleanup_close_ int copy = mount_copy(AT_FDCWD, path, 0, err);
	if (copy < 0 || remap_mount(spec, copy, path, err) < 0)
		return -1;
	_cleanup_close_ int target = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return target < 0 ? error_errno(err, errno, "open %s", path)
			  : mount_attach(copy, target, path, err);
}

static bool is_repeated(const struct string_list *layers, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(layers->items[i], layers->items[index]) == 0)
			return true;
	return false;
}

/* The system calls themselves: their result is the former ID. */
static void make_files_as(uint32_t id)
{
	syscall(SYS_setfsgid, id);
	syscall(SYS_setfsuid, id);
}

void remap_pause(const struct container_spec *spec)
{
	if (spec->remap.on)
		make_files_as(0);
}

void remap_resume(const struct container_spec *spec)
{
	if (spec->remap.on)
		make_files_as(spec->remap.base);
}

int remap_layers(const struct container_spec *spec, struct error *err)
{
	if (!spec->remap.on)
		return 0;
	for (size_t i = 0; i < spec->layers.count; i++)
		if (!is_repeated(&spec->layers, i) && cover(spec, spec->layers.items[i], err) < 0)
			return -1;
	if (cover(spec, spec->state_dir, err) < 0)
		return -1;
	/* Or the capabilities over files would go with the ID. */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
		return error_errno(err, errno, "keep the capabilities over a change of user");
	remap_resume(spec);
	return 0;
}

/* The program may open its standard streams again by /dev/stdout and the like; a terminal is given to
 * its user by the container's root. */
static void own_streams(const struct container_spec *spec)
{
	if (spec->process.terminal)
		fchown(0, spec->remap.base, (gid_t)-1);
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			fchown(fd, spec->remap.base, spec->remap.base);
	}
}

int remap_enter(const struct container_spec *spec, struct error *err)
{
	if (!spec->remap.on)
		return 0;
	own_streams(spec);
	/* Inside nobody may raise them. */
	if (attributes_lift_limits(&spec->process, 0, err) < 0)
		return -1;
	if (setns(spec->remap.user_ns, CLONE_NEWUSER) < 0)
		return error_errno(err, errno, "enter the user namespace");
	return namespaces_become_root(err);
}
