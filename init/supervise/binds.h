// SPDX-License-Identifier: Apache-2.0
/*
 * Bind mounts in the machine. What lies beside the document is one tree of folders, whoever has brought
 * which of them along; when somebody may write to it, it is one overlay whose upper side lies in the
 * store, so that all containers see one and the same, and a data disk keeps it: binds/projects/NAME.
 * Other paths are folders below binds/absolute. No symbolic link in either of them is followed: they
 * may be containers'.
 */
#ifndef BERTH_INIT_SUPERVISE_BINDS_H
#define BERTH_INIT_SUPERVISE_BINDS_H

#include "init/config/volumes.h"
#include "runtime/spec.h"

/* Fills source, attributes … of the mount for what is bound; makes what is missing. */
int binds_mount(const struct machine *machine, const char *store, const struct volume_request *request,
		struct arena *arena, struct spec_mount *out, struct error *err);

/* Whether what the container binds is the same whenever it is mounted: what another one writes first may be
 * a file that is bound, or a folder that takes another's place. */
bool binds_are_settled(const struct machine *machine, const struct container_config *config,
		       const char *store, struct arena *arena);

/* The file for BIND_CLOCK, but its place. */
void binds_clock_file(const struct volume_request *request, struct spec_file *out);

/* Before the store is left; no container is there any more. */
void binds_release(void);

#endif
