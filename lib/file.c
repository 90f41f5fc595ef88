// SPDX-License-Identifier: Apache-2.0
#include "lib/file.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

ssize_t file_read_fd(int fd, const char *name, char *out, size_t capacity, struct error *err)
{
	size_t used = 0;
	for (;;) {
		ssize_t got = read(fd, out + used, capacity - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, errno, "read %s", name);
		if (got == 0)
			break;
		used += (size_t)got;
		if (used == capacity)
			return error_set(err, "%s is longer than %zu bytes", name, capacity - 1);
	}
	out[used] = 0;
	return (ssize_t)used;
}

ssize_t file_read(int dir_fd, const char *path, char *out, size_t capacity, struct error *err)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, errno, "open %s", path);
	return file_read_fd(fd, path, out, capacity, err);
}

int write_all(int fd, const void *data, size_t size, struct error *err)
{
	const char *at = data;
	while (size > 0) {
		ssize_t put = write(fd, at, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return error_errno(err, errno, "write %zu bytes", size);
		at += put;
		size -= (size_t)put;
	}
	return 0;
}

int file_write(int dir_fd, const char *path, const void *data, size_t size, mode_t mode,
	       struct error *err)
{
	_cleanup_close_ int fd =
		openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return error_errno(err, errno, "create %s", path);
	if (write_all(fd, data, size, err) < 0)
		return error_context(err, "%s", path);
	return 0;
}

int file_put(int dir_fd, const char *path, const char *text, struct error *err)
{
	_cleanup_close_ int fd = openat(dir_fd, path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, errno, "open %s", path);
	if (write(fd, text, strlen(text)) < 0)
		return error_errno(err, errno, "write \"%.60s\" to %s", text, path);
	return 0;
}

int make_directories(const char *path, mode_t mode, struct error *err)
{
	char copy[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof copy)
		return error_errno(err, ENAMETOOLONG, "create %.60s…", path);
	memcpy(copy, path, length + 1);
	for (char *slash = copy + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return error_errno(err, errno, "create directory %s", copy);
		*slash = '/';
	}
	if (mkdir(copy, mode) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create directory %s", path);
	return 0;
}

void fill_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}
