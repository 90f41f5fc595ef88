// SPDX-License-Identifier: Apache-2.0
/*
 * Writing a cpio archive that the kernel unpacks as a part of the initramfs (newc: the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst). The format has whole seconds, and the
 * kernel makes two symbolic links of one with two names; nothing else is lost but extended attributes.
 */
#ifndef BERTH_INIT_WORKSTATION_CPIO_H
#define BERTH_INIT_WORKSTATION_CPIO_H

#include "lib/error.h"

#include <dirent.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

enum { CPIO_ENTRIES_MAX = 65536 }; /* where there is a limit of bytes, too */

struct cpio_link; /* a file with several names that has been written */

struct cpio {
	FILE *out;
	FILE *xattrs; /* takes the attributes of what is written, or NULL */
	uint64_t bytes, bytes_most;         /* most: 0 is no limit */
	void (*left_out)(const char *path); /* told of sockets, FIFOs and devices, which are then not
					       written; NULL: they are */
	const char *source; /* for messages: where on this machine the first `hidden` bytes of `name`
			       are; or NULL */
	size_t hidden;
	uint32_t last_number;
	struct cpio_link *links;
	size_t link_count, link_capacity;
	char name[PATH_MAX]; /* of the entry, within the archive */
	size_t tree;         /* length of the part of `name` that leads to the root of xattrs */
	unsigned depth;
};

/* Writes the file, link or folder `leaf` of dir_fd, with all that is in it, as cpio->name. Symbolic
 * links are written, not followed. Errors of writing are kept in the stream until cpio_end(). */
int cpio_entry(struct cpio *cpio, int dir_fd, const char *leaf, struct error *err);
/* Writes an open file as cpio->name, with the mode, owner, size and time of `st`. */
int cpio_file(struct cpio *cpio, int fd, const struct stat *st, struct error *err);
/* A file or folder of root that is made up; `data` is its content. */
void cpio_made(struct cpio *cpio, const char *name, mode_t mode, const void *data, size_t size);
/* The trailer; nothing can be written any more. */
int cpio_end(struct cpio *cpio, struct error *err);

/* The names in a folder, sorted, without "." and ".."; to be freed. -1: errno. */
int cpio_list(int fd, struct dirent ***entries);

#endif
