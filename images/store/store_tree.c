// SPDX-License-Identifier: Apache-2.0
#include "images/store/store.h"

#include "images/store/unsettled.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct part {
	const char *name;
	int fd;
};

static struct part part_of(const struct store *store, enum store_kind kind)
{
	return kind == STORE_LAYER ? (struct part){"layers", store->layers_fd}
				   : (struct part){"rootfs", store->rootfs_fd};
}

static bool is_there(int fd, const char *name)
{
	struct stat st;
	return fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

bool store_has(const struct store *store, enum store_kind kind, const struct digest *digest,
	       char *path, size_t capacity)
{
	struct part part = part_of(store, kind);
	struct store_name name = store_name(digest, false);
	snprintf(path, capacity, "%s/%s/%s", store->path, part.name, name.text);
	return is_there(part.fd, name.text);
}

int store_begin(const struct store *store, enum store_kind kind, const struct digest *digest,
		char *path, size_t capacity, struct error *err)
{
	struct part part = part_of(store, kind);
	struct store_name name = store_name(digest, true);
	snprintf(path, capacity, "%s/%s/%s", store->path, part.name, name.text);
	if (tree_remove(part.fd, name.text, err) < 0)
		return -1;
	if (mkdirat(part.fd, name.text, 0755) < 0)
		return error_errno(err, errno, "create %s", path);
	return 0;
}

int store_commit(const struct store *store, enum store_kind kind, const struct digest *digest,
		 struct error *err)
{
	struct part part = part_of(store, kind);
	struct store_name from = store_name(digest, true), to = store_name(digest, false);
	if (kind == STORE_LAYER && unsettled_mark(store, digest, err) < 0)
		return -1;
	if (renameat(part.fd, from.text, part.fd, to.text) < 0)
		return error_errno(err, errno, "rename %s/%s/%s", store->path, part.name,
				   from.text);
	return 0;
}

int store_remove(const struct store *store, enum store_kind kind, const struct digest *digest,
		 struct error *err)
{
	struct part part = part_of(store, kind);
	struct store_name partial = store_name(digest, true), name = store_name(digest, false);
	if (is_there(part.fd, name.text)) {
		if (tree_remove(part.fd, partial.text, err) < 0)
			return -1;
		if (renameat(part.fd, name.text, part.fd, partial.text) < 0)
			return error_errno(err, errno, "remove %s/%s/%s", store->path, part.name,
					   name.text);
	}
	return tree_remove(part.fd, partial.text, err);
}
