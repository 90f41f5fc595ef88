// SPDX-License-Identifier: Apache-2.0
/* Values of a Pod, written into the Compose tree. */
#include "init/config/document/pod.h"

#include "lib/cleanup.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void pod_put(struct pod *pod, struct node *map, const char *key, const struct node *value)
{
	struct node *copy = value ? node_copy(pod->normaliser->pool, value) : NULL;
	if (copy)
		node_put(map, key, value->key ? value->key_at : value->at, copy);
	else if (value)
		complain_no_room(pod->normaliser, value);
}

void pod_put_text(struct pod *pod, struct node *map, const char *key, const char *text,
		  const struct node *like)
{
	struct node *value = node_text(pod->normaliser->pool, text, like->at);
	if (value)
		node_put(map, key, like->at, value);
	else
		complain_no_room(pod->normaliser, like);
}

void pod_put_bool(struct pod *pod, struct node *map, const char *key, bool value,
		  const struct node *like)
{
	struct node *node = node_bool(pod->normaliser->pool, value, like->at);
	if (node)
		node_put(map, key, like->at, node);
	else
		complain_no_room(pod->normaliser, like);
}

void pod_append_text(struct pod *pod, struct node *list, const char *text, const struct node *like)
{
	struct node *value = node_text(pod->normaliser->pool, text, like->at);
	if (value)
		node_append(list, value);
	else
		complain_no_room(pod->normaliser, like);
}

struct node *pod_put_new(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			 const struct node *like)
{
	static struct node spare; /* after a failure, which has been reported */
	struct node *value = node_new(pod->normaliser->pool, kind, like->at);
	if (!value) {
		complain_no_room(pod->normaliser, like);
		spare = (struct node){
			.kind = kind, .text = "", .key = key ? key : "", .at = like->at};
		return &spare;
	}
	if (map->kind == NODE_MAP)
		node_put(map, key, like->at, value);
	else
		node_append(map, value);
	return value;
}

struct node *pod_member(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			const struct node *like)
{
	struct node *there = node_get(map, key);
	return there ? there : pod_put_new(pod, map, key, kind, like);
}

const char *pod_text(struct pod *pod, const struct node *like, const char *format, ...)
{
	struct arena *arena = pod->normaliser->pool->arena;
	va_list ap, again;
	va_start(ap, format);
	va_copy(again, ap);
	int length = vsnprintf(NULL, 0, format, ap);
	char *out = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (out)
		vsnprintf(out, (size_t)length + 1, format, again);
	else
		complain_no_room(pod->normaliser, like);
	va_end(again);
	va_end(ap);
	return out ? out : "";
}

bool pod_says(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);
	return value && value->integer;
}

double pod_quantity(const char *text)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {
		{"", 1},
		{"m", 1e-3},
		{"k", 1e3},
		{"M", 1e6},
		{"G", 1e9},
		{"T", 1e12},
		{"Ki", 1024},
		{"Mi", 1024.0 * 1024},
		{"Gi", 1024.0 * 1024 * 1024},
		{"Ti", 1024.0 * 1024 * 1024 * 1024},
	};
	char *end;
	if (!*text || !strchr("0123456789.", *text))
		return -1;
	double number = strtod(text, &end);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].suffix, end) == 0)
			return number * units[i].factor;
	return -1;
}

bool pod_check_quantity(struct pod *pod, const struct node *value)
{
	if (pod_quantity(value->text) > 0)
		return true;
	complain(pod->normaliser, value, "\"%.40s\" is not a quantity such as 500m or 128Mi", value->text);
	return false;
}

void pod_put_quantity(struct pod *pod, struct node *map, const char *key, const struct node *value,
		      const char *format)
{
	char text[64];
	if (!value || !pod_check_quantity(pod, value))
		return;
	snprintf(text, sizeof text, format, pod_quantity(value->text));
	pod_put_text(pod, map, key, text, value);
}

void pod_put_seconds(struct pod *pod, struct node *map, const char *key, const struct node *value)
{
	if (value)
		pod_put_text(pod, map, key,
			     pod_text(pod, value, "%llds", (long long)value->integer), value);
}
