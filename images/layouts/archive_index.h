// SPDX-License-Identifier: Apache-2.0
/*
 * Where the members of a tar file lie (POSIX.1-2017 pax and ustar, GNU long names), so that a blob in
 * an archive is read where it is, without unpacking. Only names, sizes and links are looked at.
 * For confined workers: the file comes from outside.
 */
#ifndef BERTH_IMAGES_LAYOUTS_ARCHIVE_INDEX_H
#define BERTH_IMAGES_LAYOUTS_ARCHIVE_INDEX_H

#include "lib/arena.h"
#include "lib/error.h"

#include <stdint.h>

enum {
	ARCHIVE_MEMBERS_MAX = 8192,
	ARCHIVE_NAME_MAX = 1024,
	ARCHIVE_INDEX_MEMORY = 1 << 20, /* bytes for all names */
};

struct archive_member {
	const char *name; /* without a leading "./" */
	const char *link; /* the member that has the bytes, or NULL: this one has them */
	uint64_t offset, size;
	const struct archive_member *next;
};

struct archive_index {
	const struct archive_member *first;
	uint64_t size; /* of the file */
	void *block;
	struct arena arena;
};

/* Reads the headers of the file. 1: it is a tar file; 0: it is something else; -1: it is a tar file,
 * but damaged, cut off or too large. Release with archive_index_free, also after failure. */
int archive_index_read(int fd, struct archive_index *index, struct error *err);
void archive_index_free(struct archive_index *index);
/* The member that has the bytes of `name`, links followed; NULL when there is none. The last of
 * several with one name counts, as with tar. */
const struct archive_member *archive_index_find(const struct archive_index *index, const char *name);
/* One more name for bytes of the file, found before all others. `name` is copied. */
int archive_index_alias(struct archive_index *index, const char *name, uint64_t offset,
			uint64_t size, struct error *err);

#endif
