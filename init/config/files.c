// SPDX-License-Identifier: Apache-2.0
#include "init/config/files.h"

#include "init/config/volumes.h"

#include <mbedtls/base64.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_PER_CONTAINER = 64 };

/* A number in this base before a colon; *at is moved behind it. */
static int take_number(const char **at, int base, unsigned long most, unsigned long *out)
{
	char *end;
	if (**at < '0' || **at > '9')
		return -1;
	*out = strtoul(*at, &end, base);
	if (*end != ':' || *out > most)
		return -1;
	*at = end + 1;
	return 0;
}

int parse_file_grant(const char *text, struct arena *arena, struct file_grant *out,
		     struct error *err)
{
	const char *at = text;
	unsigned long uid, gid, mode;
	if (take_number(&at, 10, UINT32_MAX - 1, &uid) < 0 ||
	    take_number(&at, 10, UINT32_MAX - 1, &gid) < 0 ||
	    take_number(&at, 8, 0777, &mode) < 0)
		return error_set(err, "\"%.60s\" is not of the form UID:GID:MODE:NAME:TARGET, MODE up to "
				      "0777", text);
	size_t length = strcspn(at, ":");
	*out = (struct file_grant){
		.content = arena_strndup(arena, at, length),
		.target = arena_strdup(arena, at + length + (at[length] == ':')),
		.uid = (uint32_t)uid,
		.gid = (uint32_t)gid,
		.mode = (unsigned)mode,
	};
	if (!out->content || !out->target)
		return error_set(err, "no room for \"%.40s\"", text);
	return mount_target_check(out->target, err);
}

const struct machine_content *machine_find_content(const struct machine *machine, const char *name)
{
	for (unsigned i = 0; i < machine->content_count; i++)
		if (strcmp(machine->contents[i].name, name) == 0)
			return &machine->contents[i];
	return NULL;
}

int files_check(const struct machine *machine, const struct container_config *config,
		struct error *err)
{
	static char block[16 * 1024];
	struct arena arena;
	struct file_grant grant;
	for (size_t i = 0; i < config->files.count; i++) {
		arena_init(&arena, block, sizeof block);
		if (parse_file_grant(config->files.items[i], &arena, &grant, err) < 0)
			return -1;
		if (!machine_find_content(machine, grant.content))
			return error_set(err, "there is no %.80s for %.100s", grant.content,
					 grant.target);
	}
	return 0;
}

int add_content(struct machine *machine, const char *value, struct error *err)
{
	const char *colon = strchr(value, ':');
	size_t size = 0, length = colon ? strlen(colon + 1) : 0;
	if (!colon)
		return error_set(err, "is not of the form NAME:BASE64");
	if (machine->content_count == MACHINE_CONTENTS_MAX)
		return error_set(err, "more than %d secrets and configs", MACHINE_CONTENTS_MAX);
	const char *name = arena_strndup(&machine->arena, value, (size_t)(colon - value));
	unsigned char *bytes = arena_alloc(&machine->arena, length + 1);
	if (!name || !bytes)
		return error_set(err, "more than %d KiB of settings", MACHINE_ARENA / 1024);
	if (mbedtls_base64_decode(bytes, length + 1, &size, (const unsigned char *)colon + 1,
				  length) != 0)
		return error_set(err, "%.80s is not in base64", name);
	machine->contents[machine->content_count++] =
		(struct machine_content){name, (const char *)bytes, size};
	return 0;
}

int add_file(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *list = &machine->container->files;
	struct file_grant grant;
	size_t used = machine->arena.used;
	int result = parse_file_grant(value, &machine->arena, &grant, err);
	machine->arena.used = used; /* parsed for the sake of its check */
	if (result < 0)
		return -1;
	if (list->count == FILES_PER_CONTAINER)
		return error_set(err, "more than %d of them", FILES_PER_CONTAINER);
	return string_list_add(list, &machine->arena, value, err);
}
