// SPDX-License-Identifier: Apache-2.0
#include "images/config.h"

#include "images/manifest.h"
#include "lib/json.h"

#include <stdio.h>
#include <string.h>

enum { JSON_MEMORY_MAX = 64 * 1024 * 1024 };

static int copy_text(yyjson_val *object, const char *key, struct arena *arena, char **out,
		     struct error *err)
{
	*out = arena_strdup(arena, json_text_or_empty(object, key));
	return *out ? 0 : error_set(err, "no room for \"%s\": the configuration is larger than %zu "
				    "bytes", key, arena->size);
}

/* Nanoseconds, of which a part of a millisecond counts as one. What is no such number says nothing,
 * as with Docker. */
static uint64_t milliseconds(yyjson_val *object, const char *key)
{
	uint64_t ns, ms;
	if (!json_u64(object, key, &ns))
		return 0;
	ms = ns / 1000000 + (ns % 1000000 != 0);
	return ms < HEALTH_LONGEST_MS ? ms : HEALTH_LONGEST_MS;
}

static int parse_health(yyjson_val *settings, struct arena *arena, struct image_config *out,
			struct error *err)
{
	yyjson_val *object = json_object(settings, "Healthcheck");
	struct health_config *health = &out->health;
	uint64_t retries;
	if (json_list(object, "Test", arena, &health->test, err) < 0 ||
	    json_list(settings, "Shell", arena, &out->shell, err) < 0)
		return -1;
	health->interval_ms = milliseconds(object, "Interval");
	health->timeout_ms = milliseconds(object, "Timeout");
	health->start_period_ms = milliseconds(object, "StartPeriod");
	health->start_interval_ms = milliseconds(object, "StartInterval");
	if (json_u64(object, "Retries", &retries))
		health->retries = retries < HEALTH_RETRIES_MAX ? retries : HEALTH_RETRIES_MAX;
	return 0;
}

static int parse_settings(yyjson_val *settings, struct arena *arena, struct image_config *out,
			  struct error *err)
{
	if (copy_text(settings, "User", arena, &out->user, err) < 0 ||
	    copy_text(settings, "WorkingDir", arena, &out->working_dir, err) < 0 ||
	    copy_text(settings, "StopSignal", arena, &out->stop_signal, err) < 0 ||
	    json_list(settings, "Entrypoint", arena, &out->entrypoint, err) < 0 ||
	    json_list(settings, "Cmd", arena, &out->cmd, err) < 0 ||
	    json_list(settings, "Env", arena, &out->env, err) < 0 ||
	    json_keys(settings, "ExposedPorts", arena, &out->exposed_ports, err) < 0 ||
	    json_keys(settings, "Volumes", arena, &out->volumes, err) < 0 ||
	    parse_health(settings, arena, out, err) < 0)
		return -1;
	for (size_t i = 0; i < out->env.count; i++)
		if (!strchr(out->env.items[i], '=') || out->env.items[i][0] == '=')
			return error_set(err, "\"Env\" holds \"%.60s\", which is not NAME=VALUE",
					 out->env.items[i]);
	return 0;
}

static int parse_diff_ids(yyjson_val *root, struct arena *arena, struct config_file *out,
			  struct error *err)
{
	yyjson_val *rootfs = json_object(root, "rootfs");
	yyjson_val *list = json_array(rootfs, "diff_ids");
	if (!rootfs || strcmp(json_text_or_empty(rootfs, "type"), "layers") != 0)
		return error_set(err, "its rootfs is not of the type \"layers\"");
	size_t count = yyjson_arr_size(list);
	if (count > IMAGE_LAYERS_MAX)
		return error_set(err, "%zu diff IDs, at most %d layers are supported", count,
				 IMAGE_LAYERS_MAX);
	out->diff_ids = arena_alloc(arena, (count + 1) * sizeof *out->diff_ids);
	if (!out->diff_ids)
		return error_set(err, "no room for %zu diff IDs", count);
	size_t i, max;
	yyjson_val *item;
	yyjson_arr_foreach(list, i, max, item) {
		const char *text = json_value_text(item);
		if (digest_parse(text ? text : "", &out->diff_ids[i], err) < 0)
			return error_context(err, "diff ID %zu", i + 1);
	}
	out->diff_id_count = count;
	return 0;
}

static int parse_root(yyjson_val *root, struct arena *arena, struct config_file *out,
		      struct error *err)
{
	struct platform *platform = &out->platform;
	snprintf(platform->os, sizeof platform->os, "%s", json_text_or_empty(root, "os"));
	snprintf(platform->architecture, sizeof platform->architecture, "%s",
		 json_text_or_empty(root, "architecture"));
	snprintf(platform->variant, sizeof platform->variant, "%s",
		 json_text_or_empty(root, "variant"));
	if (!*platform->os || !*platform->architecture)
		return error_set(err, "it states no operating system or no architecture");
	/* "config" may be null or missing: an image that asks for nothing. */
	if (parse_settings(json_object(root, "config"), arena, &out->config, err) < 0)
		return -1;
	return parse_diff_ids(root, arena, out, err);
}

int config_parse(const char *body, size_t size, struct arena *arena, struct config_file *out,
		 struct error *err)
{
	*out = (struct config_file){0};
	struct json json;
	int result = json_open(&json, "image configuration", body, size, JSON_MEMORY_MAX, err);
	if (result == 0 && parse_root(json_root(&json), arena, out, err) < 0)
		result = error_context(err, "image configuration");
	json_close(&json);
	return result;
}
