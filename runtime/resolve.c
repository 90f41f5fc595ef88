// SPDX-License-Identifier: Apache-2.0
#include "runtime/resolve.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

enum { IN_ROOT = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };

int resolve_open(int root_fd, const char *path, int flags, struct error *err)
{
	int fd = sys_openat2(root_fd, path, (uint64_t)flags, 0, IN_ROOT);
	return fd < 0 ? error_errno(err, errno, "open \"%s\" in the container", path) : fd;
}

enum { LINKS_MAX = 16 };

static int walk(int root_fd, const char *path, int links, struct error *err);

/* The directory that a link stands for, made where the link leads: in root, as everything. */
static int follow_dangling(int root_fd, int parent_fd, const char *prefix, const char *name,
			   int links, struct error *err)
{
	char target[PATH_MAX], path[2 * PATH_MAX];
	ssize_t length = readlinkat(parent_fd, name, target, sizeof target - 1);
	if (length <= 0 || links >= LINKS_MAX)
		return error_errno(err, length <= 0 ? EEXIST : ELOOP,
				   "directory \"%s\" in the container", prefix);
	target[length] = 0;
	size_t above = *target == '/' ? 0 : (size_t)(strlen(prefix) - strlen(name));
	memcpy(path, prefix, above);
	memcpy(path + above, target, (size_t)length + 1);
	return walk(root_fd, path, links + 1, err);
}

/* Opens the directory `prefix`, whose parent is parent_fd and whose last component is `name`;
 * creates it when it is missing. */
static int step_into(int root_fd, int parent_fd, const char *prefix, const char *name, int links,
		     struct error *err)
{
	int fd = sys_openat2(root_fd, prefix, O_PATH | O_DIRECTORY, 0, IN_ROOT);
	if (fd < 0 && errno == ENOENT) {
		if (mkdirat(parent_fd, name, 0755) < 0)
			return errno == EEXIST
				       ? follow_dangling(root_fd, parent_fd, prefix, name, links,
							 err)
				       : error_errno(err, errno == EROFS ? ENOENT : errno,
						     "directory \"%s\" in the container",
						     prefix);
		fd = sys_openat2(root_fd, prefix, O_PATH | O_DIRECTORY, 0, IN_ROOT);
	}
	return fd < 0 ? error_errno(err, errno, "directory \"%s\" in the container", prefix) : fd;
}

/* Every prefix is resolved from the root again, so that neither ".." nor a link can leave it. */
static int walk(int root_fd, const char *path, int links, struct error *err)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);
	if (length >= sizeof prefix)
		return error_errno(err, ENAMETOOLONG, "directory \"%.60s…\"", path);
	memcpy(prefix, path, length + 1);
	_cleanup_close_ int fd = sys_openat2(root_fd, ".", O_PATH | O_DIRECTORY, 0, IN_ROOT);
	if (fd < 0)
		return error_errno(err, errno, "open the container's root");
	for (char *name = prefix; *name;) {
		name += strspn(name, "/");
		size_t size = strcspn(name, "/");
		if (size == 0)
			break;
		char next = name[size];
		name[size] = 0;
		int deeper = step_into(root_fd, fd, prefix, name, links, err);
		if (deeper < 0)
			return -1;
		close(fd);
		fd = deeper;
		name[size] = next;
		name += size;
	}
	return steal_fd(&fd);
}

int resolve_directory(int root_fd, const char *path, struct error *err)
{
	return walk(root_fd, path, 0, err);
}

static int step_real(int parent_fd, const char *name, const char *path, struct error *err)
{
	if (mkdirat(parent_fd, name, 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create /%s in the container", path);
	_cleanup_close_ int fd = openat(parent_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open /%s in the container", path);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, "the image's /%s is a %s, not a directory", path,
				 S_ISLNK(st.st_mode) ? "symbolic link" : "file");
	return steal_fd(&fd);
}

int resolve_real_directory(int root_fd, const char *path, struct error *err)
{
	char copy[PATH_MAX];
	path += strspn(path, "/");
	size_t length = strlen(path);
	if (length >= sizeof copy)
		return error_errno(err, ENAMETOOLONG, "directory \"%.60s…\"", path);
	memcpy(copy, path, length + 1);
	_cleanup_close_ int fd = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (char *rest = copy, *name; fd >= 0 && (name = strsep(&rest, "/"));) {
		if (!*name || strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0)
			return error_set(err, "directory \"/%s\" has \"..\" in it", path);
		int deeper = step_real(fd, name, path, err);
		if (deeper < 0)
			return -1;
		close(fd);
		fd = deeper;
	}
	return fd < 0 ? error_errno(err, errno, "open the container's root") : steal_fd(&fd);
}

static int create_file(int parent, const char *name, const char *path, struct error *err)
{
	int flags = O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_close_ int fd = openat(parent, name, flags, 0644);
	/* The path did not resolve, so what stands here is a link that leads nowhere. */
	if (fd < 0 && errno == EEXIST && unlinkat(parent, name, 0) == 0)
		fd = openat(parent, name, flags, 0644);
	if (fd < 0)
		return error_errno(err, errno, "create \"%s\" in the container", path);
	return steal_fd(&fd);
}

/* The path does not resolve: creates it in its directory, whatever is missing of that. */
static int create_missing(int root_fd, const char *path, struct error *err)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	if (length >= sizeof directory)
		return error_errno(err, ENAMETOOLONG, "file \"%.60s…\"", path);
	memcpy(directory, path, length);
	directory[length] = 0;
	_cleanup_close_ int parent = resolve_directory(root_fd, directory, err);
	return parent < 0 ? -1 : create_file(parent, slash ? slash + 1 : path, path, err);
}

int resolve_file(int root_fd, const char *path, struct error *err)
{
	_cleanup_close_ int fd = sys_openat2(root_fd, path, O_PATH, 0, IN_ROOT);
	if (fd < 0 && errno == ENOENT)
		return create_missing(root_fd, path, err);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open \"%s\" in the container", path);
	if (S_ISDIR(st.st_mode))
		return error_errno(err, EISDIR, "file \"%s\" in the container", path);
	return steal_fd(&fd);
}
