// SPDX-License-Identifier: Apache-2.0
/* Whiteouts and opaque directories: tables of layers and the tree that must come out. */
#include "images/tests/playground.h"
#include "lib/tap.h"

struct layers {
	const char *name, *lower, *upper, *want;
};

static const struct layers table[] = {
	{"a file", "f a=1;f b=2", "f .wh.a", "b=2"},
	{"a directory", "d a;f a/x=1;d a/y;f a/y/z=2;f b=3", "f .wh.a", "b=3"},
	{"a symlink, not its target", "d a;f a/x=1;l b>a", "f .wh.b", "a/ a/x=1"},
	{"a FIFO and a device", "p a;c b;f c=1", "f .wh.a;f .wh.b", "c=1"},
	{"of type directory", "f a=1;f b=2", "d .wh.a", "b=2"},
	{"one name of two hard links", "f a=1;h b>a", "f .wh.a", "b=1"},
	{"a missing name", "f a=1", "f .wh.b;f x/.wh.c;f a/.wh.d", "a=1"},
	{"in a directory of its own layer", "d a;f a/x=1;f a/y=2", "d a;f a/.wh.x;f a/z=3",
	 "a/ a/y=2 a/z=3"},
	{"before the file of the same name", "f a=1", "f .wh.a;f a=2", "a=2"},
	{"after the file of the same name", "f a=1", "f a=2;f .wh.a", "a=2"},
	{"before the directory of the same name", "d a;f a/x=1", "f .wh.a;d a;f a/y=2", "a/ a/y=2"},
	{"after the directory of the same name", "d a;f a/x=1", "d a;f a/y=2;f .wh.a", "a/ a/y=2"},
	{"after a file below, without an entry for the directory", "d a;d a/b;f a/b/x=1;f a/y=2",
	 "f a/b/z=3;f .wh.a", "a/ a/b/ a/b/z=3"},
	{"whose directory became a file", "d a;f a/x=1", "f a=2;f .wh.a", "a=2"},
	{"whose file became a directory", "f a=1", "f a/x=2;f .wh.a", "a/ a/x=2"},
	{"through a symlinked parent", "d usr;d usr/lib;f usr/lib/x=1;l lib>usr/lib",
	 "f lib/.wh.x;f lib/y=2", "lib>usr/lib usr/ usr/lib/ usr/lib/y=2"},
	{"of what was written through another name", "d usr;d usr/lib;f usr/lib/x=1;l lib>usr/lib",
	 "f lib/x=2;f usr/lib/.wh.x", "lib>usr/lib usr/ usr/lib/ usr/lib/x=2"},
	{"of a symlink replaced by a directory", "d a;f a/x=1;l b>a", "f .wh.b;d b;f b/y=2",
	 "a/ a/x=1 b/ b/y=2"},
	{"of a name that looks like a whiteout", "f .wh=1;f wh.=2", "f .wh..wh", "wh.=2"},
	{"names are compared whole", "f a=1;f ab=2;f abc=3", "f .wh.ab", "a=1 abc=3"},

	{"opaque: first in the layer", "d a;f a/x=1;d a/d;f a/d/y=2",
	 "d a;f a/.wh..wh..opq;f a/z=3",
	 "a/ a/z=3"},
	{"opaque: last in the layer", "d a;f a/x=1;d a/d;f a/d/y=2", "d a;f a/z=3;f a/.wh..wh..opq",
	 "a/ a/z=3"},
	{"opaque: between its files", "d a;f a/x=1", "f a/b=3;f a/.wh..wh..opq;f a/z=3",
	 "a/ a/b=3 a/z=3"},
	{"opaque: without an entry for the directory", "d a;f a/x=1;f b=2", "f a/.wh..wh..opq",
	 "a/ b=2"},
	{"opaque: a lower file replaced before it", "d a;f a/x=1;f a/y=2",
	 "f a/x=3;f a/.wh..wh..opq",
	 "a/ a/x=3"},
	{"opaque: a lower directory touched before it", "d a;d a/b;f a/b/x=1;f a/b/y=2;f a/c=3",
	 "d a;d a/b;f a/b/z=4;f a/.wh..wh..opq", "a/ a/b/ a/b/z=4"},
	{"opaque: only deep entries touched before it", "d a;d a/b;d a/b/c;f a/b/c/x=1;f a/b/y=2",
	 "f a/b/c/z=3;f a/.wh..wh..opq", "a/ a/b/ a/b/c/ a/b/c/z=3"},
	{"opaque: a missing directory", "f b=1", "f a/.wh..wh..opq", "b=1"},
	{"opaque: a symlink among the lower children", "d a;l a/l>../b;d b;f b/x=1",
	 "d a;f a/.wh..wh..opq", "a/ b/ b/x=1"},
	{"opaque: the root", "d a;f a/x=1;f b=2;l c>a", "f n=3;f .wh..wh..opq;d a;f a/y=4",
	 "a/ a/y=4 n=3"},
	{"opaque: a file of this layer below a lower directory",
	 "d a;d a/1;f a/1/x=1;d a/2;f a/2/x=1;d a/3;f a/3/x=1",
	 "f a/2/y=2;f a/.wh..wh..opq", "a/ a/2/ a/2/y=2"},
	{"bookkeeping of aufs is left out", "f a=1",
	 "d .wh..wh.plnk;f .wh..wh.plnk/1.2=x;f .wh..wh.aufs;d .wh..wh.orph;f b=2", "a=1 b=2"},
};

static void test_table(void)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct layers *row = &table[i];
		struct playground play;
		playground_open(&play);
		if (ok(playground_layer(&play, row->lower) == 0 &&
			       playground_layer(&play, row->upper) == 0,
		       "whiteout %s: applies", row->name))
			is(playground_names(play.root_fd), row->want, row->name);
		else
			printf("# %s\n", play.err.text);
		playground_close(&play);
	}
}

static const struct layers bad[] = {
	{"of nothing", "f a=1", "f .wh.", "a=1"},
	{"of its own directory", "d d;f d/a=1", "f d/.wh..", "d/ d/a=1"},
	{"of the directory above", "d d;f d/a=1", "f d/.wh...", "d/ d/a=1"},
	{"of the root", "f a=1", "f .wh..", "a=1"},
	{"of above the root", "f a=1", "f .wh...", "a=1"},
	{"as a directory with a file in it", "f a=1", "f .wh.x/y=1", "a=1"},
};

static void test_bad(void)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct playground play;
		playground_open(&play);
		playground_layer(&play, bad[i].lower);
		ok(playground_layer(&play, bad[i].upper) < 0 && strstr(play.err.text, "whiteout"),
		   "whiteout %s: refused: %s", bad[i].name, play.err.text);
		is(playground_names(play.root_fd), bad[i].want, "and nothing is gone");
		playground_close(&play);
	}
}

/* In the first layer there is nothing lower, so a whiteout must not touch anything. */
static void test_first_layer(void)
{
	struct playground play;
	playground_open(&play);
	ok(playground_layer(&play, "d a;f a/x=1;f .wh.a;f a/.wh..wh..opq;f a/.wh.x") == 0,
	   "whiteouts in the first layer");
	is(playground_names(play.root_fd), "a/ a/x=1", "hide nothing of the first layer");
	playground_close(&play);
}

static void test_many(void)
{
	struct playground play;
	struct tar_writer tar = {0};
	char text[64];
	playground_open(&play);
	for (int layer = 0; layer < 2; layer++) {
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof text, "f d%d/%s%d=%d", i % 50, layer ? "new" : "old",
				 i, layer);
			tar_write_notation(&tar, text);
		}
		for (int i = 0; layer == 1 && i < 50; i++) {
			snprintf(text, sizeof text, "f d%d/.wh..wh..opq", i);
			tar_write_notation(&tar, text);
		}
		ok(playground_apply(&play, &tar) == 0, "5,000 files: layer %d: %s", layer,
		   play.err.text);
	}
	const char *names = playground_names(play.root_fd);
	int count = 0;
	for (const char *at = names; (at = strstr(at, "new")); at++)
		count++;
	ok(!strstr(names, "old") && count == 5000, "the old are gone, %d new are there", count);
	playground_close(&play);
}

int main(void)
{
	test_table();
	test_bad();
	test_first_layer();
	test_many();
	return tap_end();
}
