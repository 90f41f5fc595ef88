// SPDX-License-Identifier: Apache-2.0
/*
 * Archives with images: the index of the tar file, index.json, and manifest.json of `docker save`.
 * Header checksums are made right first, so that mutations reach the code behind them. Every member
 * must lie within the file.
 */
#include "images/fuzz/tar_checksums.h"
#include "images/layouts/layout.h"
#include "lib/cleanup.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { INPUT_MAX = 256 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_members(const struct layout *layout, size_t size)
{
	for (const struct archive_member *at = layout->index.first; at; at = at->next)
		if (at->offset > size || at->size > size - at->offset)
			abort();
}

static void use(struct layout *layout, const struct index_entry *entry)
{
	static char body[64 * 1024];
	struct error error = ERROR_INIT;
	size_t size;
	if (layout_document(layout, &entry->document.digest, body, sizeof body, &size, &error) == 0 &&
	    body[size] != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char block[256 * 1024], path[32];
	static struct reference reference;
	static struct layout_query query;
	static int fd = -1;
	struct layout layout;
	struct index_entry entry;
	struct arena arena;
	struct error error = ERROR_INIT;
	if (fd < 0) {
		fd = memfd_create("archive", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		reference_parse("a:1", &reference, NULL);
		layout_query_init(&query, "a:1", &reference);
	}
	_cleanup_free_ uint8_t *copy = malloc(size + 1);
	if (size > INPUT_MAX || !copy)
		return 0;
	memcpy(copy, data, size);
	repair_checksums(copy, size);
	if (ftruncate(fd, 0) < 0 || pwrite(fd, copy, size, 0) != (ssize_t)size)
		err(1, "write the archive");
	arena_init(&arena, block, sizeof block);
	if (layout_find(path, &query, NULL, &arena, &layout, &entry, &error) == 1) {
		check_members(&layout, size);
		use(&layout, &entry);
		layout_close(&layout);
	}
	return 0;
}
