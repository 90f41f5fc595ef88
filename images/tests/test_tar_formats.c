// SPDX-License-Identifier: Apache-2.0
/* The forms that tar streams come in, and the limits of layer_apply() on what they may hold. */
#include "images/tests/scene.h"
#include "lib/cleanup.h"

#include <sys/mman.h>
#include <sys/wait.h>

static void test_gnu_names(void)
{
	char name[3000] = "", link[3000] = "";
	restart();
	for (int i = 0; i < 12; i++)
		snprintf(name + strlen(name), 300, "%s%0200d", i ? "/" : "", i);
	for (int i = 0; i < 20; i++)
		snprintf(link + strlen(link), 200, "../%0100d", i);
	tar_gnu_long(&tar, 'L', name);
	tar_gnu_long(&tar, 'K', link);
	tar_item(&tar, &(struct tar_item){.name = "short", .type = '2', .link = "short"});
	applies("GNU long name and long link");
	char target[4096] = "";
	ok(readlinkat(play.root_fd, name, target, sizeof target - 1) > 0 && !strcmp(target, link),
	   "of %zu and %zu bytes", strlen(name), strlen(link));

	restart();
	size_t at = tar_item(&tar, &(struct tar_item){.name = "tail", .type = '0', .size = 1,
						      .content = "x"});
	memset(name, 'p', 155);
	name[80] = '/';
	tar_patch(&tar, at, 345, name, 155);
	applies("a ustar prefix");
	name[155] = 0;
	strcat(name, "/tail");
	ok(look(name).st_size == 1, "is put before the name");
}

static void test_pax_names(void)
{
	static const char utf8[] = "stra\xc3\x9f" "e/\xe6\x97\xa5\xe6\x9c\xac";
	static const char raw[] = "\xff\xfe/\x80x", emoji[] = "\xf0\x9f\x90\xb3";
	static const char cesu[] = "\xed\xa0\xbd\xed\xb0\xb3";
	char text[400];
	restart();
	memset(text, 'n', sizeof text);
	text[255] = '/';
	tar_pax(&tar, "path", text, 300);
	tar_write_notation(&tar, "f x=1");
	tar_pax(&tar, "path", utf8, sizeof utf8 - 1);
	tar_write_notation(&tar, "f x=2");
	tar_pax(&tar, "path", raw, sizeof raw - 1);
	tar_write_notation(&tar, "f x=3");
	tar_pax(&tar, "linkpath", emoji, sizeof emoji - 1);
	tar_write_notation(&tar, "l link>x");
	tar_write_notation(&tar, "f caf\xc3\xa9=4;f caf\xe9=5");
	applies("pax names");
	text[300] = 0;
	ok(look(text).st_size == 1, "a part of 255 bytes and one of 44");
	ok(look(utf8).st_size == 1, "UTF-8 in a pax record");
	ok(look(raw).st_size == 1, "bytes that are not UTF-8 in a pax record");
	char target[64] = "";
	ok(readlinkat(play.root_fd, "link", target, 63) == 4 && !strcmp(target, emoji),
	   "UTF-8 in a pax link");
	ok(look("caf\xc3\xa9").st_size == 1 && look("caf\xe9").st_size == 1,
	   "UTF-8 and Latin-1 in ustar headers");
	tar_pax(&tar, "path", cesu, sizeof cesu - 1);
	tar_write_notation(&tar, "f x=6");
	if (applies("surrogates in a pax name"))
		ok(look(cesu).st_size == 1, "are bytes like any");
}

/* Two names that Unicode holds for one, and that a file system does not. */
static void test_unicode_forms(void)
{
	static const char composed[] = "\xc3\xbc", apart[] = "u\xcc\x88";
	restart();
	tar_pax(&tar, "path", composed, sizeof composed - 1);
	tar_write_notation(&tar, "f x=1");
	tar_pax(&tar, "path", apart, sizeof apart - 1);
	tar_write_notation(&tar, "f x=22");
	tar_pax(&tar, "linkpath", apart, sizeof apart - 1);
	tar_write_notation(&tar, "h hard>x");
	tar_pax(&tar, "linkpath", apart, sizeof apart - 1);
	tar_write_notation(&tar, "l soft>x");
	applies("composed and decomposed names");
	ok(look(composed).st_size == 1 && look(apart).st_size == 2, "are two files");
	ok(look("hard").st_ino == look(apart).st_ino && look("soft").st_size == 3,
	   "and links name the one they say");
}

static void test_acls(void)
{
	restart();
	tar_pax(&tar, "SCHILY.acl.access", "user::rw-,user:1000:r--,mask::r--", 33);
	tar_write_notation(&tar, "f a=1");
	tar_pax(&tar, "SCHILY.acl.access", "this is none", 12);
	tar_write_notation(&tar, "f b=2");
	applies("ACLs as text");
	is(playground_names(play.root_fd), "a=1 b=2", "are left out, understood or not");
}

static void test_long_parts(void)
{
	char text[6000];
	restart();
	memset(text, 'n', sizeof text);
	tar_pax(&tar, "path", text, 256);
	tar_write_notation(&tar, "f x=1");
	refused("a part of 256 bytes",
		"a part of the name has 256 bytes, a file name has at most 255");
	for (int i = 0; i < 6000; i += 100)
		text[i] = '/';
	tar_pax(&tar, "path", text, 5000);
	tar_write_notation(&tar, "f x=1");
	refused("a name of 5,000 bytes", "more than 4095 bytes");
	tar_pax(&tar, "linkpath", text, 5000);
	tar_write_notation(&tar, "l x>1");
	refused("a symlink target of 5,000 bytes", "name too long");
	tar_pax(&tar, "linkpath", text, 5000);
	tar_write_notation(&tar, "h x>1");
	refused("a hard link target of 5,000 bytes", "more than 4095 bytes");
}

static void test_numbers(void)
{
	static const uint8_t uid[8] = {0x80, 0, 0, 0, 0xfe, 0xdc, 0xba, 0x98},
			     size[12] = {0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3},
			     huge[8] = {0x80, 0, 0, 1, 0, 0, 0, 0};
	restart();
	size_t at = tar_item(&tar, &(struct tar_item){.name = "a", .type = '0', .size = 3,
						      .content = "abc"});
	tar_patch(&tar, at, 108, uid, sizeof uid);
	tar_patch(&tar, at, 124, size, sizeof size);
	char records[100];
	size_t used = tar_pax_record(records, "uid", "3000000000", 10);
	used += tar_pax_record(records + used, "size", "5", 1);
	tar_pax_text(&tar, records, used);
	at = tar_item(&tar, &(struct tar_item){.name = "b", .type = '0', .size = 5,
					       .content = "12345"});
	tar_patch(&tar, at, 124, "00000000000", 11);
	tar_write_notation(&tar, "f c=1");
	applies("base-256 and pax numbers");
	is(playground_names(play.root_fd), "a=abc b=12345 c=1", "sizes");
	ok(look("a").st_uid == 0xfedcba98 && look("b").st_uid == 3000000000U, "owners");
	at = tar_item(&tar, &(struct tar_item){.name = "a", .type = '0'});
	tar_patch(&tar, at, 108, huge, sizeof huge);
	refused("an owner of more than 32 bits", "out of range");
}

static void check_sparse(const char *name)
{
	char data[70000];
	_cleanup_close_ int fd = openat(play.root_fd, "s", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, data, sizeof data);
	int good = got == 66000 && memcmp(data + 4096, "AAAA", 4) == 0 &&
		   memcmp(data + 65536, "BBBB", 4) == 0;
	for (int i = 0; good && i < 66000; i++)
		good = data[i] == 0 || (i >= 4096 && i < 4100) || (i >= 65536 && i < 65540);
	ok(good, "%s: holes and data", name);
}

/* The same file in each of the four formats: "AAAA" at 4096, "BBBB" at 65536, 66000 bytes long. */
static void test_sparse(void)
{
	char records[400];
	restart();
	size_t at = tar_item(&tar, &(struct tar_item){.name = "s", .type = 'S', .mode = 0644,
						      .size = 8, .content = "AAAABBBB"});
	tar_patch(&tar, at, 257, "ustar  ", 8);
	memset(tar.data + at + 345, 0, 155);
	tar_patch(&tar, at, 386, "00000010000\00000000000004\00000000200000\00000000000004", 48);
	tar_patch(&tar, at, 483, "00000200720", 12);
	applies("GNU sparse, old format");
	check_sparse("old format");

	size_t used = tar_pax_record(records, "GNU.sparse.size", "66000", 5);
	used += tar_pax_record(records + used, "GNU.sparse.numblocks", "2", 1);
	used += tar_pax_record(records + used, "GNU.sparse.offset", "4096", 4);
	used += tar_pax_record(records + used, "GNU.sparse.numbytes", "4", 1);
	used += tar_pax_record(records + used, "GNU.sparse.offset", "65536", 5);
	used += tar_pax_record(records + used, "GNU.sparse.numbytes", "4", 1);
	restart();
	tar_pax_text(&tar, records, used);
	tar_item(&tar, &(struct tar_item){.name = "s", .type = '0', .size = 8,
					  .content = "AAAABBBB"});
	applies("GNU sparse, pax 0.0");
	check_sparse("pax 0.0");

	used = tar_pax_record(records, "GNU.sparse.size", "66000", 5);
	used += tar_pax_record(records + used, "GNU.sparse.name", "s", 1);
	used += tar_pax_record(records + used, "GNU.sparse.map", "4096,4,65536,4", 14);
	restart();
	tar_pax_text(&tar, records, used);
	tar_item(&tar, &(struct tar_item){.name = "GNUSparse/x", .type = '0', .size = 8,
					  .content = "AAAABBBB"});
	applies("GNU sparse, pax 0.1");
	check_sparse("pax 0.1");

	char body[520] = "2\n4096\n4\n65536\n4\n";
	memcpy(body + 512, "AAAABBBB", 8);
	used = tar_pax_record(records, "GNU.sparse.major", "1", 1);
	used += tar_pax_record(records + used, "GNU.sparse.minor", "0", 1);
	used += tar_pax_record(records + used, "GNU.sparse.name", "s", 1);
	used += tar_pax_record(records + used, "GNU.sparse.realsize", "66000", 5);
	restart();
	tar_pax_text(&tar, records, used);
	tar_item(&tar, &(struct tar_item){.name = "GNUSparse/x", .type = '0', .size = 520,
					  .content = body});
	applies("GNU sparse, pax 1.0");
	check_sparse("pax 1.0");

	used = tar_pax_record(records, "GNU.sparse.size", "5000", 4);
	used += tar_pax_record(records + used, "GNU.sparse.map", "4096,4,65536,4", 14);
	tar_pax_text(&tar, records, used);
	tar_item(&tar, &(struct tar_item){.name = "s", .type = '0', .size = 8,
					  .content = "AAAABBBB"});
	refused("a sparse map beyond the size", "the sparse map goes beyond the size");
}

/* CVE-2025-58183 and CVE-2017-14992: headers that make a parser allocate without bound. */
static void test_header_limits(void)
{
	enum { EXTENSIONS = 20000 };
	restart();
	size_t at = tar_item(&tar, &(struct tar_item){.name = "s", .type = 'S'});
	tar_patch(&tar, at, 257, "ustar  ", 8);
	tar_patch(&tar, at, 386, "00000000000\00000000000001", 24);
	tar_patch(&tar, at, 482, "\1", 1);
	uint8_t block[512] = {0};
	for (int i = 0; i < 21; i++)
		memcpy(block + 24 * i, "00000000000\00000000000000", 24);
	block[504] = 1;
	for (int i = 0; i < EXTENSIONS; i++)
		tar_raw(&tar, block, sizeof block);
	refused("CVE-2025-58183: a sparse map without end", "MiB of headers for one entry");

	char *big = calloc(1, 3 << 20);
	memset(big, 'x', 3 << 20);
	tar_pax(&tar, "comment", big, (3 << 20) - 64);
	tar_write_notation(&tar, "f a=1");
	refused("CVE-2017-14992: a pax header of 3 MiB", "read the next tar header");
	tar_item(&tar, &(struct tar_item){.name = "long", .type = 'L', .size = 3 << 20,
					  .content = big});
	tar_write_notation(&tar, "f a=1");
	refused("a long name of 3 MiB", "read the next tar header");
	free(big);
	for (int i = 0; i < 10000; i++)
		tar_pax(&tar, "comment", "x", 1);
	tar_write_notation(&tar, "f a=1");
	refused("CVE-2017-14992: 10,000 pax headers for one entry", "read the next tar header");
	tar_pax_text(&tar, "999 path=x\n", 11);
	tar_write_notation(&tar, "f a=1");
	refused("a pax record longer than its header", "malformed");
}

static void test_streams(void)
{
	restart();
	ok(playground_apply(&play, &tar) == 0, "a layer of nothing but zeros");
	int fd = memfd_create("empty", MFD_CLOEXEC);
	ok(layer_apply(fd, play.root_fd, &play.budget, &play.stats, &play.err) == 0,
	   "a stream of no bytes");
	ok(write(fd, "this is not tar", 15) == 15 && lseek(fd, 0, SEEK_SET) == 0 &&
		   layer_apply(fd, play.root_fd, &play.budget, &play.stats, &play.err) < 0,
	   "no tar: %s", play.err.text);
	close(fd);
	tar_write_notation(&tar, "f a=1;f b=2");
	tar.data[1024 + 3] ^= 1;
	refused("a damaged header", "Damaged tar archive");

	tar_write_notation(&tar, "f a=1;f b=2;d d;f d/c=3");
	tar_end(&tar);
	size_t whole = tar.size;
	unsigned silent = 0;
	for (size_t size = 1; size < whole - 1024; size += 37) {
		fd = memfd_create("cut", MFD_CLOEXEC);
		if (write(fd, tar.data, size) != (ssize_t)size)
			break;
		lseek(fd, 0, SEEK_SET);
		int result = layer_apply(fd, play.root_fd, &play.budget, &play.stats, &play.err);
		silent += result == 0 && size % 512 != 0;
		close(fd);
	}
	ok(silent == 0, "streams cut inside a block are errors");
	tar_free(&tar);
}

/* What follows the archive is read too: a writer on a pipe must not be cut off. */
static void test_drain(void)
{
	restart();
	int ends[2];
	tar_write_notation(&tar, "f a=1");
	tar_end(&tar);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	pid_t pid = fork();
	if (pid == 0) {
		static char zeros[1 << 20];
		close(ends[0]);
		_exit(write(ends[1], tar.data, tar.size) == (ssize_t)tar.size &&
				      write(ends[1], zeros, sizeof zeros) == sizeof zeros
			      ? 0
			      : 1);
	}
	close(ends[1]);
	ok(layer_apply(ends[0], play.root_fd, &play.budget, &play.stats, &play.err) == 0,
	   "an archive with a MiB of zeros after it");
	close(ends[0]);
	int status = 1;
	waitpid(pid, &status, 0);
	ok(status == 0, "all of it is read");
	tar_free(&tar);
}

int main(void)
{
	test_gnu_names();
	test_pax_names();
	test_unicode_forms();
	test_acls();
	test_long_parts();
	test_numbers();
	test_sparse();
	test_header_limits();
	test_streams();
	test_drain();
	playground_close(&play);
	return tap_end();
}
