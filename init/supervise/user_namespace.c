// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/user_namespace.h"

#include "init/config/sharing.h"
#include "runtime/namespaces.h"

#include <stdlib.h>
#include <string.h>

enum { ID_BITS = 24 };

/* That of the first one whose namespaces are shared: it has been started before. */
static int share(struct instance *instance, const char *service, struct error *err)
{
	const struct instance *donor = instance_of_service(instance, service);
	if (!donor || donor->user_ns < 0)
		return error_set(err, "the users of %.60s cannot be shared: it has not been started",
				 service);
	instance->user_ns = donor->user_ns;
	instance->user_base = donor->user_base;
	return 0;
}

static int make(struct instance *instance, struct error *err)
{
	uint32_t base = (uint32_t)(1 + instance->number) << ID_BITS;
	const struct id_map map = {0, base, UINT32_C(1) << ID_BITS};
	const struct id_maps maps = {.uids = &map, .gids = &map, .uid_count = 1, .gid_count = 1};
	instance->user_ns = namespaces_make_user(&maps, err);
	instance->user_base = base;
	return instance->user_ns < 0 ? -1 : 0;
}

int user_namespace_find(struct instance *instance, struct error *err)
{
	const char *services[3];
	if (instance->user_ns >= 0 || !sharing_is_remapped(instance->machine, instance->config))
		return 0;
	return sharing_donors(instance->config, services) ? share(instance, services[0], err)
							  : make(instance, err);
}

/* Terminals belong to a group by its number outside: devpts knows no maps. */
static int map_terminals(const struct instance *instance, struct arena *arena,
			 struct spec_mount *mount, struct error *err)
{
	enum { OPTIONS_MAX = 8 };
	struct mount_option *options = arena_alloc(arena, (OPTIONS_MAX + 1) * sizeof *options);
	size_t count = 0;
	if (!options)
		return error_set(err, "the container's settings are too large");
	for (const struct mount_option *own = mount->options; own && own->key && count < OPTIONS_MAX;
	     own++) {
		options[count] = *own;
		if (strcmp(own->key, "gid") == 0 || strcmp(own->key, "uid") == 0)
			options[count].value = arena_printf(
				arena, "%lu", instance->user_base + strtoul(own->value, NULL, 10));
		if (own->value && !options[count].value)
			return error_set(err, "the container's settings are too large");
		count++;
	}
	options[count] = (struct mount_option){NULL, NULL};
	mount->options = options;
	return 0;
}

int user_namespace_specify(const struct instance *instance, struct arena *arena,
			   struct container_spec *spec, struct error *err)
{
	if (instance->user_ns < 0)
		return 0;
	struct spec_mount *mounts = arena_alloc(arena, spec->mount_count * sizeof *mounts);
	if (!mounts)
		return error_set(err, "the container's settings are too large");
	memcpy(mounts, spec->mounts, spec->mount_count * sizeof *mounts);
	for (size_t i = 0; i < spec->mount_count; i++)
		if (mounts[i].type && strcmp(mounts[i].type, "devpts") == 0 &&
		    map_terminals(instance, arena, &mounts[i], err) < 0)
			return -1;
	spec->mounts = mounts;
	spec->remap.on = true;
	spec->remap.user_ns = instance->user_ns;
	spec->remap.base = instance->user_base;
	return 0;
}
