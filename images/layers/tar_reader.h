// SPDX-License-Identifier: Apache-2.0
/*
 * Tar streams (POSIX.1-2017 pax and ustar, GNU and old formats) by libarchive, with limits of our
 * own: only tar, no decompression, and at most TAR_HEADERS_MAX bytes of headers for one entry,
 * which bounds what long names, pax records and sparse maps can make the parser allocate.
 */
#ifndef BERTH_IMAGES_LAYERS_TAR_READER_H
#define BERTH_IMAGES_LAYERS_TAR_READER_H

#include "images/layers/layer.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { TAR_HEADERS_MAX = 4 << 20 };

struct tar_reader;

/* One entry. Strings live until the next tar_reader_next(). */
struct tar_entry {
	const char *name;     /* as it stands in the stream; never NULL */
	const char *link;     /* target of a symlink or hard link, else NULL */
	bool hard_link;
	mode_t type;          /* S_IFREG, S_IFDIR…; 0 for hard links */
	mode_t mode;          /* permission bits and setuid, setgid, sticky */
	uid_t uid;
	gid_t gid;
	dev_t device;
	int64_t size;         /* of a regular file, holes included */
	bool sparse;
	struct timespec times[2]; /* access, modification */
};

struct tar_xattr {
	const char *name;
	const void *value;
	size_t size;
};

/* Reads from fd, which the caller keeps. */
struct tar_reader *tar_reader_open(int fd, struct error *err);
void tar_reader_close(struct tar_reader *reader);

/* From now on the bytes of the stream are taken from the budget; beyond it, reading fails. */
int tar_reader_charge(struct tar_reader *reader, struct layer_budget *budget, struct error *err);

/* The next entry; *end at the end of the archive. Malformed headers are errors. */
int tar_reader_next(struct tar_reader *reader, struct tar_entry *out, bool *end, struct error *err);
/* The next piece of the entry's content and where in the file it belongs; *end after the last. */
int tar_reader_data(struct tar_reader *reader, const void **data, size_t *size, int64_t *offset,
		    bool *end, struct error *err);
/* The number of extended attributes of the entry; then each in turn, false after the last. */
int tar_reader_xattr_count(struct tar_reader *reader);
bool tar_reader_next_xattr(struct tar_reader *reader, struct tar_xattr *out);
/* Reads and drops what follows the end of the archive, so that the writer is not cut off. */
int tar_reader_drain(struct tar_reader *reader, struct error *err);

#endif
