// SPDX-License-Identifier: Apache-2.0
/* What a container's start takes from the host, as descriptors: opened once, by the runtime itself,
 * before anything of the container exists. */
#ifndef BERTH_RUNTIME_OCI_SOURCES_H
#define BERTH_RUNTIME_OCI_SOURCES_H

#include "runtime/oci/config.h"

struct sources {
	int root_fd;  /* copy of the root directory's mounts */
	int *mounts;  /* per mount of the specification; -1: a new file system */
	int *nodes;   /* per device node, when nodes cannot be made; NULL otherwise */
	size_t mount_count, node_count;
};

/* `cgroup_fd`: the container's own, for containers without a cgroup namespace. The descriptors of
 * namespaces to join go into config->spec.join. Release with sources_close(). */
int sources_open(struct oci_config *config, int cgroup_fd, struct sources *sources,
		 struct error *err);
void sources_close(struct oci_config *config, struct sources *sources);

#endif
