// SPDX-License-Identifier: Apache-2.0
/*
 * Where a layer is applied. On the lower layers of its image stands an overlay mount whose upper
 * directory is the layer's own: the applier sees what lies below, so that parents which are symbolic
 * links there lead where they should, and what it changes or removes comes to stand in the upper
 * directory in the kernel's own form. The mount is detached: it has no path, and goes with its last
 * descriptor.
 */
#ifndef BERTH_IMAGES_STORE_STAGE_H
#define BERTH_IMAGES_STORE_STAGE_H

#include "lib/arena.h"
#include "lib/error.h"

/* `upper` is the new layer's empty directory, `work` a path beside it that is made and may be
 * removed after the stage is closed, `lower` the layers below (lowest first, at least one). The
 * upper directory takes owner, mode, times and attributes from the topmost of them. Returns an
 * owned O_PATH descriptor of the mount, to be kept while anything below it is in use: without it the
 * mount is dissolved, every path walked in it then counts as a change of the mounts, and Linux
 * (seen with 6.12) answers each ".." below RESOLVE_IN_ROOT with EAGAIN, forever. */
int stage_open(const char *upper, const char *work, const struct string_list *lower,
	       struct error *err);

#endif
