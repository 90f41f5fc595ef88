// SPDX-License-Identifier: Apache-2.0
#include "lib/folder.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel writes it (getdents64(2)). */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

void folder_open(struct folder *folder, const char *path)
{
	folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	folder->at = folder->size = 0;
}

static const struct entry *next_entry(struct folder *folder)
{
	if (folder->at >= folder->size) {
		folder->at = 0;
		folder->size = folder->fd < 0 ? 0 : syscall(__NR_getdents64, folder->fd, folder->bytes,
							    sizeof folder->bytes);
	}
	if (folder->size <= 0)
		return NULL;
	const struct entry *entry = (const void *)((const char *)folder->bytes + folder->at);
	folder->at += entry->length;
	return entry;
}

const char *folder_next(struct folder *folder)
{
	const struct entry *entry;
	do
		entry = next_entry(folder);
	while (entry && entry->name[0] == '.');
	return entry ? entry->name : NULL;
}

void folder_close(struct folder *folder)
{
	if (folder->fd >= 0)
		close(folder->fd);
}
