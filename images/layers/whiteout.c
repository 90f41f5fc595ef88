// SPDX-License-Identifier: Apache-2.0
#include "images/layers/whiteout.h"

#include "images/layers/removal.h"
#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <string.h>

static const char PREFIX[] = ".wh.", AUFS[] = ".wh..wh.", OPAQUE[] = ".wh..wh..opq";

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* True when a part of the directory path starts with the prefix. */
static bool has_part(const char *path, const char *prefix)
{
	const char *at = path;
	do {
		at += *at == '/';
		if (starts(at, prefix))
			return true;
		at = strchr(at, '/');
	} while (at);
	return false;
}

int whiteout_kind(const struct image_path *path, enum whiteout *kind, struct error *err)
{
	const char *hidden = path->leaf + strlen(PREFIX);
	*kind = WHITEOUT_NONE;
	if (has_part(path->parent, AUFS)) {
		*kind = WHITEOUT_AUFS;
		return 0;
	}
	if (has_part(path->parent, PREFIX))
		return error_set(err, "a name below one with the whiteout prefix \"%s\"", PREFIX);
	if (!starts(path->leaf, PREFIX))
		return 0;
	if (strcmp(path->leaf, OPAQUE) == 0)
		*kind = WHITEOUT_OPAQUE;
	else if (starts(path->leaf, AUFS))
		*kind = WHITEOUT_AUFS;
	else if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return error_set(err, "a whiteout that names no entry");
	else
		*kind = WHITEOUT_NAME;
	return 0;
}

static bool keep_touched(void *context, uint64_t directory, const char *name)
{
	return touched_has(context, directory, name);
}

/* Hides `name` of the parent. */
static int hide(struct tree *tree, const char *name, const struct removal_filter *filter,
		struct error *err)
{
	int dir_fd = tree->parent.fd;
	struct stat st;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, "look at what it hides");
	if (!touched_has(&tree->touched, tree->parent.inode, name))
		return removal_of(dir_fd, name, filter, err);
	/* This layer has it too: only what lower layers put below it goes. */
	return S_ISDIR(st.st_mode) ? removal_below(dir_fd, name, filter, err) : 0;
}

int whiteout_apply(struct tree *tree, const struct image_path *path, enum whiteout kind,
		   struct error *err)
{
	const struct removal_filter filter = {keep_touched, &tree->touched};
	bool found;
	if (tree->is_first)
		return 0;
	if (parent_find(tree, path->parent, &found, err) < 0)
		return -1;
	if (!found)
		return 0;
	tree->parent.modified = true;
	parent_forget(tree);
	if (kind == WHITEOUT_OPAQUE)
		return removal_below(tree->parent.fd, ".", &filter, err);
	return hide(tree, path->leaf + strlen(PREFIX), &filter, err);
}
