// SPDX-License-Identifier: Apache-2.0
/*
 * What volumes with a name are instead of folders of the store: file systems in memory, of disks,
 * and what the host shares (driver_opts of Docker's driver `local`). As text it is
 * "NAME,TYPE,DEVICE[,OPTION]…".
 */
#ifndef BERTH_INIT_CONFIG_VOLUME_SOURCES_H
#define BERTH_INIT_CONFIG_VOLUME_SOURCES_H

#include "init/config/machine.h"
#include "lib/mount.h"

#define VOLUME_PLACES "/run/berth/volumes" /* each is mounted on VOLUME_PLACES/NAME */

enum { VOLUME_OPTIONS_MAX = 24 };

enum volume_kind { VOLUME_OF_MEMORY, VOLUME_OF_DISK, VOLUME_OF_SHARE };

struct volume_source {
	enum volume_kind kind;
	const char *name, *type;
	const char *device; /* of a disk "/dev/vdb", "LABEL=…", "UUID=…"; of a share its tag */
	struct mount_option options[VOLUME_OPTIONS_MAX + 3];
	uint64_t attributes; /* MOUNT_ATTR_* */
};

/* The three things that it is made of, each for itself. */
int volume_type_parse(const char *type, enum volume_kind *out, struct error *err);
int volume_device_check(enum volume_kind kind, const char *device, struct error *err);
int volume_options_check(const char *type, const char *options, struct error *err);

/* `out` has its texts in `arena`. */
int parse_volume_source(const char *text, struct arena *arena, struct volume_source *out,
			struct error *err);

/* The text of the volume with this name, or NULL: it is a folder of the store. */
const char *machine_volume_source(const struct machine *machine, const char *name);

/* Setter of machine.volume. */
int add_volume_source(struct machine *machine, const char *value, struct error *err);

#endif
