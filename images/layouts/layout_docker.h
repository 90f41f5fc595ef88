// SPDX-License-Identifier: Apache-2.0
/*
 * The archives of `docker save`: manifest.json names images, their configurations and their layers.
 * An image in one becomes an image of a layout: its parts get the names that a layout gives them,
 * and it gets a manifest. Part of layout.h.
 */
#ifndef BERTH_IMAGES_LAYOUTS_LAYOUT_DOCKER_H
#define BERTH_IMAGES_LAYOUTS_LAYOUT_DOCKER_H

#include "images/layouts/layout.h"

/* Searches manifest.json of an archive that is open and indexed. 1: found, *out is its entry;
 * 0: not there, or no such archive; -1: broken. */
int layout_docker_find(struct layout *layout, const struct layout_query *query,
		       struct index_entry *out, struct error *err);

#endif
