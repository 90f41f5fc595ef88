// SPDX-License-Identifier: Apache-2.0
/*
 * What a document names beside itself and `berth boot` carries into the machine: the values of secrets
 * and configs, profiles of system calls, and what is bound. It goes there as a cpio archive behind the
 * initramfs, in a folder that no container can have as a whole; the kernel command line, which all can
 * read, has nothing of it.
 */
#ifndef BERTH_INIT_WORKSTATION_CARRIED_H
#define BERTH_INIT_WORKSTATION_CARRIED_H

#include "init/config/document/document.h"

#include <stdint.h>

enum { CARRIED_MAX = 256 };

struct carried_item {
	const char *name;   /* in the machine, "/carried/…" */
	const char *source; /* on this machine, for messages */
	int fd;             /* of a file or folder; or -1, and `bytes` are it */
	const char *bytes;
	size_t size;
};

struct carried {
	size_t count;
	struct carried_item items[CARRIED_MAX];
};

/* What the user gives beside the document. */
struct carried_given {
	bool appended; /* archives of the user's, in which more may be */
	struct string_list secrets, configs; /* of external ones "NAME=FILE" */
};

/* Finds it all, and changes the document so that it names what the machine will have. What is bound
 * must lie below the document's folder, also behind symbolic links, and is carried once, at the place that
 * it has there; what is not there is the machine's to make. It, and external values that are not given, may
 * come with archives of the user's. What cannot be carried becomes a
 * problem of the document, and -1 is returned. Descriptors stay open, and texts are the document's. */
int carried_find(struct machine_document *document, const struct carried_given *given,
		 struct carried *out);

/* The archive, in memory (O_CLOEXEC), at most `most` bytes long; -1: err. Symbolic links in folders stay
 * what they are, owners and modes are kept; sockets, FIFOs and devices are left out, with a line on
 * standard error. */
int carried_archive(const struct carried *carried, uint64_t most, struct error *err);

/* What the machine will read from `path`, as file_read(). */
ssize_t carried_read(const struct carried *carried, const char *path, char *out, size_t capacity,
		     struct error *err);

#endif
