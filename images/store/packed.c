// SPDX-License-Identifier: Apache-2.0
#include "images/store/packed.h"

#include "images/store/store.h"
#include "lib/cleanup.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>

enum { IMAGES_MAX = 256, XATTR_NAME_SIZE = 256 };

void packed_xattr_write(FILE *out, const char *path, const char *name, const void *value,
			size_t length)
{
	uint32_t size = htole32((uint32_t)length);
	fwrite(path, 1, strlen(path) + 1, out);
	fwrite(name, 1, strlen(name) + 1, out);
	fwrite(&size, 1, sizeof size, out);
	fwrite(value, 1, length, out);
}

/* A text up to its NUL; 0 at the end of the file, -1 when it is cut off or too long. */
static int read_text(FILE *in, char *out, size_t capacity)
{
	size_t used = 0;
	int c = getc(in);
	if (c == EOF)
		return 0;
	for (; c > 0 && used < capacity - 1; c = getc(in))
		out[used++] = (char)c;
	out[used] = 0;
	return c == 0 ? 1 : -1;
}

static int restore_one(FILE *in, const char *tree, struct error *err)
{
	static unsigned char value[PACKED_XATTR_MAX];
	char path[PATH_MAX], name[XATTR_NAME_SIZE];
	uint32_t size;
	size_t used = strlen(tree);
	memcpy(path, tree, used + 1);
	int got = read_text(in, path + used, sizeof path - used);
	if (got == 0)
		return 0;
	if (got < 0 || read_text(in, name, sizeof name) != 1 || fread(&size, sizeof size, 1, in) != 1 ||
	    le32toh(size) > sizeof value || fread(value, 1, le32toh(size), in) != le32toh(size))
		return error_set(err, "the attributes of %s are cut off", tree);
	if (lsetxattr(path, name, value, le32toh(size), 0) < 0)
		return error_errno(err, errno, "set the attribute %s of %s", name, path);
	return 1;
}

static int restore_tree(int list_fd, const char *store, const char *hex, struct error *err)
{
	char tree[PATH_MAX];
	int fd = list_fd < 0 ? -1 : openat(list_fd, hex, O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *in = fd < 0 ? NULL : fdopen(fd, "r");
	if (!in)
		return error_errno(err, errno, "open %s/xattrs/%s", store, hex);
	snprintf(tree, sizeof tree, "%s/rootfs/%s", store, hex);
	int more;
	while ((more = restore_one(in, tree, err)) > 0)
		;
	return more;
}

int packed_restore(const char *store, struct error *err)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/xattrs", store);
	_cleanup_closedir_ DIR *dir = opendir(path);
	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (entry->d_name[0] != '.' &&
		    restore_tree(dirfd(dir), store, entry->d_name, err) < 0)
			return -1;
	return 0;
}

int packed_find(const char *path, const struct reference *wanted, struct arena *arena,
		struct pull_result *out)
{
	struct digest digests[IMAGES_MAX];
	struct store store;
	char name[REFERENCE_TEXT_MAX];
	int found = 0;
	reference_format(wanted, name);
	size_t count = store_open_to_read(path, &store) == 0
			       ? store_list(&store, digests, IMAGES_MAX) : 0;
	for (size_t i = 0; i < count && !found; i++) {
		struct arena before = *arena;
		bool pinned = *wanted->digest.text;
		if (pinned && strcmp(wanted->digest.text, digests[i].text) != 0)
			continue;
		found = store_load(&store, &digests[i], arena, out) == 1 &&
			(pinned || strcmp(out->reference, name) == 0);
		if (!found)
			*arena = before;
	}
	store_close(&store);
	if (found)
		out->source = arena_printf(arena, "initramfs %s", path);
	return found && out->source;
}
