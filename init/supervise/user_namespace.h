// SPDX-License-Identifier: Apache-2.0
/*
 * The users of a container, when they are others than the machine's (x-berth.userns): each container
 * has IDs of its own, 2^24 of them, beginning at 2^24 times its number; those that share a namespace
 * share them. The user namespace is made once, with the first start, and kept.
 */
#ifndef BERTH_INIT_SUPERVISE_USER_NAMESPACE_H
#define BERTH_INIT_SUPERVISE_USER_NAMESPACE_H

#include "init/supervise/instance.h"

/* Before the container's network is made, which belongs to it. Does nothing for one that has the
 * machine's users. */
int user_namespace_find(struct instance *instance, struct error *err);
/* What the container sees is to be mapped. Lists live in `arena`. */
int user_namespace_specify(const struct instance *instance, struct arena *arena,
			   struct container_spec *spec, struct error *err);

#endif
