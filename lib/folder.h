// SPDX-License-Identifier: Apache-2.0
/*
 * The names in a folder, read without the C library's allocator: for sysfs and the like, where a name
 * or two are all that is there.
 */
#ifndef BERTH_LIB_FOLDER_H
#define BERTH_LIB_FOLDER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct folder {
	int fd; /* -1: there is no such folder */
	ssize_t at, size;
	uint64_t bytes[256]; /* what the kernel says of the next entries */
};

/* A folder that cannot be opened has no entries. */
void folder_open(struct folder *folder, const char *path);

/* The next name that does not begin with a dot, or NULL; good until the next call. */
const char *folder_next(struct folder *folder);

void folder_close(struct folder *folder);
#define _cleanup_folder_ __attribute__((cleanup(folder_close)))

#endif
