// SPDX-License-Identifier: Apache-2.0
/*
 * Layers that try to leave their root: by "..", absolute names, symlinks, hard links, whiteouts and
 * combinations. '@' is the absolute path of a directory outside. Whatever a layer is answered with,
 * nothing outside may change, not even a mode or a time.
 */
#include "images/tests/playground.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

enum outcome { APPLIES, REFUSED };

static const struct {
	const char *name, *layers[3];
	enum outcome outcome;
	const char *want; /* names in the root, or NULL where they hold a path of this machine */
} table[] = {
	{"dot-dot names stay below the root", {"f ../a=1;f x/../../b=2;f ../../../c/d=3"}, APPLIES,
	 "a=1 b=2 c/ c/d=3"},
	{"absolute names are below the root", {"f /a=1;d /b/;f //b///c=2;f ./b/./d=3"}, APPLIES,
	 "a=1 b/ b/c=2 b/d=3"},
	{"absolute name of a file outside", {"f @/secret=evil"}, APPLIES, NULL},
	{"dot-dot name of a file outside", {"f ../outside/secret=evil"}, APPLIES,
	 "outside/ outside/secret=evil"},

	{"CVE-2014-6407: absolute symlink, then a file through it", {"l a>@;f a/secret=evil"},
	 APPLIES, NULL},
	{"CVE-2014-9356: relative symlink, then a file through it",
	 {"l a>../outside;f a/secret=evil"}, APPLIES,
	 "a>../outside outside/ outside/secret=evil"},
	{"the same over two layers", {"l a>../outside", "f a/secret=evil;d a/directory"}, APPLIES,
	 "a>../outside outside/ outside/directory/ outside/secret=evil"},
	{"symlink to a symlink", {"l a>b;l b>../outside;f a/secret=evil"}, APPLIES,
	 "a>b b>../outside outside/ outside/secret=evil"},
	{"symlink below a directory, up and out", {"d d;l d/a>../../outside;f d/a/secret=evil"},
	 APPLIES, "d/ d/a>../../outside outside/ outside/secret=evil"},
	{"CVE-2018-15664: symlink with many dot-dots",
	 {"l a>../../../../../../../../..;f a/secret=evil"}, APPLIES,
	 "a>../../../../../../../../.. secret=evil"},
	{"dot-dot after a symlink is taken by its text", {"d d;d d/e;l a>d/e;f a/../b=1"}, APPLIES,
	 "a>d/e b=1 d/ d/e/"},
	{"symlink loop as parent", {"l a>b;l b>a;f a/x=1"}, REFUSED, "a>b b>a"},
	{"symlink to itself as parent", {"l a>a;f a/x=1"}, REFUSED, "a>a"},
	{"symlink that grows as parent", {"l a>a/a;f a/x=1"}, REFUSED, "a>a/a"},
	{"symlink to nothing as parent: made in the root", {"l lib>usr/lib;f lib/x=1"}, APPLIES,
	 "lib>usr/lib usr/ usr/lib/ usr/lib/x=1"},
	{"absolute symlink to nothing as parent", {"l lib>/usr/lib;f lib/x/y=1"}, APPLIES,
	 "lib>/usr/lib usr/ usr/lib/ usr/lib/x/ usr/lib/x/y=1"},
	{"chain of symlinks to nothing as parent", {"l a>b/c;d b;l b/c>../d/e;f a/x=1"}, APPLIES,
	 "a>b/c b/ b/c>../d/e d/ d/e/ d/e/x=1"},
	{"a file as parent is replaced", {"f a=1;f a/b/c=2"}, APPLIES, "a/ a/b/ a/b/c=2"},
	{"a symlink to a file as parent is replaced, not the file", {"f f=1;l a>f;f a/x=2"},
	 APPLIES,
	 "a/ a/x=2 f=1"},
	{"a FIFO as parent is replaced", {"p a;f a/x=1"}, APPLIES, "a/ a/x=1"},

	{"a file over a symlink replaces it", {"l a>@/secret", "f a=evil"}, APPLIES, "a=evil"},
	{"a directory over a symlink replaces it", {"l a>@/directory", "d a;f a/x=1"}, APPLIES,
	 "a/ a/x=1"},
	{"a FIFO over a symlink replaces it", {"l a>@/secret", "p a"}, APPLIES, "a"},
	{"a symlink over a full directory replaces it", {"d a;d a/b;f a/b/c=1", "l a>b"}, APPLIES,
	 "a>b"},
	{"a file over a directory that holds a symlink to one outside", {"d a;l a/x>@", "f a=1"},
	 APPLIES, "a=1"},
	{"a file over a directory that holds a symlink outside", {"d a;l a/x>@;l a/y>@/secret",
	 "f a=1"}, APPLIES, "a=1"},

	{"hard link to a file outside by its absolute name", {"h a>@/secret"}, REFUSED, ""},
	{"CVE-2014-9356: hard link to a file outside by dot-dots", {"h a>../outside/secret"}, REFUSED, ""},
	{"hard link through a symlink outside", {"l a>../outside;h b>a/secret"}, REFUSED,
	 "a>../outside"},
	{"CVE-2026-17106: hard link to a symlink outside links the symlink",
	 {"l a>../outside/secret;h b>a"},
	 APPLIES,
	 "a>../outside/secret b>../outside/secret"},
	{"CVE-2026-17106: hard link to a symlink, then written over",
	 {"l a>../outside/secret;h b>a;f b=evil;f a=evil"}, APPLIES, "a=evil b=evil"},
	{"CVE-2026-17106: hard link to a symlink to a directory, then through it",
	 {"l a>../outside;h b>a;f b/secret=evil"}, APPLIES,
	 "a>../outside b>../outside outside/ outside/secret=evil"},
	{"CVE-2014-9356: hard link down and out", {"d d;l d/up>../../outside;h d/x>d/up/secret"}, REFUSED,
	 "d/ d/up>../../outside"},
	{"hard link to a directory", {"d d;h a>d"}, REFUSED, "d/"},
	{"hard link to the root", {"h a>/"}, REFUSED, ""},
	{"hard link to above the root", {"h a>.."}, REFUSED, ""},
	{"hard link whose parent is a symlink outside", {"f f=1;l a>../outside;h a/secret>f"},
	 APPLIES,
	 "a>../outside f=1 outside/ outside/secret=1"},

	{"whiteout through a symlink outside", {"l a>../outside", "f a/.wh.secret"}, APPLIES,
	 "a>../outside"},
	{"whiteout by an absolute name", {"f x=1", "f @/.wh.secret"}, APPLIES, "x=1"},
	{"whiteout by dot-dots", {"f x=1", "f ../outside/.wh.secret"}, APPLIES, "x=1"},
	{"whiteout of a symlink outside", {"l a>@;f x=1", "f .wh.a"}, APPLIES, "x=1"},
	{"whiteout of a directory with symlinks outside", {"d a;l a/b>@;l a/c>@/secret;f x=1",
	 "f .wh.a"}, APPLIES, "x=1"},
	{"opaque through a symlink outside", {"l a>../outside", "f a/.wh..wh..opq"}, APPLIES,
	 "a>../outside"},
	{"opaque by dot-dots", {"f x=1", "f ../.wh..wh..opq"}, APPLIES, ""},
	{"whiteout of the root's parent", {"f x=1", "f .wh..."}, REFUSED, "x=1"},

	{"CVE-2021-29136: the root as a symlink: .", {"l .>@;f secret=evil"}, REFUSED, ""},
	{"CVE-2021-29136: the root as a symlink: /", {"l />@;f secret=evil"}, REFUSED, ""},
	{"CVE-2021-29136: the root as a symlink: ./", {"l ./>@;f secret=evil"}, REFUSED, ""},
	{"CVE-2021-29136: the root as a symlink: /.", {"l /.>@;f secret=evil"}, REFUSED, ""},
	{"CVE-2021-29136: the root as a symlink: ..", {"l ..>@;f secret=evil"}, REFUSED, ""},
	{"CVE-2021-29136: the root as a symlink: a/..", {"l a/..>@;f secret=evil"}, REFUSED, ""},
	{"the root as a file", {"f .=evil"}, REFUSED, ""},
	{"the root as a hard link", {"f f=1;h .>f"}, REFUSED, "f=1"},
	{"the root as a FIFO", {"p /"}, REFUSED, ""},
	{"the root as a directory", {"d .;d /;d ./;f a=1"}, APPLIES, "a=1"},

	{"CVE-2021-32760: mode of a symlink is not the mode of its target",
	 {"m 777;l a>@/secret;l b>../outside/secret;l c>../outside"}, APPLIES, NULL},
	{"CVE-2021-32760, CVE-2021-41089: directory entry over a symlink",
	 {"l a>@/directory", "m 777;d a"},
	 APPLIES,
	 "a/"},
	{"CVE-2019-1002101: directory swapped for a symlink between entries",
	 {"d a;f a/x=1;l a>../outside;f a/secret=evil"}, APPLIES,
	 "a>../outside outside/ outside/secret=evil"},
	{"the open parent swapped for a symlink by a whiteout and a link",
	 {"d a;d a/b;f a/b/x=1", "f a/b/y=2;f .wh.a;l a>../outside;f a/b/secret=evil"}, APPLIES,
	 "a>../outside outside/ outside/b/ outside/b/secret=evil"},
	{"the way to the open parent leads through what is replaced in it",
	 {"d d;d d/e;d d/e/c;l l>d/e/c/..;f l/x=1;f l/c=2;f l/y=3"}, APPLIES,
	 "d/ d/e/ d/e/c=2 d/e/x=1 l/ l/y=3"},
};

static char *outside(const struct playground *play)
{
	struct stat st;
	char *text = playground_details(play->outside_fd), *all = NULL;
	fstat(play->outside_fd, &st);
	if (asprintf(&all, "%o %ld.%09ld %u\n%s", st.st_mode, (long)st.st_mtim.tv_sec,
		     st.st_mtim.tv_nsec, (unsigned)st.st_nlink, text) < 0)
		abort();
	free(text);
	return all;
}

/* Owner, mode and time of an entry that is a symlink stay with the symlink. */
static void test_metadata(void)
{
	struct playground play;
	struct tar_writer tar = {0};
	playground_open(&play);
	char *before = outside(&play);
	tar_item(&tar, &(struct tar_item){.name = "a", .type = '2', .link = "../outside/secret",
					  .mode = 0777, .uid = 1234, .gid = 5678, .mtime = 9});
	ok(playground_apply(&play, &tar) == 0, "CVE-2021-32760, CVE-2021-41089: symlink, owned");
	char *after = outside(&play);
	is(after, before, "CVE-2021-32760, CVE-2021-41089: nothing outside has its owner or time");
	free(before), free(after);
	playground_close(&play);
}

int main(void)
{
	test_metadata();
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct playground play;
		playground_open(&play);
		char *before = outside(&play);
		int result = 0;
		for (int n = 0; n < 3 && table[i].layers[n] && result == 0; n++)
			result = playground_layer(&play, table[i].layers[n]);
		ok((result == 0) == (table[i].outcome == APPLIES), "%s: %s", table[i].name,
		   result ? play.err.text : "applies");
		char *after = outside(&play), label[200], tree[200];
		snprintf(tree, sizeof tree, "%s: the tree is right", table[i].name);
		snprintf(label, sizeof label, "%s: nothing outside has changed", table[i].name);
		is(after, before, label);
		if (table[i].want)
			is(playground_names(play.root_fd), table[i].want, tree);
		free(before), free(after);
		playground_close(&play);
	}
	return tap_end();
}
