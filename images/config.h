// SPDX-License-Identifier: Apache-2.0
/*
 * The image configuration (image-spec, config.md). Only what a container is started with is read;
 * labels, history and everything else stay unseen.
 */
#ifndef BERTH_IMAGES_CONFIG_H
#define BERTH_IMAGES_CONFIG_H

#include "images/digest.h"
#include "images/platform.h"
#include "images/pull/pull.h"
#include "lib/arena.h"
#include "lib/error.h"

struct config_file {
	struct platform platform;
	struct image_config config;
	size_t diff_id_count;
	struct digest *diff_ids; /* of the uncompressed layers, base first */
};

/* Parses the JSON; everything lives in `arena`, whose size bounds it. */
int config_parse(const char *body, size_t size, struct arena *arena, struct config_file *out,
		 struct error *err);

#endif
