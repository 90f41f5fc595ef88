// SPDX-License-Identifier: Apache-2.0
/* Volumes that are no folders: what is taken, and why the rest is not. */
#include "init/config/volume_sources.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "lib/tap.h"

#include <string.h>

static char block[16 * 1024];
static struct machine machine;

static int parse(const char *text, struct volume_source *out, struct error *err)
{
	static struct arena arena;
	arena_init(&arena, block, sizeof block);
	return parse_volume_source(text, &arena, out, err);
}

/* "size=1m ro": as the kernel is told. */
static const char *options_of(const struct volume_source *source)
{
	static char text[400];
	text[0] = 0;
	for (const struct mount_option *at = source->options; at->key; at++) {
		size_t used = strlen(text);
		snprintf(text + used, sizeof text - used, "%s%s%s%s", used ? " " : "", at->key,
			 at->value ? "=" : "", at->value ? at->value : "");
	}
	return text;
}

static void test_good(void)
{
	static const struct {
		const char *text, *options;
		enum volume_kind kind;
		uint64_t set;
	} good[] = {
		{"a,tmpfs,tmpfs", "", VOLUME_OF_MEMORY, 0},
		{"a_b,tmpfs,tmpfs,size=64m,mode=1777,,uid=5,noexec", "size=64m mode=1777 uid=5",
		 VOLUME_OF_MEMORY, MOUNT_ATTR_NOEXEC},
		{"a,ext4,LABEL=x,ro,noatime,data=ordered", "ro data=ordered", VOLUME_OF_DISK,
		 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOATIME},
		{"a,ext2,/dev/vdb1,defaults,rw,nosuid,nodev,sync", "sync", VOLUME_OF_DISK, 0},
		{"a,iso9660,/dev/sr0", "ro", VOLUME_OF_DISK, MOUNT_ATTR_RDONLY},
		{"a,iso9660,UUID=2024-01-02-03-04-05-00,ro,norock", "ro norock", VOLUME_OF_DISK,
		 MOUNT_ATTR_RDONLY},
		{"a,vfat,UUID=1234-ABCD,umask=077,exec", "umask=077", VOLUME_OF_DISK, 0},
		{"a,9p,tag,msize=65536", "msize=65536 trans=virtio version=9p2000.L",
		 VOLUME_OF_SHARE, 0},
		{"a,9p,tag,trans=virtio,version=9p2000.u", "trans=virtio version=9p2000.u",
		 VOLUME_OF_SHARE, 0},
		{"a,virtiofs,share", "", VOLUME_OF_SHARE, 0},
	};
	for (size_t i = 0; i < countof(good); i++) {
		struct volume_source source;
		struct error err = ERROR_INIT;
		if (!ok(parse(good[i].text, &source, &err) == 0, "%s: %s", good[i].text, err.text))
			continue;
		is(options_of(&source), good[i].options, good[i].text);
		ok(source.kind == good[i].kind &&
			   source.attributes ==
				   (good[i].set | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV),
		   "of its kind, and never with set-user-ID programs and devices");
	}
}

static void test_bad(void)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{"", "not of the form"},
		{"a,ext4", "not of the form"},
		{",ext4,/dev/vdb", "not of the form"},
		{"../a,ext4,/dev/vdb", "not a volume's name"},
		{"a,nfs,:/x", "no network file systems"},
		{"a,xfs,/dev/vdb", "none of tmpfs, ext4"},
		{"a,none,/x", "none of tmpfs, ext4"},
		{"a,ext4,", "has not 1 to"},
		{"a,ext4,vdb", "is not a disk"},
		{"a,ext4,/dev/../x", "is not a disk"},
		{"a,ext4,/dev/mapper/x", "is not a disk"},
		{"a,ext4,/dev/.", "is not a disk"},
		{"a,ext4,LABEL=", "is not a disk"},
		{"a,ext4,PARTUUID=1", "is not a disk"},
		{"a,ext4,LABEL=a b", "a blank or a comma"},
		{"a,virtiofs,/x", "not the tag of a share"},
		{"a,ext4,/dev/vdb,suid", "nosuid and nodev"},
		{"a,ext4,/dev/vdb,dev", "nosuid and nodev"},
		{"a,ext4,/dev/vdb,size=1m", "\"size=1m\" is no option of ext4: discard"},
		{"a,ext4,/dev/vdb,commit", "no option of ext4"},
		{"a,ext4,/dev/vdb,commit=", "no option of ext4"},
		{"a,ext4,/dev/vdb,barrier nobarrier", "no option of ext4"},
		{"a,ext4,/dev/vdb,barrier=1", "no option of ext4"},
		{"a,9p,tag,trans=tcp", "no option of 9p"},
		{"a,tmpfs,tmpfs,size=1,size=2,size=3,size=4,size=5,size=6,size=7,size=8,size=9,"
		 "size=1,size=2,size=3,"
		 "size=4,size=5,size=6,size=7,size=8,size=9,size=1,size=2,size=3,size=4,size=5,"
		 "size=6,size=7",
		 "more than 24 options"},
	};
	for (size_t i = 0; i < countof(bad); i++) {
		struct volume_source source;
		struct error err = ERROR_INIT;
		ok(parse(bad[i].text, &source, &err) < 0 && strstr(err.text, bad[i].why),
		   "%.60s: %s", bad[i].text, err.text);
	}
}

static void test_setter(void)
{
	struct error err = ERROR_INIT;
	char text[64];
	machine_init(&machine);
	ok(add_volume_source(&machine, "data,ext4,LABEL=d", &err) == 0, "one is taken");
	ok(add_volume_source(&machine, "data,tmpfs,tmpfs", &err) < 0, "but once: %s", err.text);
	is(machine_volume_source(&machine, "data"), "data,ext4,LABEL=d", "it is found");
	ok(!machine_volume_source(&machine, "dat") && !machine_volume_source(&machine, "data2"),
	   "by its name alone");
	for (unsigned i = 0; i < 40; i++) {
		snprintf(text, sizeof text, "v%u,tmpfs,tmpfs", i);
		if (add_volume_source(&machine, text, &err) < 0)
			break;
	}
	ok(machine.volumes.count == 32, "there is a limit: %s", err.text);
}

int main(void)
{
	test_good();
	test_bad();
	test_setter();
	return tap_end();
}
