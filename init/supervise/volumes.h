// SPDX-License-Identifier: Apache-2.0
/*
 * Volumes in the machine: folders of the store, and so on the data disk when there is one and else in
 * memory. A volume is volumes/NAME with its content in `data`; one without a name is the container's
 * own, volumes/CONTAINER@TARGET. Binds are in binds.h.
 */
#ifndef BERTH_INIT_SUPERVISE_VOLUMES_H
#define BERTH_INIT_SUPERVISE_VOLUMES_H

#include "init/supervise/instance.h"

/* All mounts of the container that the description asks for: `tmpfs`, `volumes`; those of the services
 * in `volumes_from`, where nothing else is mounted; and likewise a volume without a name for each path
 * of the image's own VOLUMEs (image-spec, config.Volumes), as in Docker. In memory, a path where the image
 * has something stays in the writable layer when there is one and nobody else wants that volume, which is
 * the same memory: nothing is copied. They are added to those of spec, in the order of their depth, so that
 * none hides another one. Missing volumes are made below `store`; those that are no
 * folders are mounted already (volume_mounts.h). */
int volumes_mount(const struct instance *instance, const char *store, struct arena *arena,
		  struct container_spec *spec, struct error *err);

/* The files that the container is given, behind those of spec; their bytes stay the machine's. */
int volumes_files(const struct machine *machine, const struct container_config *config,
		  struct arena *arena, struct container_spec *spec, struct error *err);

#endif
