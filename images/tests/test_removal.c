// SPDX-License-Identifier: Apache-2.0
/* tree_remove(): deep, wide, and never beyond the tree. */
#include "images/tests/scene.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

static void removes(const char *name, const char *label)
{
	struct error err = ERROR_INIT;
	int result = tree_remove(play.root_fd, name, &err);
	ok(result == 0 && look(name).st_mode == 0, "%s: %s", label, result ? err.text : "removed");
}

static void test_kinds(void)
{
	restart();
	tar_write_notation(&tar, "d t;f t/a=1;l t/b>@;p t/c;c t/d;d t/e;d t/e/f;d t/e/g;h t/h>t/a;"
				 "l t/e/dots>..;f keep=1;l link>t");
	applies("a small tree");
	removes("t", "a small tree");
	removes("t", "the same again");
	removes("link", "a symlink");
	is(playground_names(play.root_fd), "keep=1", "nothing else is gone");
	removes("keep", "a file");
}

/* Deeper than PATH_MAX: names are as long as they can be, symlinks lead the writer further down. */
static void test_deep(void)
{
	char piece[1300] = "a", text[4000];
	restart();
	for (int i = 1; i < 500; i++)
		strcat(piece, "/a");
	snprintf(text, sizeof text, "d t;d t/%s;l s0>t/%s", piece, piece);
	tar_write_notation(&tar, text);
	for (int i = 0; i < 4; i++) {
		snprintf(text, sizeof text, "d s%d/%s;l s%d>s%d/%s", i, piece, i + 1, i, piece);
		tar_write_notation(&tar, text);
	}
	tar_write_notation(&tar, "f s4/bottom=1");
	struct rlimit before, few = {24, 24};
	getrlimit(RLIMIT_NOFILE, &before);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
	applies("2,500 directories below each other");
	removes("t", "2,500 directories below each other, with few descriptors");
	setrlimit(RLIMIT_NOFILE, &before);
}

static void test_wide(void)
{
	char text[100];
	restart();
	for (int i = 0; i < 3000; i++) {
		snprintf(text, sizeof text, "f t/d%d/x=1;f t/%s%d=1", i, i % 2 ? "b" : "e", i);
		tar_write_notation(&tar, text);
	}
	applies("3,000 directories beside each other");
	removes("t", "3,000 directories beside each other");
}

static void test_mount(void)
{
	restart();
	tar_write_notation(&tar, "d t;d t/a;d t/m;f t/z=1");
	applies("a tree");
	char path[100];
	snprintf(path, sizeof path, "%s/root/t/m", play.path);
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(play.path, path, NULL, MS_BIND, NULL) < 0) {
		skip("a mount in the tree", "cannot mount here");
		return;
	}
	struct error err = ERROR_INIT;
	*strrchr(path, '/') = 0;
	*strrchr(path, '/') = 0;
	_cleanup_close_ int root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok(tree_remove(root, "t", &err) < 0 && strstr(err.text, "is mounted there"),
	   "a mount in the tree: refused: %s", err.text);
	struct stat st;
	ok(fstatat(play.outside_fd, "secret", &st, 0) == 0, "and nothing in it is touched");
	strcat(path, "/t/m");
	umount2(path, MNT_DETACH);
	removes("t", "without the mount");
}

int main(void)
{
	test_kinds();
	test_deep();
	test_wide();
	test_mount();
	playground_close(&play);
	return tap_end();
}
