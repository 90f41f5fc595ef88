// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/inspection.h"

#include <stdlib.h>
#include <yyjson.h>

static double megabytes(uint64_t bytes)
{
	return (double)bytes / 1e6;
}

void inspection_plan(const struct pull_plan *plan, FILE *out)
{
	const struct image *image = &plan->image;
	size_t first = plan->stored ? image->layer_count : plan->layers_here;
	uint64_t bytes = 0, unpacked = 0;
	bool estimated = false;
	fprintf(out, "%s %s (%s), from %s\n", plan->reference, image->manifest.text,
		image->platform, plan->source);
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct image_layer *layer = &image->layers[i];
		fprintf(out, "layer %zu of %zu  %s  %9.1f MB  %s%9.1f MB unpacked  %s\n", i + 1,
			image->layer_count, layer->blob.digest.text, megabytes(layer->blob.size),
			layer->estimated ? "~" : " ", megabytes(layer->unpacked),
			i < first ? "here" : "to fetch");
		if (i < first)
			continue;
		bytes += layer->blob.size;
		unpacked += layer->unpacked;
		estimated |= layer->estimated;
	}
	fprintf(out, "to fetch: %zu of %zu layers, %.1f MB, %s%.1f MB unpacked\n",
		image->layer_count - first, image->layer_count, megabytes(bytes),
		estimated ? "about " : "", megabytes(unpacked));
}

static void add_texts(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		      const struct string_list *list)
{
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, object, key);
	for (size_t i = 0; i < list->count; i++)
		yyjson_mut_arr_add_str(doc, array, list->items[i]);
}

static void add_health(yyjson_mut_doc *doc, yyjson_mut_val *config,
		       const struct health_config *health)
{
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, config, "healthcheck");
	add_texts(doc, object, "test", &health->test);
	yyjson_mut_obj_add_uint(doc, object, "interval_ms", health->interval_ms);
	yyjson_mut_obj_add_uint(doc, object, "timeout_ms", health->timeout_ms);
	yyjson_mut_obj_add_uint(doc, object, "start_period_ms", health->start_period_ms);
	yyjson_mut_obj_add_uint(doc, object, "start_interval_ms", health->start_interval_ms);
	yyjson_mut_obj_add_uint(doc, object, "retries", health->retries);
}

static void add_config(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct image_config *config)
{
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, root, "config");
	yyjson_mut_obj_add_str(doc, object, "user", config->user);
	yyjson_mut_obj_add_str(doc, object, "working_dir", config->working_dir);
	yyjson_mut_obj_add_str(doc, object, "stop_signal", config->stop_signal);
	add_texts(doc, object, "entrypoint", &config->entrypoint);
	add_texts(doc, object, "cmd", &config->cmd);
	add_texts(doc, object, "env", &config->env);
	add_texts(doc, object, "exposed_ports", &config->exposed_ports);
	add_texts(doc, object, "volumes", &config->volumes);
	if (config->health.test.count)
		add_health(doc, object, &config->health);
}

static void add_layers(yyjson_mut_doc *doc, yyjson_mut_val *root, const struct image *image)
{
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, root, "layers");
	for (size_t i = 0; i < image->layer_count; i++) {
		const struct image_layer *layer = &image->layers[i];
		yyjson_mut_val *object = yyjson_mut_arr_add_obj(doc, array);
		yyjson_mut_obj_add_str(doc, object, "digest", layer->blob.digest.text);
		yyjson_mut_obj_add_str(doc, object, "diff_id", layer->diff_id.text);
		yyjson_mut_obj_add_uint(doc, object, "size", layer->blob.size);
		yyjson_mut_obj_add_uint(doc, object, "unpacked", layer->unpacked);
		yyjson_mut_obj_add_bool(doc, object, "estimated", layer->estimated);
	}
}

int inspection_json(const struct pull_plan *plan, FILE *out, struct error *err)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = doc ? yyjson_mut_obj(doc) : NULL;
	if (!root)
		return error_set(err, "no memory to describe the image");
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "reference", plan->reference);
	yyjson_mut_obj_add_str(doc, root, "digest", plan->image.manifest.text);
	yyjson_mut_obj_add_str(doc, root, "platform", plan->image.platform);
	yyjson_mut_obj_add_str(doc, root, "source", plan->source);
	yyjson_mut_obj_add_str(doc, root, "config_digest", plan->image.config_digest.text);
	add_config(doc, root, &plan->image.config);
	add_layers(doc, root, &plan->image);
	size_t size;
	char *text = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY | YYJSON_WRITE_ALLOW_INVALID_UNICODE,
				      &size);
	yyjson_mut_doc_free(doc);
	if (!text)
		return error_set(err, "no memory to describe the image");
	fprintf(out, "%s\n", text);
	free(text);
	return 0;
}
