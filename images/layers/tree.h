// SPDX-License-Identifier: Apache-2.0
/*
 * A root filesystem that a layer is being applied to, and the directory that entries are being
 * written into.
 *
 * Directory times: a layer sets the times of the directories it has entries for, and adding or
 * removing a child must not change them afterwards. No list of directories is kept for that. The
 * times of the one directory that is open (`parent`) are read when it is opened and put back when
 * it is left for another one; whatever else changes a directory puts its time back at once. So
 * every directory has its right time whenever it is not open, in constant memory.
 */
#ifndef BERTH_IMAGES_LAYERS_TREE_H
#define BERTH_IMAGES_LAYERS_TREE_H

#include "images/layers/finisher.h"
#include "images/layers/layer.h"
#include "images/layers/touched.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <time.h>

struct parent {
	int fd;               /* -1: none is open */
	bool current;         /* `path` is known to still lead here */
	bool modified;        /* its modification time has to be put back */
	uint64_t inode;
	struct timespec mtime;
	char path[PATH_MAX];
};

struct tree {
	int root_fd;
	bool is_first;        /* the root was empty: there is nothing lower */
	bool warned_xattr;
	struct parent parent;
	struct touched touched;
	struct finisher *finisher;
	struct layer_budget *budget;
	struct layer_stats *stats;
};

/* Opens its own descriptor of root_fd. tree_close() must follow, also after a failure. */
int tree_open(struct tree *tree, int root_fd, struct layer_budget *budget,
	      struct layer_stats *stats, struct error *err);
/* Waits for the finisher and puts back the time of the open directory. */
int tree_finish(struct tree *tree, struct error *err);
void tree_close(struct tree *tree);

/* Takes from the budget and adds to the statistics. */
int tree_charge_entry(struct tree *tree, struct error *err);
int tree_charge_bytes(struct tree *tree, uint64_t bytes, struct error *err);

/* Opens the directory `path` (cleaned, "" is the root) below the root, symlinks resolved in the
 * root. O_RDONLY; -1 with errno set. */
int tree_open_directory(const struct tree *tree, const char *path);

/* Makes `path` the parent. *found is false when there is no such directory. */
int parent_find(struct tree *tree, const char *path, bool *found, struct error *err);
/* As parent_find, and makes what is missing: directories of mode 0755; a part that exists and is
 * no directory is replaced; the missing target of a symlink is made in the root. */
int parent_make(struct tree *tree, const char *path, struct error *err);
/* Puts back the time of the parent and closes it. */
int parent_leave(struct tree *tree, struct error *err);
/* Something was removed: paths may lead elsewhere now. */
void parent_forget(struct tree *tree);

#endif
