// SPDX-License-Identifier: Apache-2.0
#include "images/store/stage.h"

#include "lib/cleanup.h"
#include "lib/mount.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { OPTIONS_MAX = 300, NAMES_SIZE = 65536, VALUE_SIZE = 65536 };

static int copy_attributes(const char *from, const char *to, struct error *err)
{
	_cleanup_free_ char *names = malloc(NAMES_SIZE), *value = malloc(VALUE_SIZE);
	if (!names || !value)
		return error_temporary(err, "no memory for the attributes of %s", from);
	ssize_t length = listxattr(from, names, NAMES_SIZE);
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(names + at) + 1) {
		const char *name = names + at;
		if (strncmp(name, "trusted.overlay.", 16) == 0 ||
		    strcmp(name, "security.selinux") == 0)
			continue;
		ssize_t size = getxattr(from, name, value, VALUE_SIZE);
		if (size < 0 || setxattr(to, name, value, (size_t)size, 0) < 0)
			return error_errno(err, errno, "copy the attribute %s of %s", name, from);
	}
	return 0;
}

/* An overlay mount shows the root of its upper directory as its own. */
static int copy_root(const char *from, const char *to, struct error *err)
{
	struct stat st;
	if (stat(from, &st) < 0 || chown(to, st.st_uid, st.st_gid) < 0 ||
	    chmod(to, st.st_mode & 07777) < 0)
		return error_errno(err, errno, "copy owner and mode of %s", from);
	if (copy_attributes(from, to, err) < 0)
		return -1;
	const struct timespec times[] = {st.st_atim, st.st_mtim};
	if (utimensat(AT_FDCWD, to, times, 0) < 0)
		return error_errno(err, errno, "copy the times of %s", from);
	return 0;
}

/* Each layer says by itself what it hides; nothing may depend on how it was mounted here. The whole
 * layer is synced when it is complete (unsettled.h), not each file that is copied up ("volatile"). */
static const struct mount_option fixed[] = {
	{"source", "overlay"}, {"redirect_dir", "off"}, {"index", "off"}, {"metacopy", "off"},
	{"xino", "off"}, {"volatile", NULL},
};

static int mount_stage(const char *upper, const char *work, const struct string_list *lower,
		       struct error *err)
{
	struct mount_option options[OPTIONS_MAX];
	size_t used = 0;
	for (size_t i = 0; i < countof(fixed); i++)
		options[used++] = fixed[i];
	if (lower->count > OPTIONS_MAX - countof(fixed) - 3)
		return error_set(err, "more than %zu layers",
				 OPTIONS_MAX - countof(fixed) - 3);
	for (size_t i = lower->count; i > 0; i--)
		options[used++] = (struct mount_option){"lowerdir+", lower->items[i - 1]};
	options[used++] = (struct mount_option){"upperdir", upper};
	options[used++] = (struct mount_option){"workdir", work};
	options[used] = (struct mount_option){NULL, NULL};
	return mount_new("overlay", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
			 err);
}

int stage_open(const char *upper, const char *work, const struct string_list *lower,
	       struct error *err)
{
	if (copy_root(lower->items[lower->count - 1], upper, err) < 0)
		return -1;
	if (mkdir(work, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s", work);
	_cleanup_close_ int mount_fd = mount_stage(upper, work, lower, err);
	if (mount_fd < 0)
		return error_context(err, "mount the layers below (needs Linux 6.7)");
	return steal_fd(&mount_fd);
}
