// SPDX-License-Identifier: Apache-2.0
/* Making a container from a bundle, up to its program. */
#ifndef BERTH_RUNTIME_OCI_CREATE_H
#define BERTH_RUNTIME_OCI_CREATE_H

#include "runtime/container.h"
#include "runtime/oci/commands.h"
#include "runtime/oci/sources.h"

#include <limits.h>

struct create {
	int console; /* from the caller: socket that gets the terminal, or -1 */
	bool own_terminal; /* the socket serves whether there is a terminal or not */

	struct oci_config config;
	struct state state;
	struct sources sources;
	struct container container;
	char bundle[PATH_MAX];
	char *text; /* config.json */
	size_t text_size;
	bool has_state;
	int cgroup_fd, agent, listener;
	int exit_status; /* of a failure: 125, 126, 127 */
};

/* On failure nothing is left but what create_close() frees. */
int create_container(struct create *create, const struct runtime_options *options,
		     struct error *err);
void create_close(struct create *create);

#endif
