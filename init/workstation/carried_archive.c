// SPDX-License-Identifier: Apache-2.0
/* What is carried, as an archive for the machine. */
#include "init/workstation/carried.h"

#include "init/config/volumes.h"
#include "init/workstation/cpio.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void tell_left_out(const char *path)
{
	fprintf(stderr, "berth: %s is a socket, FIFO or device and is not carried into the machine\n",
		path);
}

/* Those of what is bound, which lies as deep as beside the document. */
static void put_parents(struct cpio *cpio, const char *name)
{
	char path[PATH_MAX];
	for (size_t i = sizeof CARRIED_BINDS; i < strlen(name); i++) {
		if (name[i] != '/')
			continue;
		snprintf(path, sizeof path, "%.*s", (int)i, name);
		cpio_made(cpio, path + 1, S_IFDIR | 0755, "", 0);
	}
}

/* A later one has it in it. */
static bool is_covered(const struct carried *carried, size_t which)
{
	const char *name = carried->items[which].name;
	for (size_t i = which + 1; i < carried->count; i++) {
		size_t length = strlen(carried->items[i].name);
		if (carried->items[which].fd >= 0 && strncmp(name, carried->items[i].name, length) == 0 &&
		    name[length] == '/')
			return true;
	}
	return false;
}

static int put_item(struct cpio *cpio, const struct carried_item *item, struct error *err)
{
	struct stat st;
	if (item->fd < 0) {
		cpio_made(cpio, item->name + 1, S_IFREG | 0400, item->bytes, item->size);
		return 0;
	}
	put_parents(cpio, item->name);
	snprintf(cpio->name, sizeof cpio->name, "%s", item->name + 1);
	cpio->source = item->source;
	cpio->hidden = strlen(cpio->name);
	if (fstat(item->fd, &st) < 0)
		return error_errno(err, errno, "look at %s", item->source);
	if (S_ISDIR(st.st_mode))
		return cpio_entry(cpio, item->fd, ".", err);
	if (lseek(item->fd, 0, SEEK_SET) < 0)
		return error_errno(err, errno, "read %s", item->source);
	return cpio_file(cpio, item->fd, &st, err);
}

int carried_archive(const struct carried *carried, uint64_t most, struct error *err)
{
	static const char *const folders[] = {CARRIED_FOLDER, CARRIED_FOLDER "/secrets",
					      CARRIED_FOLDER "/configs", CARRIED_FOLDER "/profiles"};
	static const char binds[] = CARRIED_BINDS;
	_cleanup_close_ int fd = memfd_create("carried files", MFD_CLOEXEC);
	_cleanup_fclose_ FILE *out = fd < 0 ? NULL : fdopen(dup(fd), "w");
	struct cpio cpio = {.out = out, .bytes_most = most, .left_out = tell_left_out};
	if (!out)
		return error_errno(err, errno, "create a file in memory");
	for (size_t i = 0; i < countof(folders); i++)
		cpio_made(&cpio, folders[i] + 1, S_IFDIR | 0700, "", 0);
	cpio_made(&cpio, binds + 1, S_IFDIR | 0755, "", 0);
	int result = 0;
	for (size_t i = 0; result == 0 && i < carried->count; i++)
		if (!is_covered(carried, i))
			result = put_item(&cpio, &carried->items[i], err);
	struct error end = ERROR_INIT;
	if (cpio_end(&cpio, &end) < 0 && result == 0)
		result = error_set(err, "%s", end.text);
	return result < 0 ? -1 : steal_fd(&fd);
}

ssize_t carried_read(const struct carried *carried, const char *path, char *out, size_t capacity,
		     struct error *err)
{
	for (size_t i = 0; i < carried->count; i++) {
		const struct carried_item *item = &carried->items[i];
		if (item->fd >= 0 || strcmp(item->name, path) != 0)
			continue;
		if (item->size >= capacity)
			return error_set(err, "%s has %zu bytes and may have %zu", item->source, item->size,
					 capacity - 1);
		memcpy(out, item->bytes, item->size);
		out[item->size] = 0;
		return (ssize_t)item->size;
	}
	return error_set(err, "%.100s is not carried", path);
}
