// SPDX-License-Identifier: Apache-2.0
#include "init/config/volumes.h"

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

static int check_name(const char *name, struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	if (strspn(name, letters) != strlen(name) || strchr("_.-", *name) ||
	    strlen(name) > NAME_LONGEST)
		return error_set(err, "\"%.60s\" is not a volume's name (letters, digits, _ . and -) or "
				      "a path below " VOLUME_BIND_FOLDER, name);
	return 0;
}

/* Something below the folder, or, where it has nothing that is for one container alone, all of it. */
static bool take_bound(char *source, const char *folder, bool whole, struct volume_request *out)
{
	size_t length = strlen(folder);
	if (strncmp(source, folder, length) != 0 || strlen(source) > PATH_LONGEST)
		return false;
	if (!source[length] ? !whole : source[length] != '/' || !is_plain(source + length + 1))
		return false;
	out->folder = folder;
	out->bound = source + length + (source[length] == '/');
	return true;
}

static int take_source(char *source, struct volume_request *out, struct error *err)
{
	if (!*source)
		return 0;
	if (*source != '/') {
		out->name = source;
		return check_name(source, err);
	}
	if (!take_bound(source, VOLUME_BIND_FOLDER, true, out) &&
	    !take_bound(source, CARRIED_FOLDER "/binds", false, out))
		return error_set(err, "%.60s is not for containers: of the machine's own folders only "
				      "what is below " VOLUME_BIND_FOLDER ", which an initramfs brings "
				      "along, can be mounted", source);
	out->read_only = true; /* as all that came with the initramfs */
	return 0;
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

static int take_option(char *word, struct volume_request *out, struct error *err)
{
	static const char part[] = "subpath=";
	bool volume = !out->bound;
	if (strcmp(word, "ro") == 0)
		out->read_only = true;
	else if (strcmp(word, "rw") == 0 && volume)
		out->read_only = false;
	else if (strcmp(word, "rw") == 0)
		return error_set(err, "what came with the initramfs can only be read: ro");
	else if (strcmp(word, "nocopy") == 0 && volume)
		out->nocopy = true;
	else if (strcmp(word, "external") == 0 && out->name)
		out->external = true;
	else if (strncmp(word, part, sizeof part - 1) == 0 && out->name) {
		out->part = word + sizeof part - 1;
		if (!is_plain(out->part) || strlen(out->part) > PATH_LONGEST)
			return error_set(err, "\"%.60s\" is not a path in the volume, without \"..\"",
					 out->part);
	} else
		return error_set(err, "\"%.40s\" is no option of it: ro, rw, and for volumes nocopy, "
				      "external, subpath=PATH", word);
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
	    mount_target_check(out->target, err) < 0)
		return -1;
	return count > 2 ? take_options(parts[2], out, err) : 0;
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
