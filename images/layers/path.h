// SPDX-License-Identifier: Apache-2.0
/*
 * Names in a layer. A name is cleaned by its text alone, as if it stood below "/": empty parts and
 * "." vanish, ".." takes away the part before it and stops at the root.
 */
#ifndef BERTH_IMAGES_LAYERS_PATH_H
#define BERTH_IMAGES_LAYERS_PATH_H

#include "lib/error.h"

#include <limits.h>

struct image_path {
	char parent[PATH_MAX];   /* below the root, without a slash at either end; "" is the root */
	char leaf[NAME_MAX + 1]; /* the last part; "" when the name is the root itself */
};

/* Fails when a part is longer than 255 bytes or the whole does not fit PATH_MAX. */
int image_path_parse(const char *name, struct image_path *out, struct error *err);

#endif
