// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/archive.h"

#include "images/store/packed.h"
#include "init/workstation/cpio.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int put_tree(struct cpio *cpio, int rootfs_fd, const char *hex, struct error *err)
{
	_cleanup_free_ char *list = NULL;
	size_t list_size = 0;
	FILE *xattrs = open_memstream(&list, &list_size);
	if (!xattrs)
		return error_errno(err, errno, "list attributes");
	cpio->xattrs = xattrs;
	snprintf(cpio->name, sizeof cpio->name, PACKED_NAME "/rootfs/%s", hex);
	cpio->tree = strlen(cpio->name);
	int result = cpio_entry(cpio, rootfs_fd, hex, err);
	cpio->xattrs = NULL;
	fclose(xattrs);
	if (result == 0 && list_size > 0) {
		char name[PATH_MAX];
		snprintf(name, sizeof name, PACKED_NAME "/xattrs/%s", hex);
		cpio_made(cpio, name, S_IFREG | 0600, list, list_size);
	}
	return result;
}

static int put_record(struct cpio *cpio, int images_fd, const char *hex, struct error *err)
{
	struct stat st;
	snprintf(cpio->name, sizeof cpio->name, PACKED_NAME "/images/%s", hex);
	_cleanup_close_ int fd = openat(images_fd, hex, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "open %s", cpio->name);
	st.st_mtim.tv_sec = 0;
	return cpio_file(cpio, fd, &st, err);
}

typedef int put_child(struct cpio *cpio, int dir_fd, const char *name, struct error *err);

static int for_each(struct cpio *cpio, const char *store, const char *part, put_child *child,
		    struct error *err)
{
	char path[PATH_MAX];
	struct dirent **entries = NULL;
	int result = 0;
	snprintf(path, sizeof path, "%s/%s", store, part);
	_cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = fd < 0 ? -1 : cpio_list(fd, &entries);
	if (count < 0)
		return error_errno(err, errno, "list %s", path);
	for (int i = 0; i < count; i++) {
		if (result == 0)
			result = child(cpio, fd, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

int archive_store(const char *store, int fd, uint64_t *bytes, struct error *err)
{
	static const char *const folders[] = {"berth", PACKED_NAME, PACKED_NAME "/images",
					      PACKED_NAME "/rootfs", PACKED_NAME "/xattrs"};
	_cleanup_fclose_ FILE *out = fdopen(fd, "w");
	if (!out)
		return error_errno(err, errno, "open the archive");
	struct cpio cpio = {.out = out};
	for (size_t i = 0; i < countof(folders); i++)
		cpio_made(&cpio, folders[i], S_IFDIR | 0755, "", 0);
	int result = for_each(&cpio, store, "rootfs", put_tree, err);
	if (result == 0)
		result = for_each(&cpio, store, "images", put_record, err);
	struct error written = ERROR_INIT;
	if (cpio_end(&cpio, &written) < 0 && result == 0)
		result = error_set(err, "%s", written.text);
	*bytes = cpio.bytes;
	return result == 0 && fsync(fd) < 0 ? error_errno(err, errno, "write the archive") : result;
}
