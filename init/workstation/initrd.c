// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/initrd.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

static int append_file(int to, const char *path, struct error *err)
{
	char block[65536];
	size_t size = 0;
	_cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (from < 0)
		return error_errno(err, errno, "open %s", path);
	for (;;) {
		ssize_t got = read(from, block, sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, errno, "read %s", path);
		if (got == 0)
			break;
		if (write_all(to, block, (size_t)got, err) < 0)
			return error_context(err, "copy %s", path);
		size += (size_t)got;
	}
	return size % 4 ? write_all(to, "\0\0\0", 4 - size % 4, err) : 0;
}

int initrd_concatenate(const char *first, const struct string_list *more, int last, struct error *err)
{
	char path[32];
	_cleanup_close_ int fd = memfd_create("initramfs", MFD_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "create a file in memory");
	if (append_file(fd, first, err) < 0)
		return -1;
	for (size_t i = 0; i < more->count; i++)
		if (append_file(fd, more->items[i], err) < 0)
			return -1;
	snprintf(path, sizeof path, "/proc/self/fd/%d", last);
	if (last >= 0 && append_file(fd, path, err) < 0)
		return -1;
	return steal_fd(&fd);
}
