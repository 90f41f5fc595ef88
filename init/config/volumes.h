// SPDX-License-Identifier: Apache-2.0
/*
 * What is mounted into a container beside file systems in memory: volumes with a name, which
 * containers share and which outlive them on a disk, volumes without one, and files that the
 * initramfs has brought along below /berth. As text it is Compose's short form,
 * [SOURCE:]TARGET[:OPTIONS].
 */
#ifndef BERTH_INIT_CONFIG_VOLUMES_H
#define BERTH_INIT_CONFIG_VOLUMES_H

#include "init/config/machine.h"

/* The only folders of the machine that containers may be given a part of: what an initramfs brings
 * along beside a document, and what `berth boot` carries into the machine (each thing for itself:
 * init/workstation/carried.h). */
#define VOLUME_BIND_FOLDER "/berth"
#define CARRIED_FOLDER "/carried"

struct volume_request {
	const char *name;   /* NULL: it has none */
	const char *bound;  /* a path below `folder`, without a slash at its beginning; "" is the folder
			       itself; NULL: a volume */
	const char *folder; /* of `bound`: one of the two */
	const char *target; /* absolute, no "..", not of the kernel's file systems */
	const char *part;   /* a path in the volume, or NULL */
	bool read_only, nocopy;
	bool external; /* it must be there already */
};

/* "data:/var/lib:ro,nocopy,subpath=a/b", "/cache", "/berth/conf:/etc/app:ro". `out` has its texts in
 * `arena`. */
int parse_volume(const char *text, struct arena *arena, struct volume_request *out,
		 struct error *err);

/* Whether something may be mounted on this path in a container: absolute, no "..", and nothing that
 * the container is confined by. */
int mount_target_check(const char *target, struct error *err);

/* Whether two of the container's mounts have one target. */
int volumes_check(const struct container_config *config, struct error *err);

/* Setter of berth.volume. */
int add_volume(struct machine *machine, const char *value, struct error *err);

#endif
