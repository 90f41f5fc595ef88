// SPDX-License-Identifier: Apache-2.0
#include "images/layers/path.h"

#include <errno.h>
#include <string.h>

/* Takes the last part away from the first `length` bytes of path; returns the new length. */
static size_t without_last(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length > 0 ? length - 1 : 0;
}

static int too_long(size_t part, struct error *err)
{
	error_set(err, "a part of the name has %zu bytes, a file name has at most %d", part,
		  NAME_MAX);
	if (err)
		err->code = ENAMETOOLONG;
	return -1;
}

/* Writes the cleaned name to out (PATH_MAX bytes) and returns its length. */
static int clean(const char *name, char *out, size_t *length, struct error *err)
{
	size_t used = 0;
	for (const char *at = name; *at;) {
		size_t part = strcspn(at, "/");
		if (part == 2 && at[0] == '.' && at[1] == '.') {
			used = without_last(out, used);
		} else if (part > 0 && !(part == 1 && at[0] == '.')) {
			if (part > NAME_MAX)
				return too_long(part, err);
			if (used + 1 + part >= PATH_MAX)
				return error_errno(err, ENAMETOOLONG,
						   "a name of more than %d bytes", PATH_MAX - 1);
			if (used > 0)
				out[used++] = '/';
			memcpy(out + used, at, part);
			used += part;
		}
		at += part;
		at += strspn(at, "/");
	}
	out[used] = 0;
	*length = used;
	return 0;
}

int image_path_parse(const char *name, struct image_path *out, struct error *err)
{
	size_t length = 0;
	if (clean(name, out->parent, &length, err) < 0)
		return -1;
	size_t parent = without_last(out->parent, length);
	const char *leaf = out->parent + parent + (parent > 0);
	memcpy(out->leaf, leaf, strlen(leaf) + 1);
	out->parent[parent] = 0;
	return 0;
}
