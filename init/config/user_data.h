// SPDX-License-Identifier: Apache-2.0
/*
 * From the bytes that a source gave to the text of a document: base64, gzip, zstd and multipart
 * messages are undone, and what was made for another program is recognised. For confined workers.
 */
#ifndef BERTH_INIT_CONFIG_USER_DATA_H
#define BERTH_INIT_CONFIG_USER_DATA_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The same limit before and after unpacking. */
enum { USER_DATA_MAX = 256 * 1024 };

enum user_data_kind {
	USER_DATA_OURS,    /* or nobody's that we know: for the parser to judge */
	USER_DATA_EMPTY,   /* nothing but blanks and comments */
	USER_DATA_FOREIGN, /* made for cloud-init, Ignition …; err says so and what to do */
	USER_DATA_BROKEN,  /* err says how */
};

struct user_data {
	char *text; /* NUL-terminated UTF-8, owned; NULL unless OURS */
	size_t size;
	char path[80]; /* what was undone on the way: "base64, gzip, part 2"; "" for nothing */
};

/* Reads `size` bytes; `base64` when the source's protocol says that they are encoded (else it is
 * found out). Release with user_data_free, whatever the result. */
enum user_data_kind user_data_read(const void *bytes, size_t size, bool base64,
				   struct user_data *out, struct error *err);
void user_data_free(struct user_data *data);

#endif
