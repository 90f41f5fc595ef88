// SPDX-License-Identifier: Apache-2.0
/* Labels of file systems: the fields that the specifications name, and nonsense. */
#include "init/boot/volume.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdint.h>
#include <sys/mman.h>

enum { SIZE = 64 * 1024 };

static unsigned char disk[SIZE];

static struct volume read_disk(void)
{
	struct volume volume = {.format = VOLUME_OTHER};
	_cleanup_close_ int fd = memfd_create("disk", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, disk, sizeof disk) == SIZE)
		volume_read(fd, &volume);
	return volume;
}

static void put(size_t at, const char *bytes, size_t size)
{
	memcpy(disk + at, bytes, size);
}

static void test_ext4(void)
{
	memset(disk, 0, sizeof disk);
	put(1024 + 0x38, "\x53\xef", 2);
	put(1024 + 0x78, "berth-images", 12);
	put(1024 + 0x68, "\x12\x34\x56\x78\x9a\xbc\xde\xf0\x01\x02\x03\x04\x05\x06\x07\x08", 16);
	struct volume volume = read_disk();
	is(volume_type(volume.format), "ext4", "ext4");
	ok(volume_has_label(&volume, "berth-images") && !volume_has_label(&volume, "BERTH-IMAGES") &&
		   !volume_has_label(&volume, "berth-image"), "its label, exactly");
	is(volume.uuid, "12345678-9abc-def0-0102-030405060708", "its UUID");
	ok(volume_has_uuid(&volume, "12345678-9ABC-DEF0-0102-030405060708") &&
		   !volume_has_uuid(&volume, "12345678") && !volume_has_uuid(&volume, ""),
	   "of whichever case");
	put(1024 + 0x78, "0123456789abcdef", 16);
	volume = read_disk();
	is(volume.label, "0123456789abcdef", "all 16 bytes of it");
}

static void test_iso9660(void)
{
	memset(disk, 0, sizeof disk);
	put(16 * 2048, "\1CD001\1", 7);
	put(16 * 2048 + 40, "BERTH-IMAGES                    ", 32);
	struct volume volume = read_disk();
	is(volume_type(volume.format), "iso9660", "ISO 9660");
	is(volume.label, "BERTH-IMAGES", "without the spaces");
	ok(volume_has_label(&volume, "berth-images"), "in capitals");
	is(volume.uuid, "", "no date, no UUID");
	put(16 * 2048 + 813, "2024010203040506", 16);
	put(16 * 2048 + 830, "0000000000000000", 16);
	volume = read_disk();
	is(volume.uuid, "2024-01-02-03-04-05-06", "when it was made");
	put(16 * 2048 + 830, "2025111213141516", 16);
	volume = read_disk();
	is(volume.uuid, "2025-11-12-13-14-15-16", "or changed");
	put(16 * 2048 + 830, "2025-1121314151", 15);
	volume = read_disk();
	is(volume.uuid, "", "nonsense is none");
}

/* FAT16 with one table of one sector: the root directory is in sector 2. */
static void make_fat(void)
{
	memset(disk, 0, sizeof disk);
	put(11, "\0\2\1\1\0\1", 6); /* 512 bytes a sector, 1 a cluster, 1 reserved, 1 table */
	put(22, "\1\0", 2);
	put(39, "\xcd\xab\x34\x12", 4);
	put(43, "BERTH-IMAGEFAT16   ", 19);
	put(510, "\x55\xaa", 2);
}

static void test_fat(void)
{
	make_fat();
	struct volume volume = read_disk();
	is(volume_type(volume.format), "vfat", "FAT16");
	is(volume.uuid, "1234-ABCD", "its number");
	ok(volume_has_label(&volume, "berth-images"), "its label, as far as it can be");
	put(1024, "IMAGE   TXT\x20", 12);
	put(1056, "\xe5OLD    XYZ\x08", 12);
	put(1088, "Blong\0\0\0\0\0\0\x0f", 12);
	put(1120, "OTHER LABEL\x08", 12);
	volume = read_disk();
	is(volume.label, "OTHER LABEL", "the root directory's label counts");
	ok(!volume_has_label(&volume, "berth-images"), "so it is not ours");
	put(43, "           FAT     ", 19);
	put(1024, "\0", 1);
	volume = read_disk();
	ok(volume.format == VOLUME_VFAT && !volume_has_label(&volume, "berth-images"), "no label");
	memset(disk, 0, sizeof disk);
	put(11, "\0\2\1\1\0\1", 6);
	put(36, "\1\0\0\0", 4);
	put(44, "\3\0\0\0", 4);
	put(67, "\1\0\0\0", 4);
	put(71, "NO NAME    FAT32   ", 19);
	put(510, "\x55\xaa", 2);
	put(3 * 512, "berth-image\x08", 12);
	volume = read_disk();
	ok(volume_has_label(&volume, "berth-images"), "FAT32, whose root is in cluster 3");
	is(volume.uuid, "0000-0001", "the number of FAT32");
	put(44, "\0\0\0\0", 4);
	put(14, "\xff\xff", 2);
	volume = read_disk();
	is(volume.label, "NO NAME", "nonsense about the root directory");
}

static void test_nothing(void)
{
	memset(disk, 0xff, sizeof disk);
	struct volume volume = read_disk();
	ok(volume.format == VOLUME_OTHER && !volume_has_label(&volume, ""), "something else");
	_cleanup_close_ int fd = memfd_create("disk", MFD_CLOEXEC);
	volume_read(fd, &volume);
	ok(volume.format == VOLUME_OTHER, "an empty disk");
}

int main(void)
{
	test_ext4();
	test_iso9660();
	test_fat();
	test_nothing();
	return tap_end();
}
