// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/mount_options.h"

#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <string.h>
#include <sys/mount.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

enum kind {
	ATTRIBUTE,   /* set; `inverse`: clear */
	RECURSIVE,   /* the same for all mounts below */
	PROPAGATION, /* value; `inverse`: recursive */
	BIND,        /* `inverse`: recursive */
	FLAG,        /* a bool of struct spec_mount at offset `value` */
	FILE_SYSTEM, /* a flag of the superblock: the file system's, and no bind mount's */
	NOTHING,
};

struct row {
	const char *name;
	enum kind kind;
	bool inverse;
	uint64_t value;
};

#define BOTH(name, inverse_name, bits)                                                  \
	{name, ATTRIBUTE, false, bits}, {inverse_name, ATTRIBUTE, true, bits},          \
		{"r" name, RECURSIVE, false, bits}, {"r" inverse_name, RECURSIVE, true, bits}

static const struct row ROWS[] = {
	BOTH("ro", "rw", MOUNT_ATTR_RDONLY),
	BOTH("nosuid", "suid", MOUNT_ATTR_NOSUID),
	BOTH("nodev", "dev", MOUNT_ATTR_NODEV),
	BOTH("noexec", "exec", MOUNT_ATTR_NOEXEC),
	BOTH("nodiratime", "diratime", MOUNT_ATTR_NODIRATIME),
	BOTH("nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW),
	BOTH("noatime", "atime", MOUNT_ATTR_NOATIME),
	BOTH("strictatime", "nostrictatime", MOUNT_ATTR_STRICTATIME),
	/* The value of relatime is 0: setting it means clearing the others. */
	{"relatime", ATTRIBUTE, true, MOUNT_ATTR__ATIME},
	{"norelatime", ATTRIBUTE, true, MOUNT_ATTR__ATIME},
	{"rrelatime", RECURSIVE, true, MOUNT_ATTR__ATIME},
	{"rnorelatime", RECURSIVE, true, MOUNT_ATTR__ATIME},
	{"private", PROPAGATION, false, MS_PRIVATE},
	{"rprivate", PROPAGATION, true, MS_PRIVATE},
	{"shared", PROPAGATION, false, MS_SHARED},
	{"rshared", PROPAGATION, true, MS_SHARED},
	{"slave", PROPAGATION, false, MS_SLAVE},
	{"rslave", PROPAGATION, true, MS_SLAVE},
	{"unbindable", PROPAGATION, false, MS_UNBINDABLE},
	{"runbindable", PROPAGATION, true, MS_UNBINDABLE},
	{"bind", BIND, false, 0},
	{"rbind", BIND, true, 0},
	{"remount", FLAG, false, offsetof(struct spec_mount, remount)},
	{"tmpcopyup", FLAG, false, offsetof(struct spec_mount, copy_up)},
	{"idmap", FLAG, false, offsetof(struct spec_mount, idmap)},
	{"ridmap", FLAG, false, offsetof(struct spec_mount, idmap_recursive)},
	{"sync", FILE_SYSTEM, false, 0},
	{"async", FILE_SYSTEM, true, 0},
	{"dirsync", FILE_SYSTEM, false, 0},
	{"lazytime", FILE_SYSTEM, false, 0},
	{"nolazytime", FILE_SYSTEM, true, 0},
	{"mand", FILE_SYSTEM, false, 0},
	{"nomand", FILE_SYSTEM, true, 0},
	{"iversion", NOTHING, false, 0},
	{"noiversion", NOTHING, false, 0},
	{"silent", NOTHING, false, 0},
	{"loud", NOTHING, false, 0},
	{"acl", NOTHING, false, 0},
	{"noacl", NOTHING, false, 0},
	{"defaults", NOTHING, false, 0},
};

/* Of two options about the same bit the later one counts. */
static void change(uint64_t *set, uint64_t *clear, const struct row *row)
{
	if (row->value & MOUNT_ATTR__ATIME) {
		*set &= ~(uint64_t)MOUNT_ATTR__ATIME;
		*clear |= MOUNT_ATTR__ATIME;
	}
	if (row->inverse) {
		*set &= ~row->value;
		*clear |= row->value;
	} else {
		*set |= row->value;
		*clear &= row->value & MOUNT_ATTR__ATIME ? ~0ULL : ~row->value;
	}
}

static enum mount_option_kind apply(const struct row *row, struct spec_mount *mount)
{
	switch (row->kind) {
	case ATTRIBUTE:
		change(&mount->set, &mount->clear, row);
		break;
	case RECURSIVE:
		change(&mount->recursive_set, &mount->recursive_clear, row);
		break;
	case PROPAGATION:
		mount->propagation = row->value;
		mount->propagation_recursive = row->inverse;
		break;
	case BIND:
		mount->recursive = row->inverse;
		return MOUNT_OPTION_BIND;
	case FLAG:
		*(bool *)((char *)mount + row->value) = true;
		mount->idmap |= mount->idmap_recursive;
		break;
	case FILE_SYSTEM:
		return row->inverse ? MOUNT_OPTION_APPLIED : MOUNT_OPTION_DATA;
	case NOTHING:
		break;
	}
	return MOUNT_OPTION_APPLIED;
}

enum mount_option_kind mount_option_apply(const char *option, struct spec_mount *mount)
{
	for (size_t i = 0; i < countof(ROWS); i++)
		if (strcmp(ROWS[i].name, option) == 0)
			return apply(&ROWS[i], mount);
	return MOUNT_OPTION_DATA;
}

const char *mount_option_name(size_t i)
{
	return i < countof(ROWS) ? ROWS[i].name : NULL;
}
