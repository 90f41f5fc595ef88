// SPDX-License-Identifier: Apache-2.0
/*
 * What is mounted into a container beside file systems in memory: volumes with a name, which
 * containers share and which outlive them on a disk, volumes without one, and files that the
 * initramfs has brought along below /berth. As text it is Compose's short form,
 * [SOURCE:]TARGET[:OPTIONS].
 */
#ifndef BERTH_INIT_CONFIG_VOLUMES_H
#define BERTH_INIT_CONFIG_VOLUMES_H

#include "init/config/binds.h"
#include "init/config/machine.h"

/* What an initramfs brings along beside a document. That is what all relative paths are in a machine; a
 * container is given what is below CARRIED_BINDS first, which `berth boot` carries into the machine
 * (init/workstation/carried.h). */
#define VOLUME_BIND_FOLDER "/berth"
#define CARRIED_FOLDER "/carried"
#define CARRIED_BINDS CARRIED_FOLDER "/binds"

struct volume_request {
	const char *name;    /* NULL: it has none */
	enum bind_kind bind; /* BIND_NONE: it is a volume */
	const char *bound;   /* of a bind, the path without a slash at its beginning: for BIND_BESIDE below
				VOLUME_BIND_FOLDER ("" is that itself), else below / */
	const char *target; /* absolute, no "..", not of the kernel's file systems */
	const char *part;   /* a path in the volume, or NULL */
	bool read_only, nocopy;
	bool external; /* it must be there already; so must what is bound */
	unsigned mode; /* of one that is made, and then `part` is made too; 0: it is not said */
	unsigned group;
};

/* "data:/var/lib:ro,nocopy,subpath=a/b", "/cache", "/berth/conf:/etc/app:ro", "/srv/data:/data". `out`
 * has its texts in `arena`. */
int parse_volume(const char *text, struct arena *arena, struct volume_request *out,
		 struct error *err);

/* Whether a volume may be called so. */
int volume_name_check(const char *name, struct error *err);

/* Whether something may be mounted on this path in a container: absolute, no "..", and nothing that
 * the container is confined by. */
int mount_target_check(const char *target, struct error *err);

/* The setter of volumes_from, "SERVICE[:ro]"; *read_only may be NULL. */
int parse_donor(const char *text, char name[64], bool *read_only, struct error *err);
int add_donor(struct machine *machine, const char *value, struct error *err);

/* Whether two of the container's mounts have one target. */
int volumes_check(const struct container_config *config, struct error *err);

/* Setter of berth.volume. */
int add_volume(struct machine *machine, const char *value, struct error *err);

#endif
