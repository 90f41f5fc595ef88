// SPDX-License-Identifier: Apache-2.0
#include "init/config/volumes.h"

#include "init/config/services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_LONGEST = 200, PATH_LONGEST = 400, PARTS_MAX = 3, VOLUMES_PER_CONTAINER = 64 };

static int no_room(const char *text, struct error *err)
{
	return error_set(err, "no room for \"%.40s\"", text);
}

/* Cuts "a:b:c" in place; how many parts there are, -1 for more than three. */
static int cut(char *text, char *parts[PARTS_MAX])
{
	int count = 0;
	for (;;) {
		size_t length = strcspn(text, ":");
		if (count == PARTS_MAX)
			return -1;
		parts[count++] = text;
		if (!text[length])
			return count;
		text[length] = 0;
		text += length + 1;
	}
}

/* No component is "", "." or "..". */
static bool is_plain(const char *path)
{
	for (;;) {
		size_t length = strcspn(path, "/");
		if (length == 0 || (length == 1 && *path == '.') ||
		    (length == 2 && strncmp(path, "..", 2) == 0))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
}

int volume_name_check(const char *name, struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	if (strspn(name, letters) != strlen(name) || strchr("_.-", *name) ||
	    strlen(name) > NAME_LONGEST)
		return error_set(err, "\"%.60s\" is not a volume's name (letters, digits, _ . and -, or "
				      "an absolute path)", name);
	return 0;
}

static int take_path(char *source, struct volume_request *out, struct error *err)
{
	const char *why = NULL;
	if (source[1] && (!is_plain(source + 1) || strlen(source) > PATH_LONGEST))
		return error_set(err, "%.60s is not a path without \"..\" to be bound", source);
	out->bind = bind_kind_of(source, &why);
	if (out->bind == BIND_REFUSED)
		return error_set(err, "%.60s is not for containers: %s", source, why);
	out->bound = source + 1;
	if (out->bind == BIND_BESIDE) {
		const char *below = source + sizeof VOLUME_BIND_FOLDER - 1;
		out->bound = below + (*below == '/');
	}
	out->read_only = out->bind == BIND_EMPTY || out->bind == BIND_CLOCK;
	return 0;
}

static int take_source(char *source, struct volume_request *out, struct error *err)
{
	if (!*source)
		return 0;
	if (*source == '/')
		return take_path(source, out, err);
	out->name = source;
	return volume_name_check(source, err);
}

/* What a container is confined by must not be covered. */
static bool is_the_kernels(const char *target)
{
	static const char *const kernels[] = {"/proc", "/sys"};
	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		size_t length = strlen(kernels[i]);
		if (strncmp(target, kernels[i], length) == 0 &&
		    (!target[length] || target[length] == '/'))
			return true;
	}
	return strcmp(target, "/dev") == 0;
}

int mount_target_check(const char *target, struct error *err)
{
	if (*target != '/' || !is_plain(target + 1) || strlen(target) > PATH_LONGEST)
		return error_set(err, "\"%.60s\" is not an absolute path below /, without \"..\"", target);
	if (is_the_kernels(target))
		return error_set(err, "nothing can be mounted on %.60s: the kernel's own file systems "
				      "stay what they are", target);
	return 0;
}

/* A kernel's file system in the place of the container's own one, as some programs want it. */
static bool is_in_its_place(const struct volume_request *request)
{
	return request->bind == BIND_KERNEL && strcmp(request->target + 1, request->bound) == 0 &&
	       strncmp(request->target, "/sys", 4) == 0;
}

static int take_number(const char *word, int base, unsigned long most, unsigned *out, struct error *err)
{
	char *end;
	const char *digits = strchr(word, '=') + 1;
	unsigned long number = strtoul(digits, &end, base);
	if (*digits < '0' || *digits > '9' || *end || number > most)
		return error_set(err, "\"%.40s\" has no number that fits", word);
	*out = (unsigned)number;
	return 0;
}

static int take_option(char *word, struct volume_request *out, struct error *err)
{
	static const char part[] = "subpath=";
	bool volume = out->bind == BIND_NONE;
	if (strcmp(word, "ro") == 0)
		out->read_only = true;
	else if (strcmp(word, "rw") == 0)
		out->read_only = out->bind == BIND_EMPTY || out->bind == BIND_CLOCK;
	else if (strcmp(word, "nocopy") == 0 && volume)
		out->nocopy = true;
	else if (strcmp(word, "external") == 0 && (out->name || !volume))
		out->external = true;
	else if (strncmp(word, part, sizeof part - 1) == 0 && out->name) {
		out->part = word + sizeof part - 1;
		if (!is_plain(out->part) || strlen(out->part) > PATH_LONGEST)
			return error_set(err, "\"%.60s\" is not a path in the volume, without \"..\"",
					 out->part);
	} else if (strncmp(word, "mode=", 5) == 0 && out->name) {
		return take_number(word, 8, 07777, &out->mode, err);
	} else if (strncmp(word, "gid=", 4) == 0 && out->name) {
		return take_number(word, 10, INT32_MAX, &out->group, err);
	} else
		return error_set(err, "\"%.40s\" is no option of it: ro, rw, external, and for volumes "
				      "nocopy, mode=OCTAL, gid=NUMBER, subpath=PATH", word);
	return 0;
}

static int take_options(char *text, struct volume_request *out, struct error *err)
{
	for (char *word; (word = strsep(&text, ","));)
		if (take_option(word, out, err) < 0)
			return -1;
	return 0;
}

int parse_volume(const char *text, struct arena *arena, struct volume_request *out,
		 struct error *err)
{
	char *parts[PARTS_MAX] = {0}, *copy = arena_strdup(arena, text);
	*out = (struct volume_request){0};
	if (!copy)
		return no_room(text, err);
	int count = cut(copy, parts);
	if (count < 0)
		return error_set(err, "\"%.60s\" is not of the form [SOURCE:]TARGET[:OPTIONS]", text);
	out->target = parts[count > 1];
	if ((count > 1 && take_source(parts[0], out, err) < 0) ||
	    (!is_in_its_place(out) && mount_target_check(out->target, err) < 0) ||
	    (count > 2 && take_options(parts[2], out, err) < 0))
		return -1;
	if (out->bind == BIND_KERNEL && !out->read_only)
		return error_set(err, "the kernel's own file systems can only be given to read: say :ro");
	return 0;
}

int parse_donor(const char *text, char name[64], bool *read_only, struct error *err)
{
	size_t length = strcspn(text, ":");
	bool ro = strcmp(text + length, ":ro") == 0;
	if (length > 63 || (text[length] && !ro && strcmp(text + length, ":rw") != 0))
		return error_set(err, "\"%.70s\" is not of the form SERVICE[:ro]", text);
	snprintf(name, 64, "%.*s", (int)length, text);
	if (read_only)
		*read_only = ro;
	return service_name_check(name, err);
}

int add_donor(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *list = &machine->container->volumes_from;
	char name[64];
	if (parse_donor(value, name, NULL, err) < 0)
		return -1;
	if (list->count == VOLUMES_PER_CONTAINER)
		return error_set(err, "more than %d of them", VOLUMES_PER_CONTAINER);
	return string_list_add(list, &machine->arena, value, err);
}

/* The target in the text of a volume (then of two parts or more the second) or of a tmpfs. */
static const char *target_of(const char *text, bool volume, size_t *length)
{
	size_t first = strcspn(text, ":");
	const char *target = volume && text[first] ? text + first + 1 : text;
	*length = strcspn(target, ":");
	return target;
}

static bool is_twice(const struct container_config *config, size_t which, const char *target,
		     size_t length)
{
	for (size_t i = 0; i < which + config->tmpfs.count; i++) {
		size_t other_length;
		bool volume = i < which;
		const char *other = target_of(volume ? config->volumes.items[i]
						     : config->tmpfs.items[i - which],
					      volume, &other_length);
		if (length == other_length && strncmp(target, other, length) == 0)
			return true;
	}
	return false;
}

int volumes_check(const struct container_config *config, struct error *err)
{
	for (size_t i = 0; i < config->volumes.count; i++) {
		size_t length;
		const char *target = target_of(config->volumes.items[i], true, &length);
		if (is_twice(config, i, target, length))
			return error_set(err, "two things are to be mounted on %.*s", (int)length,
					 target);
	}
	return 0;
}

int add_volume(struct machine *machine, const char *value, struct error *err)
{
	struct string_list *list = &machine->container->volumes;
	struct volume_request request;
	size_t used = machine->arena.used;
	int result = parse_volume(value, &machine->arena, &request, err);
	machine->arena.used = used; /* parsed for the sake of its check */
	if (result < 0)
		return -1;
	if (list->count == VOLUMES_PER_CONTAINER)
		return error_set(err, "more than %d of them", VOLUMES_PER_CONTAINER);
	return string_list_add(list, &machine->arena, value, err);
}
