// SPDX-License-Identifier: Apache-2.0
/* `docker run --mount`: NAME=VALUE pairs with commas between them, as CSV has it. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_DOCKER_MOUNT_H
#define BERTH_INIT_CONFIG_DOCUMENT_DOCKER_MOUNT_H

#include "init/config/document/normalise.h"

/* An item of the service's `volumes` in its long form; a volume with a name is put under the root's
 * volumes too. NULL, reported, when it says what is not to be had. */
struct node *docker_mount_read(struct normaliser *normaliser, struct position place,
			       const char *text, struct node *root);

#endif
