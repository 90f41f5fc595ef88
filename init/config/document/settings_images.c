// SPDX-License-Identifier: Apache-2.0
/* x-berth's registries, signatures and credentials as the two files that the puller reads. */
#include "init/config/document/settings.h"

#include "images/registry/auth.h"
#include "images/registry/registry_settings.h"
#include "images/signatures/signature_policy.h"

#include <stdlib.h>
#include <string.h>

enum { IMAGES_TEXT_MAX = 40 * 1024 };

/* A copy of the map without the members that are settings of their own, and without maps that this
 * leaves empty. */
static struct node *without_settings(struct binder *binder, const struct node *map)
{
	struct node *copy = node_copy(&binder->document->pool, map), *next;
	for (struct node *item = copy ? copy->first : NULL; item; item = next) {
		static const char *const own[] = {"insecure", "connect"};
		next = item->next;
		for (size_t i = 0; i < sizeof own / sizeof *own; i++)
			if (node_get(item, own[i]))
				node_remove(item, node_get(item, own[i]));
		if (!item->count)
			node_remove(copy, item);
	}
	return copy;
}

static void put(struct binder *binder, struct node *map, const char *key, struct node *value,
		const struct node *from)
{
	struct node *copy = value ? node_copy(&binder->document->pool, value) : NULL;
	if (copy)
		node_put(map, key, from->at, copy);
	else
		settings_refuse(binder, from, "is more than the machine has room for");
}

/* Without the ends of lines and what follows them; no text of JSON has one in it. */
static size_t squeeze(char *text)
{
	size_t used = 0;
	for (const char *at = text; *at; at++) {
		if (*at == '\n')
			at += strspn(at + 1, " ");
		else
			text[used++] = *at;
	}
	text[used] = 0;
	return used;
}

/* The map as JSON in `out`; 0 when it does not fit. */
static size_t print(const struct node *map, char *out, size_t capacity)
{
	FILE *file = fmemopen(out, capacity, "w");
	if (!file)
		return 0;
	document_print_json(map, file);
	long size = fflush(file) == 0 ? ftell(file) : 0;
	fclose(file);
	return size > 0 && (size_t)size + 1 < capacity ? squeeze(out) : 0;
}

/* Read as the puller will read it: a mistake is found now, and not at the first pull. */
static void check(struct binder *binder, const char *text, size_t size,
		  const struct node *registries, const struct node *signatures)
{
	static struct settings_file file;
	static struct registry_settings read;
	static struct signature_rule rule;
	struct reference any;
	struct arena scratch = binder->document->arena;
	struct error err = ERROR_INIT;
	memcpy(file.text, text, size);
	file.text[size] = 0;
	file.size = size;
	if (reference_parse("docker.io/library/any", &any, &err) < 0)
		return;
	if (registries && registry_settings_read(&file, &any, &read, &err) < 0)
		problem_add(&binder->document->problems, PROBLEM_ERROR, registries->at,
			    "x-berth.registries", NULL, "%s", err.text);
	if (registries)
		registry_settings_close(&read);
	err = (struct error){0};
	if (signatures && signature_rule_find(&file, &any, &scratch, &rule, &err) < 0)
		problem_add(&binder->document->problems, PROBLEM_ERROR, signatures->at,
			    "x-berth.signatures", NULL, "%s", err.text);
	if (signatures)
		signature_rule_close(&rule);
}

static bool is_dangerous(const struct node *registries, const struct node *signatures)
{
	for (const struct node *item = registries ? registries->first : NULL; item;
	     item = item->next) {
		const struct node *mirrors = node_get(item, "mirrors");
		if (node_get(item, "proxy"))
			return true;
		for (const struct node *at = mirrors ? mirrors->first : NULL; at; at = at->next)
			if (node_get(at, "proxy"))
				return true;
	}
	return signatures != NULL;
}

static void add_images(struct binder *binder, const struct node *machine)
{
	static char text[IMAGES_TEXT_MAX];
	static const struct schema_key dangerous = {"", SCHEMA_ANY, SCHEMA_DANGEROUS, .help = ""};
	struct node *registries = node_get(machine, "registries");
	struct node *signatures = node_get(machine, "signatures");
	struct node whole = {.kind = NODE_MAP, .text = "", .at = machine->at};
	struct node *kept = registries ? without_settings(binder, registries) : NULL;
	if (kept && kept->count)
		put(binder, &whole, "registries", kept, registries);
	if (signatures)
		put(binder, &whole, "signatures", signatures, signatures);
	if (!whole.count)
		return;
	size_t size = print(&whole, text, sizeof text);
	if (!size) {
		settings_refuse(binder, registries ? registries : signatures,
				"is more than the machine has room for");
		return;
	}
	check(binder, text, size, kept && kept->count ? registries : NULL, signatures);
	settings_add(binder, kept && kept->count ? registries : signatures,
		     is_dangerous(kept, signatures) ? &dangerous : NULL, "berth.images.settings",
		     text);
	if (binder->out->count)
		binder->out->items[binder->out->count - 1].layers |=
			(registries ? settings_layers(registries) : 0) |
			(signatures ? settings_layers(signatures) : 0);
}

static void add_credentials(struct binder *binder, const struct node *machine)
{
	static char text[IMAGES_TEXT_MAX / 2];
	struct error err = ERROR_INIT;
	struct node *credentials = node_get(machine, "credentials");
	struct node whole = {.kind = NODE_MAP, .text = "", .at = machine->at};
	if (!credentials)
		return;
	put(binder, &whole, "auths", credentials, credentials);
	size_t size = print(&whole, text, sizeof text);
	if (!size)
		settings_refuse(binder, credentials, "is more than the machine has room for");
	else if (credentials_check(text, size, &err) < 0)
		problem_add(&binder->document->problems, PROBLEM_ERROR, credentials->at,
			    "x-berth.credentials", NULL, "%s", err.text);
	else
		settings_add(binder, credentials, NULL, "berth.images.credentials", text);
}

void settings_images(struct binder *binder, const struct node *machine)
{
	add_images(binder, machine);
	add_credentials(binder, machine);
}
