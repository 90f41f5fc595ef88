// SPDX-License-Identifier: Apache-2.0
/*
 * A temporary directory with two others in it: `root`, which layers are applied to, and `outside`,
 * which no layer may ever change. Plus texts that say what is in a tree.
 */
#ifndef BERTH_IMAGES_TESTS_PLAYGROUND_H
#define BERTH_IMAGES_TESTS_PLAYGROUND_H

#include "images/layers/layer.h"
#include "images/tests/tar_writer.h"

#include <stdbool.h>

struct playground {
	char path[64];
	int fd, root_fd, outside_fd;
	struct layer_budget budget;
	struct layer_stats stats;
	struct error err;
};

/* Ends the test program when it cannot be made. Starts with large budgets. */
void playground_open(struct playground *play);
void playground_close(struct playground *play);

/* Ends the stream, applies it, frees it. Returns what layer_apply returned; err is in play. */
int playground_apply(struct playground *play, struct tar_writer *tar);
/* The same for the notation of tar_writer.h; '@' in it stands for the path of `outside`. */
int playground_layer(struct playground *play, const char *notation);

/* The names below fd, sorted, separated by blanks; '/' after directories, '>TARGET' after symlinks,
 * '=TEXT' after small files. Lives until the next call. */
const char *playground_names(int fd);
/* Type, mode, owner, size, links, device, mtime, xattrs, content of all below fd. Caller frees. */
char *playground_details(int fd);

#endif
