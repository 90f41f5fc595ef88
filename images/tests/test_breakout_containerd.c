// SPDX-License-Identifier: Apache-2.0
/*
 * The attacks that containerd's archive tests list (pkg/archive, TestBreakouts), row by row under
 * their names. "inner" stands for the directory that exists in the image and, so the attack hopes,
 * outside too. Where Berth answers otherwise than containerd, a comment says so.
 */
#include "images/tests/playground.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PASSWD "m 770;d inner;m 644;f /inner/passwd=inside;m 755;"

static const struct {
	const char *name, *lower, *upper;
	const char *want;    /* the tree; NULL: the upper layer is refused, and the lower stays */
	const char *same[2]; /* two names of one file */
} table[] = {
	{"SymlinkAbsolute", NULL, "d inner;l local>/inner;f /local/unbroken=1",
	 "inner/ inner/unbroken=1 local>/inner", {0}},
	{"SymlinkUpAndOut", NULL, "d inner;d dummy;l local>/dummy/../inner;f /local/unbroken=1",
	 "dummy/ inner/ inner/unbroken=1 local>/dummy/../inner", {0}},
	{"SymlinkMultipleAbsolute", NULL,
	 "d inner;d dummy;l /dummy/inner>/inner;l local>/dummy/inner;f /dummy/inner/unbroken=1",
	 "dummy/ dummy/inner>/inner inner/ inner/unbroken=1 local>/dummy/inner", {0}},
	{"SymlinkMultipleRelative", NULL,
	 "d inner;d dummy;l /dummy/inner>/inner;l local>./dummy/inner;f /dummy/inner/unbroken=1",
	 "dummy/ dummy/inner>/inner inner/ inner/unbroken=1 local>./dummy/inner", {0}},
	{"SymlinkEmptyFile", NULL, "d inner;f inner/emptied=full;l local>/inner;f /local/emptied=",
	 "inner/ inner/emptied local>/inner", {0}},
	{"HardlinkRelative", NULL,
	 PASSWD "d breakouts;l breakouts/d1>../../inner;h breakouts/mine>/breakouts/d1/passwd",
	 "breakouts/ breakouts/d1>../../inner breakouts/mine=inside inner/ inner/passwd=inside",
	 {"breakouts/mine", "inner/passwd"}},
	{"HardlinkDownAndOut", NULL,
	 PASSWD "d breakouts;d down;l breakouts/d1>../down/../../inner;"
		"h breakouts/mine>/breakouts/d1/passwd",
	 "breakouts/ breakouts/d1>../down/../../inner breakouts/mine=inside down/ inner/ "
	 "inner/passwd=inside", {"breakouts/mine", "inner/passwd"}},
	{"HardlinkAbsolute", NULL, PASSWD "l local>/inner;h mine>/local/passwd",
	 "inner/ inner/passwd=inside local>/inner mine=inside", {"mine", "inner/passwd"}},
	{"HardlinkRelativeLong", NULL,
	 PASSWD "l local>../../../../../../../inner;h mine>/local/passwd",
	 "inner/ inner/passwd=inside local>../../../../../../../inner mine=inside",
	 {"mine", "inner/passwd"}},
	/* containerd takes the missing directory out of the target; here it is missing. */
	{"HardlinkRelativeUpAndOut", NULL, PASSWD "l local>up/../../../inner;h mine>/local/passwd",
	 NULL, {0}},
	{"HardlinkDirectRelative", NULL, PASSWD "h mine>../../../../../inner/passwd",
	 "inner/ inner/passwd=inside mine=inside", {"mine", "inner/passwd"}},
	{"HardlinkDirectAbsolute", NULL, PASSWD "h mine>/inner/passwd",
	 "inner/ inner/passwd=inside mine=inside", {"mine", "inner/passwd"}},
	/* containerd skips these two entries and goes on. */
	{"SymlinkParentDirectory", NULL, PASSWD "l ..>/inner/;h mine>/inner/passwd", NULL, {0}},
	{"SymlinkEmptyFilename", NULL, PASSWD "l >/inner/;h mine>/inner/passwd", NULL, {0}},
	{"SymlinkParentRelative", NULL,
	 PASSWD "l local/sub/..>/inner/;h /local/mine>/inner/passwd",
	 "inner/ inner/mine=inside inner/passwd=inside local>/inner/",
	 {"inner/mine", "inner/passwd"}},
	{"SymlinkSlashEnded", NULL, PASSWD "d local/;h /local/mine>/inner/passwd",
	 "inner/ inner/passwd=inside local/ local/mine=inside", {"local/mine", "inner/passwd"}},
	{"SymlinkOverrideDirectory", PASSWD "d local", "l local>/inner;h /local/mine>/inner/passwd",
	 "inner/ inner/mine=inside inner/passwd=inside local>/inner",
	 {"inner/mine", "inner/passwd"}},
	{"SymlinkOverrideDirectoryRelative", PASSWD "d local",
	 "l local>../../inner;h /local/mine>/inner/passwd",
	 "inner/ inner/mine=inside inner/passwd=inside local>../../inner",
	 {"inner/mine", "inner/passwd"}},
	{"DirectoryOverrideSymlink", PASSWD "l local>/inner",
	 "d /local/;h /local/mine>/inner/passwd",
	 "inner/ inner/passwd=inside local/ local/mine=inside", {"local/mine", "inner/passwd"}},
	{"DirectoryOverrideSymlinkAndHardlink",
	 PASSWD "l local>inner;h /local/mine>/inner/passwd",
	 "d /local/;f /local/mine=different",
	 "inner/ inner/mine=inside inner/passwd=inside local/ local/mine=different", {0}},
	{"WhiteoutRootParent", PASSWD, "f .wh...", NULL, {0}},
	{"WhiteoutParent", PASSWD, "f inner/.wh...", NULL, {0}},
	{"WhiteoutRoot", PASSWD, "f .wh..", NULL, {0}},
	{"WhiteoutCurrentDirectory", PASSWD, "f inner/.wh..", NULL, {0}},
	{"WhiteoutSymlink", PASSWD "l local>/inner", "f .wh.local",
	 "inner/ inner/passwd=inside", {0}},
	{"WhiteoutSymlinkPath", PASSWD "f inner/hidden=1;l local>/inner", "f local/.wh.hidden",
	 "inner/ inner/passwd=inside local>/inner", {0}},
	/* containerd makes a directory of that name. */
	{"WhiteoutDirectoryName", PASSWD "f inner/hidden=1", "f .wh.inner/file=1", NULL, {0}},
	{"WhiteoutDeadSymlinkParent", PASSWD "l local>/missing", "f local/.wh.inner",
	 "inner/ inner/passwd=inside local>/missing", {0}},
	{"WhiteoutRelativePath", PASSWD "l local>/missing", "f missing/../.wh.inner",
	 "local>/missing", {0}},
	{"HardlinkSymlinkBeforeCreateTarget", NULL,
	 "d inner;l local>/inner/passwd;h twice>local;f /inner/passwd=after",
	 "inner/ inner/passwd=after local>/inner/passwd twice>/inner/passwd", {"twice", "local"}},
	{"HardlinkSymlinkRelative", NULL,
	 PASSWD "l link>../../../../../inner/passwd;h local>/link",
	 "inner/ inner/passwd=inside link>../../../../../inner/passwd "
	 "local>../../../../../inner/passwd", {"link", "local"}},
	{"HardlinkSymlinkAbsolute", NULL, PASSWD "l link>/inner/passwd;h local>/link",
	 "inner/ inner/passwd=inside link>/inner/passwd local>/inner/passwd", {"link", "local"}},
	{"HardlinkSymlinkChmod", NULL, "m 777;l link>../outside/secret;h sketchy>/link",
	 "link>../outside/secret sketchy>../outside/secret", {"link", "sketchy"}},
};

static bool is_one_file(const struct playground *play, const char *const names[2])
{
	struct stat one, two;
	return fstatat(play->root_fd, names[0], &one, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstatat(play->root_fd, names[1], &two, AT_SYMLINK_NOFOLLOW) == 0 &&
	       one.st_ino == two.st_ino && one.st_dev == two.st_dev;
}

static void is_named(const char *got, const char *want, const char *name, const char *what)
{
	char label[120];
	snprintf(label, sizeof label, "containerd %s: %s", name, what);
	is(got, want, label);
}

int main(void)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *name = table[i].name;
		struct playground play;
		playground_open(&play);
		char *outside = playground_details(play.outside_fd), *lower = NULL;
		if (table[i].lower && playground_layer(&play, table[i].lower) < 0)
			printf("Bail out! %s: %s\n", name, play.err.text);
		if (table[i].lower)
			lower = strdup(playground_names(play.root_fd));
		int result = playground_layer(&play, table[i].upper);
		ok((result == 0) == (table[i].want != NULL), "containerd %s: %s", name,
		   result ? play.err.text : "applies");
		if (table[i].want || lower)
			is_named(playground_names(play.root_fd),
				 table[i].want ? table[i].want : lower, name, "the tree");
		if (table[i].same[0])
			ok(is_one_file(&play, table[i].same), "containerd %s: one file", name);
		char *after = playground_details(play.outside_fd);
		is_named(after, outside, name, "nothing outside has changed");
		free(outside), free(after), free(lower);
		playground_close(&play);
	}
	return tap_end();
}
