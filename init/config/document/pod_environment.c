// SPDX-License-Identifier: Apache-2.0
/* A Pod's variables: where their values come from, and $(NAME) in them and in commands. */
#include "init/config/document/pod.h"

#include "lib/text.h"

#include <math.h>
#include <mbedtls/base64.h>
#include <string.h>

const struct node *pod_find_object(const struct pod *pod, const char *kind, const char *name)
{
	for (const struct node *at = pod->documents->first; at; at = at->next) {
		const char *own_kind = node_get_text(at, "kind");
		const struct node *own_name = node_at(at, "metadata.name");
		if (own_kind && own_name && strcmp(own_kind, kind) == 0 &&
		    strcmp(own_name->text, name) == 0)
			return at;
	}
	return NULL;
}

/* Of base64, blanks of which do not count; NULL when it is none, or no text. */
static const char *decode(struct pod *pod, const struct node *value)
{
	struct arena *arena = pod->normaliser->pool->arena;
	size_t length = strlen(value->text), used = 0, size = 0;
	char *plain = arena_alloc(arena, length + 1), *out = arena_alloc(arena, length + 4);
	if (!plain || !out) {
		complain_no_room(pod->normaliser, value);
		return NULL;
	}
	for (const char *c = value->text; *c; c++)
		if (!strchr(" \t\r\n", *c))
			plain[used++] = *c;
	bool good = mbedtls_base64_decode((unsigned char *)out, length + 3, &size,
					  (const unsigned char *)plain, used) == 0;
	out[good ? size : 0] = 0;
	if (good && strlen(out) == size && text_is_utf8(out))
		return out;
	complain(pod->normaliser, value, "is not a text in base64");
	return NULL;
}

const char *pod_object_value(struct pod *pod, const struct node *object, const char *key,
			     const struct node *like)
{
	bool secret = strcmp(node_get_text(object, "kind"), "Secret") == 0;
	const struct node *plain = node_get(node_get(object, secret ? "stringData" : "data"), key);
	const struct node *coded = node_get(node_get(object, secret ? "data" : "binaryData"), key);
	if (plain)
		return plain->text;
	if (coded)
		return decode(pod, coded);
	complain(pod->normaliser, like, "%.60s has no \"%.60s\"",
		 node_at(object, "metadata.name")->text, key);
	return NULL;
}

/* "metadata.labels['a/b']" → the text in brackets. */
static const struct node *find_subscript(const struct pod *pod, const char *path, const char *map)
{
	char key[320];
	size_t length = strlen(map), end = strlen(path);
	if (strncmp(path, map, length) != 0 || strncmp(path + length, "['", 2) != 0 ||
	    end < length + 4 || strcmp(path + end - 2, "']") != 0)
		return NULL;
	snprintf(key, sizeof key, "%.*s", (int)(end - length - 4), path + length + 2);
	return node_get(node_get(pod->metadata, map + strlen("metadata.")), key);
}

const char *pod_field(struct pod *pod, const struct node *reference, const char **machine)
{
	static const struct {
		const char *path, *otherwise;
	} plain[] = {
		{"metadata.name", NULL},
		{"metadata.namespace", "default"},
		{"metadata.uid", NULL},
		{"spec.nodeName", NULL},
		{"spec.serviceAccountName", "default"},
	};
	const struct node *path = node_get(reference, "fieldPath");
	const struct node *found = find_subscript(pod, path->text, "metadata.labels");
	*machine = NULL;
	if (!found)
		found = find_subscript(pod, path->text, "metadata.annotations");
	for (size_t i = 0; !found && i < sizeof plain / sizeof *plain; i++) {
		if (strcmp(plain[i].path, path->text) != 0)
			continue;
		found = node_at(pod->pod, path->text);
		if (!found && plain[i].otherwise)
			return plain[i].otherwise;
	}
	if (found && node_is_scalar(found))
		return found->text;
	if (strstr(path->text, "['")) /* Kubernetes has nothing there, either */
		return "";
	if (strcmp(path->text, "spec.nodeName") == 0)
		*machine = "hostname";
	else if (strcmp(path->text, "status.podIP") == 0 ||
		 strcmp(path->text, "status.podIPs") == 0)
		*machine = "address";
	if (*machine)
		return "";
	complain(pod->normaliser, path, "\"%.80s\" is not known here", path->text);
	return NULL;
}

const char *pod_resource(struct pod *pod, const struct node *container,
			 const struct node *reference)
{
	const struct node *name = node_get(reference, "resource"),
			  *divisor = node_get(reference, "divisor");
	const struct node *resources = node_get(container, "resources");
	const struct node *value = node_at(resources, name->text);
	if (!value && strncmp(name->text, "requests.", 9) == 0)
		value = node_get(node_get(resources, "limits"), name->text + 9);
	double amount = value ? pod_quantity(value->text) : -1,
	       unit = divisor ? pod_quantity(divisor->text) : 1;
	if (unit == 0)
		unit = 1;
	if (amount >= 0 && unit > 0)
		return pod_text(pod, reference, "%.0f", ceil(amount / unit - 1e-9));
	complain(pod->normaliser, name, "the container says no %.40s, or the divisor is none",
		 name->text);
	return NULL;
}

static bool is_optional(const struct node *reference)
{
	return pod_says(reference, "optional");
}

/* configMapKeyRef, secretKeyRef. */
static const char *value_of_key(struct pod *pod, const struct node *reference, const char *kind)
{
	const struct node *name = node_get(reference, "name"), *key = node_get(reference, "key");
	const struct node *object = pod_find_object(pod, kind, name->text);
	if (is_optional(reference) &&
	    (!object || (!node_get(node_get(object, "data"), key->text) &&
			 !node_get(node_get(object, "stringData"), key->text) &&
			 !node_get(node_get(object, "binaryData"), key->text))))
		return NULL;
	if (object)
		return pod_object_value(pod, object, key->text, key);
	complain(pod->normaliser, name,
		 "there is no %s \"%.60s\" in this file: write it behind ---", kind, name->text);
	return NULL;
}

static const char *value_from(struct pod *pod, const struct node *container,
			      const struct node *from, const char **machine)
{
	const struct node *field = node_get(from, "fieldRef");
	const struct node *resource = node_get(from, "resourceFieldRef");
	const struct node *config = node_get(from, "configMapKeyRef");
	const struct node *secret = node_get(from, "secretKeyRef");
	*machine = NULL;
	if (from->count != 1) {
		complain(pod->normaliser, from, "says where the value is from %s",
			 from->count ? "twice" : "nowhere");
		return NULL;
	}
	return field      ? pod_field(pod, field, machine)
	       : resource ? pod_resource(pod, container, resource)
	       : config   ? value_of_key(pod, config, "ConfigMap")
			  : value_of_key(pod, secret, "Secret");
}

struct expansion {
	struct pod *pod;
	const struct node *known, *machine; /* variables; those that only the machine knows */
	const struct node *from;
	char *out;
	size_t used, capacity;
};

static void emit(struct expansion *to, const char *text, size_t length)
{
	if (to->used + length < to->capacity) {
		memcpy(to->out + to->used, text, length);
		to->used += length;
	} else if (to->capacity) {
		complain(to->pod->normaliser, to->from, "is too long with its variables");
		to->capacity = 0;
	}
}

/* "$(NAME)" of which `at` is the dollar sign; how long it is. What is not known stays as it is. */
static size_t emit_variable(struct expansion *to, const char *at)
{
	char name[256];
	const char *end = strchr(at, ')');
	if (!end) {
		emit(to, at, 2);
		return 2;
	}
	snprintf(name, sizeof name, "%.*s", (int)(end - at - 2), at + 2);
	const struct node *value = node_get(to->known, name);
	if (value)
		emit(to, value->text, strlen(value->text));
	else
		emit(to, at, (size_t)(end - at) + 1);
	if (node_get(to->machine, name))
		complain(to->pod->normaliser, to->from,
			 "$(%.60s) is known only when the container runs: "
			 "nothing can be put together with it here",
			 name);
	return (size_t)(end - at) + 1;
}

/* Kubernetes' rules: $(NAME) is the variable, $$ a dollar sign. */
static const char *expand(struct pod *pod, const struct node *service, const struct node *from)
{
	enum { EXPANDED_MAX = 64 * 1024 };
	static char out[EXPANDED_MAX];
	struct expansion to = {pod,
			       node_get(service, "environment"),
			       node_get(service, "x-berth-variables"),
			       from,
			       out,
			       0,
			       sizeof out};
	if (!strchr(from->text, '$') || pod->konlet)
		return from->text;
	for (const char *at = from->text; *at;) {
		size_t length = strcspn(at, "$");
		emit(&to, at, length);
		at += length;
		if (at[0] && at[1] == '(') {
			at += emit_variable(&to, at);
		} else if (at[0]) {
			emit(&to, at, 1);
			at += at[1] == '$' ? 2 : 1;
		}
	}
	out[to.used] = 0;
	return pod_text(pod, from, "%s", out);
}

/* The last one counts. */
static void set(struct pod *pod, struct node *map, const char *name, const char *value,
		const struct node *like)
{
	struct node *there = node_get(map, name);
	if (there)
		node_remove(map, there);
	pod_put_text(pod, map, name, value, like);
}

static void take_all(struct pod *pod, struct node *map, const struct node *object, const char *of,
		     const char *prefix, const struct node *like)
{
	const struct node *values = node_get(object, of);
	for (const struct node *at = values ? values->first : NULL; at; at = at->next) {
		const char *value = pod_object_value(pod, object, at->key, at);
		if (value)
			set(pod, map, pod_text(pod, like, "%s%s", prefix, at->key), value, at);
	}
}

static void take_from(struct pod *pod, struct node *map, const struct node *item)
{
	const struct node *config = node_get(item, "configMapRef"),
			  *secret = node_get(item, "secretRef");
	const struct node *reference = config ? config : secret;
	const char *prefix = node_get_text(item, "prefix"), *kind = config ? "ConfigMap" : "Secret";
	const struct node *name = node_get(reference, "name");
	const struct node *object = name ? pod_find_object(pod, kind, name->text) : NULL;
	if (!name) {
		complain(pod->normaliser, item, "says not what of: configMapRef or secretRef");
	} else if (!object && !is_optional(reference)) {
		complain(pod->normaliser, name,
			 "there is no %s \"%.60s\" in this file: write it behind ---", kind,
			 name->text);
	} else if (object) {
		take_all(pod, map, object, "data", prefix ? prefix : "", item);
		take_all(pod, map, object, "stringData", prefix ? prefix : "", item);
	}
}

static void take_variable(struct pod *pod, const struct node *container, struct node *service,
			  struct node *map, const struct node *item)
{
	const char *name = node_get_text(item, "name"), *machine = NULL;
	const struct node *value = node_get(item, "value"), *from = node_get(item, "valueFrom");
	const char *text = value  ? expand(pod, service, value)
			   : from ? value_from(pod, container, from, &machine)
				  : "";
	if (machine)
		pod_put_text(pod, pod_member(pod, service, "x-berth-variables", NODE_MAP, item),
			     name, machine, item);
	else if (text)
		set(pod, map, name, text, value ? value : item);
}

static void expand_list(struct pod *pod, struct node *service, const char *key,
			const struct node *words)
{
	if (!words)
		return;
	struct node *list = pod_put_new(pod, service, key, NODE_LIST, words);
	for (const struct node *word = words->first; word; word = word->next)
		pod_append_text(pod, list, expand(pod, service, word), word);
}

void pod_environment(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "env"),
			  *from = node_get(container, "envFrom");
	struct node *map = list || from ? pod_put_new(pod, service, "environment", NODE_MAP,
						      list ? list : from)
					: NULL;
	for (const struct node *item = from ? from->first : NULL; item; item = item->next)
		take_from(pod, map, item);
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		take_variable(pod, container, service, map, item);
	expand_list(pod, service, "entrypoint", node_get(container, "command"));
	expand_list(pod, service, "command", node_get(container, "args"));
}
