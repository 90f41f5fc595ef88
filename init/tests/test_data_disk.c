// SPDX-License-Identifier: Apache-2.0
/* Which disk is the data disk, and whether it may be formatted. */
#include "init/boot/disk_content.h"
#include "init/boot/disk_list.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <sys/mman.h>

enum { MIB = 1 << 20, SIZE = 4 * MIB };

static void test_words(void)
{
	struct data_disk disk;
	struct error err = ERROR_INIT;
	ok(data_disk_parse("device=/dev/vdb,label=a.b,serial=S-1,size=1G-2G,format=if-empty,grow=false,"
			   "required=false,option=discard,option=commit=30", &disk, &err) == 0,
	   "all of it: %s", err.text);
	is(disk.device, "vdb", "the device");
	is(disk.options, "discard,commit=30", "the options");
	ok(disk.least == 1ULL << 30 && disk.most == 2ULL << 30 && disk.format && !disk.grow &&
		   disk.optional, "size and truth values");
	ok(data_disk_parse("none", &disk, &err) == 0 && disk.none, "none");
	ok(data_disk_parse("uuid=0123ABCD-0000-0000-0000-0123456789ab", &disk, &err) == 0 &&
		   strcmp(disk.uuid, "0123abcd-0000-0000-0000-0123456789ab") == 0 && disk.grow,
	   "a UUID, in small letters; it grows");
	static const char *const bad[] = {
		"", "grow=true", "device=vdb", "device=/dev/../sda", "device=/dev/a/b", "label=a b",
		"label=12345678901234567", "uuid=1", "size=x", "size=2G-1G", "format=always",
		"required=1", "option=noload", "option=commit=", "serial=", "serial", "color=red",
		"format=if-empty,uuid=01234567-0000-0000-0000-0123456789ab", "none,format=if-empty"};
	for (size_t i = 0; i < countof(bad); i++)
		ok(data_disk_parse(bad[i], &disk, &err) < 0 && *err.text, "\"%s\": %s", bad[i], err.text);
}

static struct disk_reading read_with(size_t at, const char *bytes, size_t size)
{
	struct disk_reading reading = {0};
	_cleanup_close_ int fd = memfd_create("disk", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, SIZE) == 0 && pwrite(fd, bytes, size, (off_t)at) == (ssize_t)size)
		disk_content_read(fd, SIZE, &reading);
	return reading;
}

static void test_content(void)
{
	ok(read_with(0, "", 0).content == CONTENT_EMPTY, "nothing at all");
	ok(read_with(2 * MIB, "x", 1).content == CONTENT_EMPTY, "old data in the middle does not count");
	static const size_t places[] = {0, 510, 4096, 65536, MIB - 1, SIZE - MIB, SIZE - 512, SIZE - 1};
	for (size_t i = 0; i < countof(places); i++)
		ok(read_with(places[i], "x", 1).content == CONTENT_OTHER, "a byte at %zu", places[i]);
	char block[1024] = "";
	memcpy(block + 0x38, "\x53\xef\3", 3);
	memcpy(block + 0x68, "\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10", 16);
	memcpy(block + 0x78, "0123456789abcdef", 16);
	struct disk_reading reading = read_with(1024, block, sizeof block);
	ok(reading.content == CONTENT_EXT4 && reading.errors, "ext4 that had errors");
	is(reading.label, "0123456789abcdef", "its label");
	is(reading.uuid, "01020304-0506-0708-090a-0b0c0d0e0f10", "its UUID");
}

static struct disk_list list = {
	.count = 5,
	.items = {
		{.device = "vda", .bytes = 1ULL << 30, .has_parts = true, .reading = {CONTENT_OTHER, "", "", false}},
		{.device = "vda1", .bytes = 1ULL << 29, .is_part = true, .reading = {CONTENT_EMPTY, "", "", false}},
		{.device = "vdb", .bytes = 1ULL << 30, .serial = "two", .read_only = true, .reading = {CONTENT_EMPTY, "", "", false}},
		{.device = "vdc", .bytes = 1ULL << 31, .reading = {CONTENT_EMPTY, "", "", false}},
		{.device = "vdd", .bytes = 1ULL << 30, .reading = {CONTENT_EXT4, "data", "u", false}},
	},
};

static const char *chosen(const char *text, bool *format)
{
	struct data_disk wanted;
	struct error err = ERROR_INIT;
	*format = false;
	if (data_disk_parse(text, &wanted, &err) < 0)
		return "bad words";
	const struct disk *disk = disk_list_choose(&list, &wanted, format, &err);
	return disk ? disk->device : "";
}

static void test_choice(void)
{
	static const struct {
		const char *text, *device;
		bool format;
	} cases[] = {
		{"format=if-empty", "vdc", true},	      /* not a partition, not one that is read-only */
		{"label=data", "vdd", false},
		{"label=data,format=if-empty", "vdd", false}, /* what is there comes first */
		{"label=other", "", false},
		{"label=other,format=if-empty", "vdc", true},
		{"device=/dev/vda1,format=if-empty", "vda1", true},
		{"device=/dev/vda,format=if-empty", "", false},
		{"device=/dev/vdb,format=if-empty", "", false},
		{"device=/dev/vdc", "", false},		      /* empty, and not allowed */
		{"device=/dev/vdd", "vdd", false},
		{"serial=two", "", false},
		{"size=2G,format=if-empty", "vdc", true},
		{"size=1M-1G", "vdd", false},
		{"size=3G,format=if-empty", "", false},
	};
	for (size_t i = 0; i < countof(cases); i++) {
		bool format;
		is(chosen(cases[i].text, &format), cases[i].device, cases[i].text);
		ok(!*cases[i].device || format == cases[i].format, "formatted or not");
	}
	struct data_disk wanted;
	struct error err = ERROR_INIT;
	bool format;
	data_disk_parse("device=/dev/vdc", &wanted, &err);
	ok(!disk_list_choose(&list, &wanted, &format, &err) && strstr(err.text, "format=if-empty would") &&
		   strstr(err.text, "vdb (1073.7 MB, serial two, empty)"), "%s", err.text);
}

int main(void)
{
	test_words();
	test_content();
	test_choice();
	return tap_end();
}
