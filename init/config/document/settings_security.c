// SPDX-License-Identifier: Apache-2.0
/* `privileged` and `security_opt`. A profile of system calls is compiled here, where JSON may be read,
 * and becomes one of the machine's contents. */
#include "init/config/document/paths.h"
#include "init/config/document/seccomp_profile.h"
#include "init/config/document/settings.h"

#include "init/config/container_options.h"
#include "init/config/security.h"

#include <linux/filter.h>
#include <mbedtls/base64.h>
#include <string.h>

enum {
	FILTER_MAX = SECCOMP_HEADER + SECCOMP_PROGRAM_MAX * sizeof(struct sock_filter),
	NAME_ROOM = 100,
};

struct profile {
	char text[SECCOMP_PROFILE_MAX + 1];
	size_t size;
	unsigned char filter[FILTER_MAX];
	char content[NAME_ROOM + FILTER_MAX * 4 / 3 + 8];
};

void settings_privileged(struct binder *binder, const struct node *node,
			 const struct schema_key *row, const struct node *parent)
{
	(void)parent;
	if (node->integer)
		settings_add(binder, node, &settings_dangerous, row->setting, "true");
}

/* It stands there itself, or is a file beside the document. */
static int read_profile(struct binder *binder, const struct node *item, const char *value,
			struct profile *out)
{
	const struct document_options *options = &binder->document->options;
	struct error err = ERROR_INIT;
	struct node name = *item;
	out->size = strlen(value);
	if (*value == '{' && out->size <= SECCOMP_PROFILE_MAX) {
		memcpy(out->text, value, out->size + 1);
		return 0;
	}
	name.text = value;
	const char *path = *value == '{' ? NULL : path_absolute(&binder->normaliser, &name, options);
	ssize_t size = !path ? error_set(&err, "the profile is too large")
		       : options->read_file
			       ? options->read_file(options->context, item->at.file, path, out->text,
						    sizeof out->text, &err)
			       : error_set(&err, "other files cannot be read here: write the profile "
						 "itself, seccomp={…}");
	if (size < 0) {
		settings_refuse(binder, item, err.text);
		return -1;
	}
	out->size = (size_t)size;
	return 0;
}

static void list_texts(const struct node *node, struct arena *arena, struct string_list *out)
{
	for (const struct node *item = node ? node->first : NULL; item; item = item->next)
		string_list_add(out, arena, item->text, NULL);
}

/* Rules of a profile may be about what the container has. */
static uint64_t capabilities_of(struct binder *binder, const struct node *service)
{
	struct arena *arena = &binder->document->arena;
	const struct node *privileged = node_get(service, "privileged");
	struct string_list add = {0}, drop = {0};
	uint64_t mask = 0;
	list_texts(node_get(service, "cap_add"), arena, &add);
	list_texts(node_get(service, "cap_drop"), arena, &drop);
	container_capabilities(&add, &drop, privileged && privileged->integer, &mask, NULL);
	return mask;
}

static void add_profile(struct binder *binder, const struct node *item, const char *value,
			const struct node *service)
{
	static struct profile profile;
	struct error err = ERROR_INIT;
	char name[NAME_ROOM];
	size_t length = 0;
	if (read_profile(binder, item, value, &profile) < 0)
		return;
	ssize_t size = seccomp_profile_compile(profile.text, profile.size,
					       capabilities_of(binder, service), profile.filter,
					       sizeof profile.filter, &err);
	if (size < 0) {
		error_context(&err, "seccomp");
		problem_add(&binder->document->problems, PROBLEM_ERROR, item->at,
			    binder->normaliser.path, NULL, "%s", err.text);
		return;
	}
	snprintf(name, sizeof name, "seccomp/%.80s", service->key);
	int used = snprintf(profile.content, sizeof profile.content, "%s:", name);
	mbedtls_base64_encode((unsigned char *)profile.content + used,
			      sizeof profile.content - (size_t)used, &length, profile.filter,
			      (size_t)size);
	if (binder->replica == 0) /* of all containers of the service */
		settings_add(binder, item, &settings_dangerous, "machine.content", profile.content);
	settings_add(binder, item, &settings_dangerous, "service.seccomp-profile", name);
}

static void add_option(struct binder *binder, const struct node *item, const struct schema_key *row,
		       const struct node *service)
{
	enum security_option option;
	const char *profile = NULL;
	struct error err = ERROR_INIT;
	if (parse_security(item->text, &option, &profile, &err) < 0)
		settings_refuse(binder, item, err.text);
	else if (option == SECURITY_FILTER)
		add_profile(binder, item, profile, service);
	else if (option != SECURITY_NOTHING)
		settings_add(binder, item,
			     security_is_dangerous(option) ? &settings_dangerous : NULL, row->setting,
			     item->text);
}

void settings_security(struct binder *binder, const struct node *node, const struct schema_key *row,
		       const struct node *parent)
{
	unsigned index = 0;
	for (const struct node *item = node->first; item; item = item->next) {
		size_t mark = path_push_index(&binder->normaliser, index++);
		add_option(binder, item, row, parent);
		path_pop(&binder->normaliser, mark);
	}
}
