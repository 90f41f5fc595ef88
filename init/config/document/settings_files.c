// SPDX-License-Identifier: Apache-2.0
/* Secrets and configs: their values are the machine's, and services are given them as files. */
#include "init/config/document/settings.h"
#include "init/config/external.h"

#include <mbedtls/base64.h>
#include <string.h>

enum { CONTENT_MAX = 96 * 1024, NAME_MAX_LENGTH = 100, TEXT_MAX = 700 };

static const char *const kinds[] = {"secrets", "configs"};
enum { KINDS = 2 };

struct value {
	char bytes[CONTENT_MAX + 1];
	size_t size;
};

static int take_text(struct binder *binder, const struct node *from, const char *text,
		     struct value *out)
{
	out->size = strlen(text);
	if (out->size > CONTENT_MAX) {
		settings_refuse(binder, from, "is longer than 96 KiB");
		return -1;
	}
	memcpy(out->bytes, text, out->size);
	return 0;
}

static int take_variable(struct binder *binder, const struct node *name, struct value *out)
{
	const struct variables *variables = &binder->document->options.variables;
	const char *value =
		variables->find ? variables->find(variables->context, name->text) : NULL;
	if (value)
		return take_text(binder, name, value, out);
	settings_refuse(binder, name, variables->find
					      ? "there is no such variable"
					      : "a machine has no variables: say content or file");
	return -1;
}

static int take_file(struct binder *binder, const struct node *path, struct value *out)
{
	const struct document_options *options = &binder->document->options;
	struct error err = ERROR_INIT;
	ssize_t size = options->read_file
			       ? options->read_file(options->context, path->at.file, path->text, out->bytes,
						    sizeof out->bytes, &err)
			       : error_set(&err, "other files cannot be read here: say content");
	if (size < 0) {
		settings_refuse(binder, path, err.text);
		return -1;
	}
	out->size = (size_t)size;
	return 0;
}

/* `external` is the member that says so; its name is at least the key. */
static int take_external(struct binder *binder, const char *kind, const struct node *item,
			 const struct node *external, struct value *out)
{
	const struct document_options *options = &binder->document->options;
	const struct node *name = node_get(item, "name");
	struct error err = ERROR_INIT;
	/* A name that is made up is nobody's. */
	uint32_t layers = settings_layers(item) & ((UINT32_C(1) << DOCUMENT_LAYERS_MAX) - 1);
	if (!external_name_is_good(name->text)) {
		settings_refuse(binder, name, "nothing is found by such a name: letters, digits, _ . "
					      "and -, at most 100");
		return -1;
	}
	ssize_t size = options->read_external
			       ? options->read_external(options->context, layers, kind, name->text,
						       out->bytes, sizeof out->bytes, &err)
			       : 0;
	if (size < 0) {
		problem_add(&binder->document->problems, PROBLEM_ERROR, external->at,
			    binder->normaliser.path, NULL, "%s", err.text);
		return -1;
	}
	out->size = (size_t)size;
	return 0;
}

static int take_value(struct binder *binder, const char *kind, const struct node *item,
		      struct value *out)
{
	const struct node *external = node_get(item, "external");
	const struct node *content = node_get(item, "content"), *file = node_get(item, "file");
	const struct node *variable = node_get(item, "environment");
	*out = (struct value){0};
	if (content)
		return take_text(binder, content, content->text, out);
	if (file)
		return take_file(binder, file, out);
	if (variable)
		return take_variable(binder, variable, out);
	return take_external(binder, kind, item, external, out);
}

static void add_value(struct binder *binder, const char *kind, const struct node *item)
{
	static char text[NAME_MAX_LENGTH + 16 + CONTENT_MAX * 4 / 3 + 8];
	static struct value value;
	size_t length = 0;
	if (take_value(binder, kind, item, &value) < 0)
		return;
	int used = snprintf(text, sizeof text, "%s/%.*s:", kind, NAME_MAX_LENGTH, item->key);
	mbedtls_base64_encode((unsigned char *)text + used, sizeof text - (size_t)used, &length,
			      (const unsigned char *)value.bytes, value.size);
	text[(size_t)used + length] = 0;
	settings_add(binder, item, NULL, "machine.content", text);
}

static bool is_used(const struct binder *binder, const char *kind, const char *name)
{
	const struct node *services = node_get(binder->document->root, "services");
	for (const struct node *service = services->first; service; service = service->next) {
		const struct node *grants = node_get(service, kind);
		for (const struct node *at = grants ? grants->first : NULL; at; at = at->next)
			if (strcmp(node_get_text(at, "source"), name) == 0)
				return true;
	}
	return false;
}

void settings_contents(struct binder *binder)
{
	for (unsigned i = 0; i < KINDS; i++) {
		const struct node *map = node_get(binder->document->root, kinds[i]);
		size_t outer = path_push(&binder->normaliser, kinds[i]);
		for (const struct node *item = map ? map->first : NULL; item; item = item->next) {
			size_t mark = path_push(&binder->normaliser, item->key);
			if (is_used(binder, kinds[i], item->key))
				add_value(binder, kinds[i], item);
			path_pop(&binder->normaliser, mark);
		}
		path_pop(&binder->normaliser, outer);
	}
}

/* The number of a user or group; names are the image's, which nobody has looked into yet. */
static int number_of(struct binder *binder, const struct node *grant, const char *key,
		     const char **out)
{
	const struct node *node = node_get(grant, key);
	*out = node ? node->text : "0";
	if (**out && strlen(*out) < 11 && strspn(*out, "0123456789") == strlen(*out))
		return 0;
	settings_refuse(binder, node, "is not a number");
	return -1;
}

static void bind_grant(struct binder *binder, const char *kind, const struct node *grant)
{
	char text[TEXT_MAX];
	bool secret = *kind == 's';
	const struct node *mode = node_get(grant, "mode");
	const char *uid, *gid, *source = node_get_text(grant, "source");
	const char *target = node_get_text(grant, "target");
	if (number_of(binder, grant, "uid", &uid) < 0 || number_of(binder, grant, "gid", &gid) < 0)
		return;
	if (!target)
		target = source;
	snprintf(text, sizeof text, "%s:%s:%llo:%s/%.*s:%s%.400s", uid, gid,
		 (unsigned long long)(mode ? mode->integer : 0444), kind, NAME_MAX_LENGTH, source,
		 *target == '/' ? ""
		 : secret	? "/run/secrets/"
				: "/",
		 target);
	settings_add(binder, grant, NULL, "service.file", text);
}

void settings_files(struct binder *binder, const struct node *service)
{
	for (unsigned i = 0; i < KINDS; i++) {
		const struct node *list = node_get(service, kinds[i]);
		size_t outer = path_push(&binder->normaliser, kinds[i]);
		unsigned index = 0;
		for (const struct node *at = list ? list->first : NULL; at; at = at->next) {
			size_t mark = path_push_index(&binder->normaliser, index++);
			bind_grant(binder, kinds[i], at);
			path_pop(&binder->normaliser, mark);
		}
		path_pop(&binder->normaliser, outer);
	}
}
