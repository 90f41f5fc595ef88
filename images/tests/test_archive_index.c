// SPDX-License-Identifier: Apache-2.0
/* The index of tar files: names in every notation, links, and damage. */
#include "images/layouts/archive_index.h"
#include "images/tests/tar_writer.h"
#include "lib/cleanup.h"
#include "lib/tap.h"

#include <sys/mman.h>

static struct error err;

/* The index of what was written so far; *result is that of archive_index_read. */
static struct archive_index read_bytes(const void *data, size_t size, int *result)
{
	struct archive_index index = {0};
	_cleanup_close_ int fd = memfd_create("archive", MFD_CLOEXEC);
	err = (struct error)ERROR_INIT;
	*result = -2;
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size)
		*result = archive_index_read(fd, &index, &err);
	return index;
}

static struct archive_index read_tar(struct tar_writer *tar, int *result)
{
	tar_end(tar);
	struct archive_index index = read_bytes(tar->data, tar->size, result);
	return index;
}

static void test_members(void)
{
	struct tar_writer tar = {0};
	int result;
	tar_write_notation(&tar, "d blobs;f ./index.json=hello;f blobs/a=one;f blobs/a=second");
	struct archive_index index = read_tar(&tar, &result);
	ok(result == 1, "a tar file: %s", err.text);
	const struct archive_member *member = archive_index_find(&index, "index.json");
	ok(member && member->size == 5 && memcmp(tar.data + member->offset, "hello", 5) == 0,
	   "a file, without ./");
	member = archive_index_find(&index, "blobs/a");
	ok(member && member->size == 6, "the last of two with one name");
	ok(!archive_index_find(&index, "blobs"), "a folder has no bytes");
	ok(!archive_index_find(&index, "blobs/b"), "what is not there");
	ok(archive_index_alias(&index, "other", 1536, 3, &err) == 0 &&
		   archive_index_find(&index, "other")->offset == 1536, "another name");
	archive_index_free(&index);
	tar_free(&tar);
}

static void test_links(void)
{
	struct tar_writer tar = {0};
	int result;
	tar_write_notation(&tar, "f a.tar=layer;l d/layer.tar>../a.tar;l d/near>layer.tar;h e/x>a.tar;"
				 "l loop>loop;l f/../up>../../../a.tar;l gone>nothing");
	struct archive_index index = read_tar(&tar, &result);
	const struct archive_member *member = archive_index_find(&index, "a.tar");
	ok(result == 1 && member, "links");
	ok(archive_index_find(&index, "d/layer.tar") == member, "a symlink upwards");
	ok(archive_index_find(&index, "d/near") == member, "a symlink to a symlink");
	ok(archive_index_find(&index, "e/x") == member, "a hard link");
	ok(!archive_index_find(&index, "loop"), "a loop ends");
	ok(!archive_index_find(&index, "gone"), "a dangling link");
	ok(archive_index_find(&index, "f/../up") == member, "above the root is the root");
	archive_index_free(&index);
	tar_free(&tar);
}

static void test_long_names(void)
{
	struct tar_writer tar = {0};
	struct tar_item item = {.name = "short", .type = '0', .size = 3, .content = "abc"};
	char name[300];
	int result;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = 0;
	tar_gnu_long(&tar, 'L', name);
	tar_item(&tar, &item);
	tar_pax(&tar, "path", "from/pax", 8);
	tar_item(&tar, &item);
	tar_pax(&tar, "size", "5", 1);
	size_t header = tar_item(&tar, &(struct tar_item){.name = "sized", .type = '0', .size = 5,
							  .content = "12345"});
	tar_patch(&tar, header, 124, "00000000000", 12);
	header = tar_item(&tar, &(struct tar_item){.name = "based", .type = '0', .size = 2,
						   .content = "xy"});
	tar_patch(&tar, header, 124, "\x80\0\0\0\0\0\0\0\0\0\0\2", 12);
	header = tar_item(&tar, &(struct tar_item){.name = "name", .type = '0'});
	tar_patch(&tar, header, 345, "prefix", 7);
	struct archive_index index = read_tar(&tar, &result);
	ok(result == 1, "extensions: %s", err.text);
	ok(archive_index_find(&index, name) != NULL, "GNU long name");
	ok(archive_index_find(&index, "from/pax") != NULL, "pax path");
	ok(!archive_index_find(&index, "short"), "the short name does not count then");
	const struct archive_member *member = archive_index_find(&index, "sized");
	ok(member && member->size == 5, "pax size");
	member = archive_index_find(&index, "based");
	ok(member && member->size == 2, "a size in base 256");
	ok(archive_index_find(&index, "prefix/name") != NULL, "ustar prefix");
	archive_index_free(&index);
	tar_free(&tar);
}

static void refused(struct tar_writer *tar, const char *why)
{
	int result;
	struct archive_index index = read_tar(tar, &result);
	ok(result == -1 && strstr(err.text, why), "%s: %s", why, err.text);
	archive_index_free(&index);
	tar_free(tar);
	*tar = (struct tar_writer){0};
}

static void test_damage(void)
{
	struct tar_writer tar = {0};
	int result;
	tar_write_notation(&tar, "f a=hello;f b=hello");
	struct archive_index index = read_bytes(tar.data, 1024 + 512 + 2, &result);
	ok(result == -1 && strstr(err.text, "cut off"), "cut off in a file: %s", err.text);
	archive_index_free(&index);
	tar.data[1024] ^= 1;
	refused(&tar, "damaged");
	tar_pax_text(&tar, "9999999 path=x\n", 15);
	refused(&tar, "malformed");
	tar_pax_text(&tar, "12 path=xyz", 11);
	refused(&tar, "malformed");
	tar_pax(&tar, "size", "-1", 2);
	refused(&tar, "malformed");
	size_t header = tar_item(&tar, &(struct tar_item){.name = "x", .type = '0'});
	tar_patch(&tar, header, 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	refused(&tar, "size");
	header = tar_item(&tar, &(struct tar_item){.name = "x", .type = '0'});
	tar_patch(&tar, header, 124, "77777777777", 12);
	refused(&tar, "cut off");
	for (int i = 0; i <= ARCHIVE_MEMBERS_MAX; i++)
		tar_item(&tar, &(struct tar_item){.name = "x", .type = '0'});
	refused(&tar, "too many");
}

static void test_others(void)
{
	static const char zeros[4096], text[1024] = "this is no tar file";
	int result;
	struct archive_index index = read_bytes(text, sizeof text, &result);
	ok(result == 0, "some other file");
	archive_index_free(&index);
	index = read_bytes(zeros, sizeof zeros, &result);
	ok(result == 0, "zeros");
	archive_index_free(&index);
	index = read_bytes("", 0, &result);
	ok(result == 0, "an empty file");
	archive_index_free(&index);
}

int main(void)
{
	test_members();
	test_links();
	test_long_names();
	test_damage();
	test_others();
	return tap_end();
}
