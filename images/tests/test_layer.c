// SPDX-License-Identifier: Apache-2.0
/* Metadata, merging, links, attributes and budgets of layer_apply(). */
#include "images/tests/scene.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static void test_owner_and_mode(void)
{
	restart();
	tar_item(&tar, &(struct tar_item){.name = "su", .type = '0', .mode = 04755, .uid = 1000,
					  .gid = 50, .mtime = 5});
	tar_item(&tar, &(struct tar_item){.name = "sg", .type = '0', .mode = 02711, .uid = 7,
					  .gid = 8, .mtime = 5});
	tar_item(&tar, &(struct tar_item){.name = "sticky", .type = '5', .mode = 01777,
					  .mtime = 5});
	tar_item(&tar, &(struct tar_item){.name = "none", .type = '0', .mode = 0, .mtime = 5});
	tar_item(&tar, &(struct tar_item){.name = "link", .type = '2', .link = "su", .mode = 0777,
					  .uid = 3, .gid = 4, .mtime = 6});
	tar_item(&tar, &(struct tar_item){.name = "fifo", .type = '6', .mode = 0622, .uid = 3,
					  .mtime = 7});
	tar_item(&tar, &(struct tar_item){.name = "char", .type = '3', .mode = 0666, .major = 5,
					  .minor = 1, .mtime = 8});
	tar_item(&tar, &(struct tar_item){.name = "block", .type = '4', .mode = 06660, .gid = 6,
					  .major = 259, .minor = 70000, .mtime = 9});
	umask(077);
	applies("owners and modes");
	umask(022);
	struct stat st = look("su");
	ok(st.st_mode == (S_IFREG | 04755) && st.st_uid == 1000 && st.st_gid == 50,
	   "setuid survives chown");
	st = look("sg");
	ok(st.st_mode == (S_IFREG | 02711) && st.st_uid == 7 && st.st_gid == 8, "so does setgid");
	ok(look("sticky").st_mode == (S_IFDIR | 01777), "sticky directory");
	ok(look("none").st_mode == S_IFREG, "mode 0");
	st = look("link");
	ok(S_ISLNK(st.st_mode) && st.st_uid == 3 && st.st_gid == 4 && st.st_mtime == 6,
	   "owner and time of a symlink");
	st = look("fifo");
	ok(st.st_mode == (S_IFIFO | 0622) && st.st_uid == 3 && st.st_mtime == 7, "FIFO");
	st = look("char");
	ok(st.st_mode == (S_IFCHR | 0666) && st.st_rdev == makedev(5, 1) && st.st_mtime == 8,
	   "character device");
	st = look("block");
	ok(st.st_mode == (S_IFBLK | 06660) && st.st_rdev == makedev(259, 70000) && st.st_gid == 6,
	   "block device with large numbers");
}

static void test_merge(void)
{
	restart();
	tar_write_notation(&tar, "m 700;d d;f d/a=1;f d/b=2;m 644;d e;f f=x");
	applies("a lower layer");
	tar_write_notation(&tar, "m 755;d d;f d/a=3;d f;f e=4");
	applies("a layer over it");
	is(playground_names(play.root_fd), "d/ d/a=3 d/b=2 e=4 f/",
	   "directories merge, other types replace");
	ok(look("d").st_mode == (S_IFDIR | 0755), "a merged directory has the new mode");
	tar_item(&tar, &(struct tar_item){.name = "./", .type = '5', .mode = 0711, .uid = 9,
					  .gid = 9, .mtime = 77});
	applies("an entry for the root");
	struct stat st;
	fstat(play.root_fd, &st);
	ok(st.st_mode == (S_IFDIR | 0711) && st.st_uid == 9 && st.st_mtime == 77,
	   "sets the root's metadata");
}

static void test_times(void)
{
	restart();
	tar_pax(&tar, "mtime", "1234567890.123456789", 20);
	tar_write_notation(&tar, "f nano=1");
	tar_pax(&tar, "mtime", "-86400.5", 8);
	tar_write_notation(&tar, "f old=1");
	tar_pax(&tar, "atime", "999.25", 6);
	tar_write_notation(&tar, "f atime=1;d d;d d/e;f d/e/x=1;f d/y=2;d z");
	applies("times");
	struct stat st = look("nano");
	ok(st.st_mtim.tv_sec == 1234567890 && st.st_mtim.tv_nsec == 123456789, "nanoseconds");
	st = look("old");
	ok(st.st_mtim.tv_sec == -86401 && st.st_mtim.tv_nsec == 500000000, "before 1970");
	st = look("atime");
	ok(st.st_atim.tv_sec == 999 && st.st_atim.tv_nsec == 250000000 && st.st_mtime == 1000,
	   "access time");
	ok(look("d").st_mtime == 1000 && look("d/e").st_mtime == 1000 && look("z").st_mtime == 1000,
	   "directories keep their times when children come");
	struct stat root;
	fstat(play.root_fd, &root);
	tar_write_notation(&tar, "f d/e/new=1;f d/.wh.y;f d/made/x=1;h d/e/hard>d/e/x;f top=1;"
				 "f .wh.z;l d/e/l>x;p d/e/p");
	applies("a layer without entries for the directories");
	ok(look("d").st_mtime == 1000 && look("d/e").st_mtime == 1000,
	   "times of directories are put back after additions and removals");
	struct stat root_after;
	fstat(play.root_fd, &root_after);
	ok(root.st_mtim.tv_sec == root_after.st_mtim.tv_sec &&
		   root.st_mtim.tv_nsec == root_after.st_mtim.tv_nsec,
	   "also the root's");
	tar_write_notation(&tar, "f d/e/keep=1;f d/.wh..wh..opq");
	applies("an opaque directory");
	is(playground_names(play.root_fd), "atime=1 d/ d/e/ d/e/keep=1 nano=1 old=1 top=1",
	   "is emptied");
	ok(look("d").st_mtime == 1000 && look("d/e").st_mtime == 1000,
	   "and what stays keeps its times");
}

static void test_hard_links(void)
{
	restart();
	tar_write_notation(&tar, "m 4711;f a=1;l s>a;p p");
	applies("targets");
	tar_write_notation(&tar, "m 600;h b>a;h c>/a;h d/e>./x/../a;h t>s;h q>p;h b>a;h a>a;h s>s");
	applies("hard links to a lower layer");
	is(playground_names(play.root_fd), "a=1 b=1 c=1 d/ d/e=1 p q s>a t>a", "are all there");
	ok(look("a").st_ino == look("b").st_ino && look("a").st_ino == look("c").st_ino &&
		   look("a").st_ino == look("d/e").st_ino && look("a").st_nlink == 4,
	   "and are one file, also by a root-relative absolute name");
	ok(look("a").st_mode == (S_IFREG | 04711), "whose mode no link changes");
	ok(look("s").st_ino == look("t").st_ino, "a link to a symlink is the symlink");
	ok(look("p").st_ino == look("q").st_ino, "a link to a FIFO is the FIFO");
	tar_write_notation(&tar, "f b=2");
	applies("one name written again");
	is(playground_names(play.root_fd), "a=1 b=2 c=1 d/ d/e=1 p q s>a t>a",
	   "leaves the others as they were");
	tar_write_notation(&tar, "d x;f x/y=1;h x>a");
	applies("a link over a full directory");
	tar_write_notation(&tar, "h z>later;f later=1");
	refused("a link to a later entry", "hard link to later, which is not in this layer before");
	tar_write_notation(&tar, "h z>a/b");
	refused("a link below a file", "which is not in this layer");
}

static void test_xattrs(void)
{
	static const uint8_t capability[20] = {1, 0, 0, 2, 0, 4, 0, 0};
	char records[600], value[64];
	restart();
	if (fsetxattr(play.root_fd, "user.probe", "x", 1, 0) < 0) {
		skip("extended attributes", "the temporary directory cannot keep them");
		return;
	}
	fremovexattr(play.root_fd, "user.probe");
	tar_pax(&tar, "SCHILY.xattr.security.capability", capability, sizeof capability);
	tar_item(&tar, &(struct tar_item){.name = "ping", .type = '0', .mode = 04755, .uid = 5});
	size_t used = tar_pax_record(records, "SCHILY.xattr.user.a", "one\0two", 7);
	used += tar_pax_record(records + used, "LIBARCHIVE.xattr.user.b%20c", "aGVsbG8", 7);
	used += tar_pax_record(records + used, "SCHILY.xattr.security.selinux", "label", 5);
	used += tar_pax_record(records + used, "SCHILY.xattr.trusted.overlay.opaque", "y", 1);
	used += tar_pax_record(records + used, "SCHILY.xattr.user.overlay.opaque", "y", 1);
	used += tar_pax_record(records + used, "RHT.security.selinux", "label", 5);
	tar_pax_text(&tar, records, used);
	tar_write_notation(&tar, "f file=1");
	tar_pax_text(&tar, records, used);
	tar_write_notation(&tar, "d dir");
	applies("extended attributes");
	char path[200];
	snprintf(path, sizeof path, "%s/root/ping", play.path);
	ok(getxattr(path, "security.capability", value, 64) == 20 && !memcmp(value, capability, 20),
	   "file capabilities survive chown");
	ok(look("ping").st_mode == (S_IFREG | 04755), "and so does setuid");
	static const char *const names[] = {"file", "dir"};
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/root/%s", play.path, names[i]);
		ok(getxattr(path, "user.a", value, 64) == 7 && !memcmp(value, "one\0two", 7),
		   "%s: a value with a NUL", names[i]);
		ok(getxattr(path, "user.b c", value, 64) == 5 && !memcmp(value, "hello", 5),
		   "%s: libarchive's form", names[i]);
		ok(listxattr(path, NULL, 0) == (ssize_t)(sizeof "user.a" + sizeof "user.b c"),
		   "%s: labels of the builder's machine are left out", names[i]);
	}
	tar_write_notation(&tar, "d dir");
	applies("the directory once more, without attributes");
	ok(listxattr(path, NULL, 0) == 0, "which it loses");
	tar_pax(&tar, "SCHILY.xattr.security.capability", capability, sizeof capability);
	tar_write_notation(&tar, "p fifo");
	/* Whether a FIFO may have one is the filesystem's decision. */
	playground_apply(&play, &tar);
	tar_pax(&tar, "SCHILY.xattr.user.x", "1", 1);
	tar_write_notation(&tar, "l link>ping");
	refused("user attribute on a symlink", "set attribute user.x");
	char *big = calloc(1, 70000);
	tar_pax(&tar, "SCHILY.xattr.user.big", big, 70000);
	tar_write_notation(&tar, "f a=1");
	refused("an attribute of 70,000 bytes", "at most 255 and 65536");
	free(big);
}

static void test_budgets(void)
{
	restart();
	play.budget = (struct layer_budget){.bytes = 10, .entries = 100};
	tar_write_notation(&tar, "f a=12345;f b=12345");
	applies("as many bytes as the budget has");
	ok(play.budget.bytes == 0 && play.budget.entries == 98 && play.stats.bytes == 10 &&
		   play.stats.entries == 2,
	   "are taken from it and counted");
	tar_write_notation(&tar, "f c=1");
	refused("bomb: one byte more", "only 0 are left of the image's budget");
	ok(look("c").st_mode == 0, "and the file is not even created");
	play.budget = (struct layer_budget){.bytes = 1000, .entries = 3};
	tar_write_notation(&tar, "f a=1;f b=2;f c=3;f d=4");
	refused("bomb: one entry more", "more entries than its budget allows");
	play.budget = (struct layer_budget){.bytes = 1000, .entries = 5};
	tar_write_notation(&tar, "d a/b/c/d/e/f/g");
	refused("bomb: directories that have no entry count too", "more entries than its budget");
	size_t at;
	play.budget = (struct layer_budget){.bytes = 100, .entries = 10, .stream_max = 20000};
	tar_write_notation(&tar, "f a=1");
	applies("a stream of fewer bytes than its budget has");
	ok(play.budget.stream >= 1536 && play.budget.stream <= 20000, "which are counted (%llu)",
	   (unsigned long long)play.budget.stream);
	play.budget.stream = 19000;
	tar_write_notation(&tar, "f a=1");
	refused("bomb: a stream of more, together with those before it", "meant to do harm");
	at = tar_item(&tar, &(struct tar_item){.name = "huge", .type = '0'});
	tar_patch(&tar, at, 124, "77777777777", 12);
	play.budget = (struct layer_budget){.bytes = 100, .entries = 10};
	refused("8 GiB announced", "8589934591 bytes more, but only 100 are left");
}

static void test_full(void)
{
	restart();
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", play.path, "tmpfs", 0, "size=256k,nr_inodes=20") < 0) {
		skip("a full filesystem", "cannot mount a tmpfs here");
		return;
	}
	_cleanup_close_ int root = open(play.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int before = play.root_fd;
	play.root_fd = root;
	char *data = calloc(1, 400000);
	tar_item(&tar, &(struct tar_item){.name = "small", .type = '0', .size = 1000,
					  .content = data});
	tar_item(&tar, &(struct tar_item){.name = "big", .type = '0', .size = 400000,
					  .content = data});
	/* Files are written side by side: either may be the one that finds no room. */
	refused("a full disk", "bytes: No space left on device; ");
	ok(play.err.code == ENOSPC && strstr(play.err.text, "bytes in 2 entries of this layer") &&
		   strstr(play.err.text, "were written, 0 of 262144 bytes"),
	   "says how full");
	free(data);
	unlinkat(root, "big", 0);
	for (int i = 0; i < 30; i++) {
		char text[20];
		snprintf(text, sizeof text, "d d%d", i);
		tar_write_notation(&tar, text);
	}
	refused("no inodes", "and 0 of 20 inodes are free");
	play.root_fd = before;
	umount2(play.path, MNT_DETACH);
}

int main(void)
{
	test_owner_and_mode();
	test_merge();
	test_times();
	test_hard_links();
	test_xattrs();
	test_budgets();
	test_full();
	playground_close(&play);
	return tap_end();
}
