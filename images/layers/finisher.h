// SPDX-License-Identifier: Apache-2.0
/*
 * Small regular files get their content, owner, mode and times from a thread of its own, while the
 * applier goes on with the next entries: for a small file that costs as much as creating it does.
 * The file is open, so it does not matter what becomes of its name meanwhile.
 */
#ifndef BERTH_IMAGES_LAYERS_FINISHER_H
#define BERTH_IMAGES_LAYERS_FINISHER_H

#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { FINISHER_CONTENT_MAX = 64 << 10, FINISHER_NAME_MAX = 160 };

struct finishing {
	int fd; /* the finisher closes it */
	char name[FINISHER_NAME_MAX + 1]; /* of the entry, for messages */
	uid_t uid;
	gid_t gid;
	mode_t mode;
	struct timespec times[2];
	size_t length; /* of content */
	uint8_t content[FINISHER_CONTENT_MAX];
};

struct finisher; /* about 1 MiB, touched as far as files fill it */

/* The thread starts with the first file. NULL with err filled when memory is short. */
struct finisher *finisher_open(struct error *err);

/* A place for the next file, which is the caller's until finisher_submit(); waits for a free one.
 * NULL with err filled when the thread cannot be started or an earlier file failed. */
struct finishing *finisher_place(struct finisher *finisher, struct error *err);
void finisher_submit(struct finisher *finisher);

/* Waits until every file is finished. The error is that of the first that failed, its name
 * included. */
int finisher_wait(struct finisher *finisher, struct error *err);

/* Takes the error of an earlier file, if there is one: it came before whatever else failed. */
bool finisher_has_failed(struct finisher *finisher, struct error *err);

/* Waits as well. NULL is fine. */
void finisher_close(struct finisher *finisher);

#endif
