// SPDX-License-Identifier: Apache-2.0
#include "images/store/unsettled.h"

#include "lib/cleanup.h"
#include "lib/confine.h"
#include "lib/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER ".unsettled-"

enum { BOOT_ID_SIZE = 64 };

struct marker {
	char name[sizeof MARKER + DIGEST_TEXT];
};

static struct marker marker_of(const struct digest *chain)
{
	struct marker marker;
	snprintf(marker.name, sizeof marker.name, MARKER "%s", store_name(chain, false).text);
	return marker;
}

/* The same until the kernel starts again; what it has in its memory is lost only then. */
static int read_boot_id(char out[BOOT_ID_SIZE], struct error *err)
{
	ssize_t size = file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", out, BOOT_ID_SIZE,
				 err);
	return size < 0 ? -1 : 0;
}

int unsettled_mark(const struct store *store, const struct digest *chain, struct error *err)
{
	char boot_id[BOOT_ID_SIZE];
	if (store->in_memory)
		return 0;
	if (read_boot_id(boot_id, err) < 0)
		return -1;
	return file_write(store->layers_fd, marker_of(chain).name, boot_id, strlen(boot_id), 0600,
			  err);
}

static DIR *open_list(int layers_fd)
{
	int copy = openat(layers_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return copy < 0 ? NULL : fdopendir(copy);
}

static bool is_marker(const char *name, struct digest *chain)
{
	return strncmp(name, MARKER, strlen(MARKER)) == 0 &&
	       store_name_parse(name + strlen(MARKER), chain) == 0;
}

static int discard(const struct store *store, const char *name, const char *boot_id,
		   const struct digest *chain, struct error *err)
{
	char written[BOOT_ID_SIZE] = "";
	if (file_read(store->layers_fd, name, written, sizeof written, NULL) >= 0 &&
	    strcmp(written, boot_id) == 0)
		return 0;
	if (store_remove(store, STORE_LAYER, chain, err) < 0)
		return -1;
	return unlinkat(store->layers_fd, name, 0) < 0
		       ? error_errno(err, errno, "remove %s/layers/%s", store->path, name)
		       : 0;
}

int unsettled_discard(const struct store *store, struct error *err)
{
	_cleanup_closedir_ DIR *dir = open_list(store->layers_fd);
	char boot_id[BOOT_ID_SIZE];
	struct digest chain;
	if (!dir || read_boot_id(boot_id, err) < 0)
		return error_errno(err, errno, "list %s/layers", store->path);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (is_marker(entry->d_name, &chain) &&
		    discard(store, entry->d_name, boot_id, &chain, err) < 0)
			return -1;
	return 0;
}

int unsettled_settle(const char *store_path, struct error *err)
{
	_cleanup_close_ int store_fd = open(store_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int fd = store_fd < 0 ? -1
					      : openat(store_fd, "layers",
						       O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : open_list(fd);
	struct digest chain;
	if (!dir)
		return errno == ENOENT ? 0 : error_errno(err, errno, "list %s/layers", store_path);
	if (syncfs(fd) < 0)
		return error_errno(err, errno, "write %s to its disk", store_path);
	for (struct dirent *entry; (entry = readdir(dir));)
		if (is_marker(entry->d_name, &chain) && unlinkat(fd, entry->d_name, 0) < 0)
			return error_errno(err, errno, "remove %s/layers/%s", store_path,
					   entry->d_name);
	return 0;
}

void unsettled_settle_behind(const struct store *store)
{
	if (store->in_memory || fork() != 0)
		return;
	/* Who reads what the puller says must not wait for this. */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	confine_close_fds((const int[]){store->fd}, 1);
	_exit(unsettled_settle(store->path, NULL) < 0);
}
