// SPDX-License-Identifier: Apache-2.0
/*
 * What a path of the machine is to a container that binds it. A machine is not the host that a document
 * was written for: what lies beside the document is brought along, folders that the host's administrator
 * would have made are made in the store, and of the machine itself there is little to be had.
 */
#ifndef BERTH_INIT_CONFIG_BINDS_H
#define BERTH_INIT_CONFIG_BINDS_H

enum bind_kind {
	BIND_NONE,    /* a volume */
	BIND_BESIDE,  /* what lies beside the document, below VOLUME_BIND_FOLDER */
	BIND_FOLDER,  /* a folder of the store that has this path for a name */
	BIND_KERNEL,  /* /proc, /sys and what is in it: the machine's own, to be read */
	BIND_EMPTY,   /* an empty folder: there are no modules */
	BIND_CLOCK,   /* a file that says that the time zone is UTC */
	BIND_REFUSED,
};

/* Of an absolute path without "." and ".."; *why (a half sentence, may be NULL) is set for BIND_REFUSED. */
enum bind_kind bind_kind_of(const char *path, const char **why);

#endif
