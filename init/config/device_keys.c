// SPDX-License-Identifier: Apache-2.0
#include "init/config/device_keys.h"

#include "init/config/volumes.h"
#include "runtime/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 64, PARTS_MAX = 3 };

/* Some of r, w and m, each once at most. */
static int take_access(const char *text, unsigned *out)
{
	unsigned access = 0;
	for (; *text; text++) {
		unsigned bit = *text == 'r'   ? DEVICE_READ
			       : *text == 'w' ? DEVICE_WRITE
			       : *text == 'm' ? DEVICE_CREATE
					      : 0;
		if (!bit || access & bit)
			return -1;
		access |= bit;
	}
	*out = access;
	return access ? 0 : -1;
}

static int check_source(const char *source, struct error *err)
{
	if (strncmp(source, "/dev/", 5) != 0 || !source[5] || strstr(source, "/../"))
		return error_set(err, "\"%.60s\" is not a device of the machine, such as /dev/vda",
				 source);
	return mount_target_check(source, err);
}

int parse_device(const char *text, struct arena *arena, struct device_request *out,
		 struct error *err)
{
	char *parts[PARTS_MAX] = {arena_strdup(arena, text)};
	size_t count = 0;
	if (!parts[0])
		return error_set(err, "no room for \"%.40s\"", text);
	for (char *rest = parts[0], *part; (part = strsep(&rest, ":"));) {
		if (count == PARTS_MAX)
			return error_set(err, "\"%.80s\" is not of the form "
					      "SOURCE[:TARGET][:PERMISSIONS]", text);
		parts[count++] = part;
	}
	*out = (struct device_request){parts[0], parts[0], DEVICE_ALL};
	/* "SOURCE:rw" has no target. */
	bool short_form = count == 2 && *parts[1] != '/';
	const char *access = count == 3 ? parts[2] : short_form ? parts[1] : NULL;
	if (access && take_access(access, &out->access) < 0)
		return error_set(err, "\"%.20s\" are no permissions of a device: some of r, w and m",
				 access);
	if (count > 1 && !short_form)
		out->target = parts[1];
	if (check_source(out->source, err) < 0)
		return -1;
	return mount_target_check(out->target, err);
}

/* A number, or * for any (-1), before `end`. */
static int take_number(const char **at, char end, int64_t *out)
{
	char *rest;
	if (**at == '*') {
		*out = -1;
		rest = (char *)(uintptr_t)*at + 1;
	} else if (**at < '0' || **at > '9') {
		return -1;
	} else {
		errno = 0;
		*out = (int64_t)strtoull(*at, &rest, 10);
		if (errno || *out > INT32_MAX || *out < 0)
			return -1;
	}
	if (*rest != end)
		return -1;
	*at = rest + 1;
	return 0;
}

int parse_device_rule(const char *text, struct device_rule *out, struct error *err)
{
	const char *at = text + 2;
	*out = (struct device_rule){.allow = true, .type = *text};
	if (*text && strchr("abc", *text) && text[1] == ' ' && take_number(&at, ':', &out->major) == 0 &&
	    take_number(&at, ' ', &out->minor) == 0 && take_access(at, &out->access) == 0)
		return 0;
	return error_set(err, "\"%.60s\" is not a rule for devices: a, b or c, then MAJOR:MINOR with * "
			      "for any, then some of r, w and m, such as \"c 10:229 rwm\"", text);
}

static int keep(struct machine *machine, struct string_list *list, const char *value,
		struct error *err)
{
	if (list->count == LIST_MAX)
		return error_set(err, "more than %d of them", LIST_MAX);
	return string_list_add(list, &machine->arena, value, err);
}

int add_device(struct machine *machine, const char *value, struct error *err)
{
	struct device_request request;
	size_t used = machine->arena.used;
	int result = parse_device(value, &machine->arena, &request, err);
	machine->arena.used = used; /* parsed for the sake of its check */
	return result < 0 ? -1 : keep(machine, &machine->container->devices, value, err);
}

int add_device_rule(struct machine *machine, const char *value, struct error *err)
{
	struct device_rule rule;
	return parse_device_rule(value, &rule, err) < 0
		       ? -1
		       : keep(machine, &machine->container->device_rules, value, err);
}

int add_group(struct machine *machine, const char *value, struct error *err)
{
	struct identity_part who, group;
	if (!*value || strchr(value, ':') || identity_parse(value, &who, &group, NULL) < 0)
		return error_set(err, "\"%.60s\" is neither the name of a group nor a number", value);
	return keep(machine, &machine->container->groups, value, err);
}
