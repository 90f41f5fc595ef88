// SPDX-License-Identifier: Apache-2.0
/*
 * Removing trees by descriptor, whatever their depth: two descriptors and a few dozen bytes per
 * level, no recursion, no path strings, no symlink followed, no other mount entered.
 */
#ifndef BERTH_IMAGES_LAYERS_REMOVAL_H
#define BERTH_IMAGES_LAYERS_REMOVAL_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Entries for which keep() is true stay, and so do the directories above them. Directories that
 * stay keep their modification time. */
struct removal_filter {
	bool (*keep)(void *context, uint64_t directory, const char *name);
	void *context;
};

/* Removes `name` of dir_fd, and all below it when it is a directory. Missing is fine. `filter` may
 * be NULL; it is not asked about `name` itself. */
int removal_of(int dir_fd, const char *name, const struct removal_filter *filter,
	       struct error *err);

/* Removes what is below the directory `name` of dir_fd ("." is dir_fd itself), but not itself. */
int removal_below(int dir_fd, const char *name, const struct removal_filter *filter,
		  struct error *err);

#endif
