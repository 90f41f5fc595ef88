// SPDX-License-Identifier: Apache-2.0
/* The confinement of the puller's workers. */
#ifndef BERTH_IMAGES_PULL_POLICY_H
#define BERTH_IMAGES_PULL_POLICY_H

#include "images/pull/pull.h"

/* The resolver and the layer workers: network, but of the files only the CA bundle, the resolver's
 * configuration and the image layouts. */
int policy_fetch(const struct pull_request *request, const char *name, struct error *err);
/* The applier: no network, and nothing but the tree it fills. */
int policy_apply(const struct pull_request *request, const char *tree, struct error *err);

#endif
