// SPDX-License-Identifier: Apache-2.0
/* Layers applied over others: what a layer changes and removes comes to stand in its own directory. */
#include "images/layers/layer.h"
#include "images/store/stage.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { FOLDERS = 300 }; /* more than a block of directory entries: "." and ".." come first then */

static char place[] = "/var/tmp/berth-stage-XXXXXX";
static struct error err;

static const char *in_place(const char *name)
{
	static char path[4][128];
	static unsigned next;
	next = (next + 1) % countof(path);
	snprintf(path[next], sizeof path[next], "%s/%s", place, name);
	return path[next];
}

/* A folder of folders, which have one file each: the order of their names differs between disks. */
static int make_lower(void)
{
	char path[128];
	if (mkdir(in_place("lower"), 0751) < 0 || mkdir(in_place("upper"), 0700) < 0)
		return -1;
	for (int i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof path, "%s/lower/gone/folder-%d", place, i);
		if (make_directories(path, 0755, &err) < 0 ||
		    file_write(AT_FDCWD, strcat(path, "/file"), "x", 1, 0644, &err) < 0)
			return -1;
	}
	setxattr(in_place("lower"), "user.berth", "root", 4, 0);
	const struct timespec times[] = {{.tv_sec = 1}, {.tv_sec = 1000}};
	return utimensat(AT_FDCWD, in_place("lower"), times, 0);
}

static int open_stage(void)
{
	char *items[] = {(char *)(uintptr_t)in_place("lower"), NULL};
	const struct string_list lower = {1, 1, items};
	return stage_open(in_place("upper"), in_place("work"), &lower, &err);
}

static void test_root(int root)
{
	struct stat st;
	char value[8] = "";
	fstat(root, &st);
	ok((st.st_mode & 07777) == 0751, "the mode of the root comes from below: %o", st.st_mode);
	ok(st.st_mtim.tv_sec == 1000, "and its time");
	/* The stage itself is only a place (O_PATH). */
	_cleanup_close_ int readable = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fgetxattr(readable, "user.berth", value, sizeof value);
	is(value, "root", "and its attributes");
}

static void test_removal(int root)
{
	struct stat st;
	ok(tree_remove(root, "gone", &err) == 0, "a folder of the layer below is removed: %s",
	   err.text);
	ok(fstatat(root, "gone", &st, 0) < 0, "it is not seen any more");
	ok(stat(in_place("upper/gone"), &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == 0,
	   "a whiteout stands in the layer");
	ok(stat(in_place("lower/gone/folder-1/file"), &st) == 0, "the layer below is as it was");
}

int main(void)
{
	if (geteuid() != 0 || !mkdtemp(place)) {
		skip("stages", "only root may mount");
		return tap_end();
	}
	int root = make_lower() < 0 ? -1 : open_stage();
	if (root < 0) {
		skip("stages", err.text);
	} else {
		test_root(root);
		test_removal(root);
		close(root);
	}
	tree_remove(AT_FDCWD, place, NULL);
	return tap_end();
}
