// SPDX-License-Identifier: Apache-2.0
/*
 * Containers whose users are others for the machine, made without a change of what is on the disk: the
 * root is built outside, over idmapped mounts, and the user namespace entered when all stands. So the
 * files of image and volumes have the container's own numbers, wherever they are stored, and a
 * process that gets out of the container is nobody.
 *
 * While the root is built the process makes files as the container's root would, with all its
 * capabilities: what goes through an idmapped mount can have no other owner.
 */
#ifndef BERTH_RUNTIME_REMAP_H
#define BERTH_RUNTIME_REMAP_H

#include "runtime/spec.h"

/* Every call does nothing for a container that is not remapped. In the child, in this order. */

/* The layers and the state directory are covered by idmapped copies of themselves, in the own mount
 * namespace; files are the container's from then on. */
int remap_layers(const struct container_spec *spec, struct error *err);
/* For a moment files are the machine's: a new file system belongs to who makes it. */
void remap_pause(const struct container_spec *spec);
void remap_resume(const struct container_spec *spec);
/* The detached mount becomes an idmapped one. `name` is for messages. */
int remap_mount(const struct container_spec *spec, int mount_fd, const char *name,
		struct error *err);
/* What the machine calls the container's ID. */
uint32_t remap_id(const struct container_spec *spec, uint32_t id);
/* Enters the user namespace, as its root. */
int remap_enter(const struct container_spec *spec, struct error *err);

#endif
