// SPDX-License-Identifier: Apache-2.0
#include "images/store/fill.h"

#include "images/pull/unpack.h"
#include "images/store/chain.h"
#include "images/store/garbage.h"
#include "images/store/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* Bytes of the layers from `first` on. */
static uint64_t unpacked_total(const struct image *image, size_t first, bool *estimated)
{
	uint64_t total = 0;
	*estimated = false;
	for (size_t i = first; i < image->layer_count; i++) {
		*estimated |= image->layers[i].estimated;
		if (__builtin_add_overflow(total, image->layers[i].unpacked, &total))
			total = UINT64_MAX / 2;
	}
	return total;
}

/* Room for what is to come: what is in the store makes way when it has to. */
static int make_room(struct fill *fill, size_t first, struct layer_budget *budget,
		     struct error *err)
{
	const struct pull_request *request = fill->request;
	bool estimated;
	uint64_t needed = unpacked_total(fill->image, first, &estimated);
	struct error full = ERROR_INIT;
	if (store_check_space(fill->store, needed, estimated, budget, &full) == 0)
		return 0;
	const struct garbage_keep keep = {request->keep, request->keep_count, fill->chains,
					  fill->image->layer_count};
	if (garbage_collect(fill->store, &keep, needed + needed / 64, err) < 0)
		return -1;
	return store_check_space(fill->store, needed, estimated, budget, err);
}

/* All layers into one tree. */

static int begin_in_tree(void *context, size_t layer, struct error *err)
{
	const struct fill *fill = context;
	(void)layer;
	int fd = open(fill->partial, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_errno(err, errno, "open %s", fill->partial) : fd;
}

static int commit_in_tree(void *context, size_t layer, struct error *err)
{
	struct fill *fill = context;
	if (layer + 1 < fill->image->layer_count)
		return 0;
	return store_commit(fill->store, STORE_TREE, &fill->image->config_digest, err);
}

/* Each layer into a directory of its own. */

static int begin_layer(void *context, size_t layer, struct error *err)
{
	struct fill *fill = context;
	char work[PATH_MAX + 8];
	if (store_begin(fill->store, STORE_LAYER, &fill->chains[layer], fill->partial,
			sizeof fill->partial, err) < 0)
		return -1;
	if (layer == 0)
		return begin_in_tree(fill, layer, err);
	snprintf(work, sizeof work, "%s/layers/" STORE_PARTIAL "work", fill->store->path);
	return stage_open(fill->partial, work, &fill->layers, err);
}

/* The kernel leaves a directory behind in the work directory of an overlay mount. */
static int commit_layer(void *context, size_t layer, struct error *err)
{
	struct fill *fill = context;
	char path[PATH_MAX];
	if (tree_remove(fill->store->layers_fd, STORE_PARTIAL "work", err) < 0 ||
	    store_commit(fill->store, STORE_LAYER, &fill->chains[layer], err) < 0)
		return -1;
	store_has(fill->store, STORE_LAYER, &fill->chains[layer], path, sizeof path);
	return string_list_add(&fill->layers, fill->arena, path, err);
}

static int unpack(struct fill *fill, size_t first, struct unpack_target target, struct error *err)
{
	struct unpack_request request = {
		.resolve = fill->resolve,
		.image = fill->image,
		.first = first,
		.target = target,
		.plan = fill->plan,
		.deadline = fill->deadline,
		.report_fd = fill->report_fd,
	};
	if (make_room(fill, first, &request.budget, err) < 0)
		return -1;
	return unpack_image(&request, &fill->bytes, &fill->unpacked_bytes, err);
}

int fill_tree(struct fill *fill, struct error *err)
{
	const struct digest *config = &fill->image->config_digest;
	char path[PATH_MAX];
	fill->layers = (struct string_list){0};
	if (!store_has(fill->store, STORE_TREE, config, path, sizeof path)) {
		if (store_begin(fill->store, STORE_TREE, config, fill->partial,
				sizeof fill->partial, err) < 0)
			return -1;
		const struct unpack_target target = {fill, begin_in_tree, commit_in_tree};
		if (unpack(fill, 0, target, err) < 0) {
			store_remove(fill->store, STORE_TREE, config, NULL);
			return -1;
		}
	}
	return string_list_add(&fill->layers, fill->arena, path, err);
}

int fill_find_layers(struct fill *fill, size_t *count, struct error *err)
{
	const struct image *image = fill->image;
	char path[PATH_MAX];
	for (size_t i = 0; i < image->layer_count; i++)
		chain_id(i ? &fill->chains[i - 1] : NULL, &image->layers[i].diff_id,
			 &fill->chains[i]);
	for (*count = 0; *count < image->layer_count; ++*count) {
		if (!store_has(fill->store, STORE_LAYER, &fill->chains[*count], path, sizeof path))
			return 0;
		if (string_list_add(&fill->layers, fill->arena, path, err) < 0)
			return -1;
	}
	return 0;
}

int fill_layers(struct fill *fill, struct error *err)
{
	const struct unpack_target target = {fill, begin_layer, commit_layer};
	size_t first;
	fill->layers = (struct string_list){0};
	if (fill_find_layers(fill, &first, err) < 0)
		return -1;
	if (first == fill->image->layer_count || unpack(fill, first, target, err) == 0)
		return 0;
	tree_remove(fill->store->layers_fd, STORE_PARTIAL "work", NULL);
	for (size_t i = first; i < fill->image->layer_count; i++) {
		struct store_name partial = store_name(&fill->chains[i], true);
		tree_remove(fill->store->layers_fd, partial.text, NULL);
	}
	return -1;
}
