// SPDX-License-Identifier: Apache-2.0
#include "images/layers/tree.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>

static int is_empty(int fd, bool *empty, struct error *err)
{
	_Alignas(8) char buffer[1024];
	/* "." and ".." are 24 bytes each; a third entry makes it longer. */
	long got = syscall(__NR_getdents64, fd, buffer, sizeof buffer);
	if (got < 0)
		return error_errno(err, errno, "read the root directory");
	*empty = got <= 48;
	return 0;
}

int tree_open(struct tree *tree, int root_fd, struct layer_budget *budget,
	      struct layer_stats *stats, struct error *err)
{
	tree->parent.fd = -1;
	tree->parent.current = tree->parent.modified = false;
	tree->touched = (struct touched){0};
	tree->finisher = NULL;
	tree->warned_xattr = false;
	tree->budget = budget;
	tree->stats = stats;
	tree->root_fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree->root_fd < 0)
		return error_errno(err, errno, "open the root directory");
	if (is_empty(tree->root_fd, &tree->is_first, err) < 0)
		return -1;
	tree->finisher = finisher_open(err);
	return tree->finisher ? touched_init(&tree->touched, err) : -1;
}

int tree_finish(struct tree *tree, struct error *err)
{
	return finisher_wait(tree->finisher, err) < 0 ? -1 : parent_leave(tree, err);
}

void tree_close(struct tree *tree)
{
	finisher_close(tree->finisher);
	if (tree->parent.fd >= 0)
		close(tree->parent.fd);
	if (tree->root_fd >= 0)
		close(tree->root_fd);
	touched_free(&tree->touched);
}

int tree_charge_entry(struct tree *tree, struct error *err)
{
	if (tree->budget->entries == 0)
		return error_set(err, "the image has more entries than its budget allows (%llu in "
				      "this layer so far)",
				 (unsigned long long)tree->stats->entries);
	tree->budget->entries--;
	tree->stats->entries++;
	return 0;
}

int tree_charge_bytes(struct tree *tree, uint64_t bytes, struct error *err)
{
	if (bytes > tree->budget->bytes)
		return error_set(err, "%llu bytes more, but only %llu are left of the image's "
				      "budget",
				 (unsigned long long)bytes,
				 (unsigned long long)tree->budget->bytes);
	tree->budget->bytes -= bytes;
	tree->stats->bytes += bytes;
	return 0;
}

int tree_open_directory(const struct tree *tree, const char *path)
{
	return sys_openat2(tree->root_fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			   0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}
