// SPDX-License-Identifier: Apache-2.0
/* The frames of pull.h and image.h, both directions. */
#include "images/image.h"

#include <string.h>

static int malformed(struct error *err)
{
	return error_set(err, "malformed message from the puller");
}

void pull_encode_progress(struct frame *frame, void *storage, const struct pull_progress *progress)
{
	frame_begin(frame, PULL_PROGRESS, storage, FRAME_MAX);
	frame_put_u64(frame, progress->bytes);
	frame_put_u64(frame, progress->bytes_total);
	frame_put_u64(frame, progress->layers);
	frame_put_u64(frame, progress->layers_total);
}

int pull_decode_progress(struct frame *frame, struct pull_progress *out, struct error *err)
{
	out->bytes = frame_get_u64(frame);
	out->bytes_total = frame_get_u64(frame);
	out->layers = frame_get_u64(frame);
	out->layers_total = frame_get_u64(frame);
	return frame_done(frame) ? 0 : malformed(err);
}

void pull_encode_date(struct frame *frame, void *storage, uint8_t type,
		      const struct pull_date *date)
{
	frame_begin(frame, type, storage, PULL_DATE_MAX);
	frame_put_u64(frame, date->seconds);
	frame_put_string(frame, date->host);
}

int pull_decode_date(struct frame *frame, struct pull_date *out, struct error *err)
{
	out->seconds = frame_get_u64(frame);
	frame_get_text(frame, out->host, sizeof out->host);
	return frame_done(frame) && out->seconds <= INT64_MAX / 1000000000 ? 0 : malformed(err);
}

void pull_encode_failure(struct frame *frame, void *storage, uint8_t type,
			 const struct error *failure)
{
	frame_begin(frame, type, storage, FRAME_MAX);
	frame_put_u64(frame, failure->kind == ERROR_TEMPORARY);
	frame_put_string(frame, failure->text);
}

int pull_decode_failure(struct frame *frame, struct error *out, struct error *err)
{
	char text[ERROR_TEXT_MAX];
	uint64_t temporary = frame_get_u64(frame);
	frame_get_text(frame, text, sizeof text);
	if (!frame_done(frame))
		return malformed(err);
	/* Once more through error_set: the text has passed through a less trusted process. */
	error_set(out, "%s", text);
	out->kind = temporary ? ERROR_TEMPORARY : ERROR_PERMANENT;
	return 0;
}

static void put_health(struct frame *frame, const struct health_config *health)
{
	frame_put_list(frame, &health->test);
	frame_put_u64(frame, health->interval_ms);
	frame_put_u64(frame, health->timeout_ms);
	frame_put_u64(frame, health->start_period_ms);
	frame_put_u64(frame, health->start_interval_ms);
	frame_put_u64(frame, health->retries);
}

static uint64_t get_limited(struct frame *frame, uint64_t most)
{
	uint64_t value = frame_get_u64(frame);
	frame->bad |= value > most;
	return frame->bad ? 0 : value;
}

static void get_health(struct frame *frame, struct arena *arena, struct health_config *health)
{
	frame_get_list(frame, arena, &health->test);
	health->interval_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->timeout_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->start_period_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->start_interval_ms = get_limited(frame, HEALTH_LONGEST_MS);
	health->retries = get_limited(frame, HEALTH_RETRIES_MAX);
}

void image_config_put(struct frame *frame, const struct image_config *config)
{
	frame_put_string(frame, config->user);
	frame_put_string(frame, config->working_dir);
	frame_put_string(frame, config->stop_signal);
	frame_put_list(frame, &config->entrypoint);
	frame_put_list(frame, &config->cmd);
	frame_put_list(frame, &config->env);
	frame_put_list(frame, &config->exposed_ports);
	frame_put_list(frame, &config->volumes);
	frame_put_list(frame, &config->shell);
	put_health(frame, &config->health);
}

void image_config_get(struct frame *frame, struct arena *arena, struct image_config *config)
{
	*config = (struct image_config){0};
	config->user = frame_get_string(frame, arena);
	config->working_dir = frame_get_string(frame, arena);
	config->stop_signal = frame_get_string(frame, arena);
	frame_get_list(frame, arena, &config->entrypoint);
	frame_get_list(frame, arena, &config->cmd);
	frame_get_list(frame, arena, &config->env);
	frame_get_list(frame, arena, &config->exposed_ports);
	frame_get_list(frame, arena, &config->volumes);
	frame_get_list(frame, arena, &config->shell);
	get_health(frame, arena, &config->health);
}

void pull_encode_result(struct frame *frame, void *storage, const struct pull_result *result)
{
	frame_begin(frame, PULL_RESULT, storage, FRAME_MAX);
	frame_put_string(frame, result->reference);
	frame_put_string(frame, result->digest);
	frame_put_string(frame, result->platform);
	frame_put_string(frame, result->source);
	frame_put_string(frame, result->passed);
	frame_put_list(frame, &result->layers);
	frame_put_u64(frame, result->bytes);
	frame_put_u64(frame, result->unpacked_bytes);
	image_config_put(frame, &result->config);
}

int pull_decode_result(struct frame *frame, struct arena *arena, struct pull_result *out,
		       struct error *err)
{
	*out = (struct pull_result){0};
	out->reference = frame_get_string(frame, arena);
	out->digest = frame_get_string(frame, arena);
	out->platform = frame_get_string(frame, arena);
	out->source = frame_get_string(frame, arena);
	out->passed = frame_get_string(frame, arena);
	frame_get_list(frame, arena, &out->layers);
	out->bytes = frame_get_u64(frame);
	out->unpacked_bytes = frame_get_u64(frame);
	image_config_get(frame, arena, &out->config);
	return frame_done(frame) ? 0 : malformed(err);
}

static void put_layer(struct frame *frame, const struct image_layer *layer)
{
	frame_put_string(frame, layer->blob.digest.text);
	frame_put_u64(frame, layer->blob.size);
	frame_put_string(frame, layer->diff_id.text);
	frame_put_u64(frame, layer->compression);
	frame_put_u64(frame, layer->unpacked);
	frame_put_u64(frame, layer->estimated);
	frame_put_u64(frame, layer->offset);
}

/* A digest becomes part of file names and requests: checked again on this side. */
static void get_digest(struct frame *frame, struct digest *out)
{
	char text[DIGEST_TEXT];
	frame_get_text(frame, text, sizeof text);
	if (digest_parse(text, out, NULL) < 0)
		frame->bad = true;
}

static void get_layer(struct frame *frame, struct image_layer *layer)
{
	get_digest(frame, &layer->blob.digest);
	layer->blob.size = frame_get_u64(frame);
	get_digest(frame, &layer->diff_id);
	uint64_t compression = frame_get_u64(frame);
	layer->unpacked = frame_get_u64(frame);
	layer->estimated = frame_get_u64(frame) != 0;
	layer->offset = frame_get_u64(frame);
	if (compression > COMPRESSION_ZSTD || layer->blob.size > (uint64_t)INT64_MAX ||
	    layer->offset > (uint64_t)INT64_MAX - layer->blob.size)
		frame->bad = true;
	else
		layer->compression = (enum compression)compression;
}

void image_put(struct frame *frame, const struct image *image)
{
	frame_put_string(frame, image->manifest.text);
	frame_put_string(frame, image->config_digest.text);
	frame_put_string(frame, image->platform);
	frame_put_string(frame, image->layout);
	frame_put_u64(frame, image->place);
	frame_put_string(frame, image->passed);
	frame_put_string(frame, image->origin);
	frame_put_u64(frame, image->endpoint);
	frame_put_u64(frame, image->access.plain);
	frame_put_u64(frame, image->access.expires_at);
	frame_put_string(frame, image->access.authorization);
	image_config_put(frame, &image->config);
	frame_put_u64(frame, image->layer_count);
	for (size_t i = 0; i < image->layer_count; i++)
		put_layer(frame, &image->layers[i]);
}

int image_get(struct frame *frame, struct arena *arena, struct image *out, struct error *err)
{
	get_digest(frame, &out->manifest);
	get_digest(frame, &out->config_digest);
	frame_get_text(frame, out->platform, sizeof out->platform);
	frame_get_text(frame, out->layout, sizeof out->layout);
	out->place = (size_t)frame_get_u64(frame);
	frame_get_text(frame, out->passed, sizeof out->passed);
	frame_get_text(frame, out->origin, sizeof out->origin);
	out->endpoint = frame_get_u64(frame);
	out->access.plain = frame_get_u64(frame) != 0;
	out->access.expires_at = frame_get_u64(frame);
	out->access.decided = true;
	frame_get_text(frame, out->access.authorization, sizeof out->access.authorization);
	image_config_get(frame, arena, &out->config);
	uint64_t count = frame_get_u64(frame);
	if (count > IMAGE_LAYERS_MAX)
		return malformed(err);
	out->layer_count = (size_t)count;
	out->layers = arena_alloc(arena, (out->layer_count + 1) * sizeof *out->layers);
	for (size_t i = 0; out->layers && i < out->layer_count; i++)
		get_layer(frame, &out->layers[i]);
	return out->layers && frame_done(frame) ? 0 : malformed(err);
}
