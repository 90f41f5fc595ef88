// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification_options.h"

#include "init/config/container_options.h"
#include "init/supervise/specification_devices.h"
#include "runtime/seccomp.h"

#include <inttypes.h>
#include <string.h>

static int no_room(struct error *err)
{
	return error_set(err, "the container's settings are too large");
}

static int set_capabilities(const struct container_config *config, struct arena *arena,
			    struct container_spec *spec, struct error *err)
{
	uint64_t mask;
	if (container_capabilities(&config->cap_add, &config->cap_drop, config->privileged, &mask,
				   err) < 0)
		return -1;
	struct capability_sets *sets = &spec->process.capabilities;
	sets->bounding = sets->effective = sets->permitted = mask;
	return seccomp_for_capabilities(mask, arena, &spec->process.seccomp, err);
}

/* The default limits but those that are stated, and those. */
static int set_limits(const struct container_config *config, struct arena *arena,
		      struct container_spec *spec, struct error *err)
{
	const struct process_spec *process = &spec->process;
	size_t count = 0, most = process->limit_count + config->ulimits.count;
	struct resource_limit *limits = arena_alloc(arena, most * sizeof *limits + 1);
	if (!limits)
		return no_room(err);
	for (size_t i = 0; i < config->ulimits.count; i++)
		if (parse_ulimit(config->ulimits.items[i], &limits[count++], err) < 0)
			return -1;
	for (size_t i = 0; i < process->limit_count; i++) {
		size_t at = 0;
		while (at < config->ulimits.count &&
		       limits[at].resource != process->limits[i].resource)
			at++;
		if (at == config->ulimits.count)
			limits[count++] = process->limits[i];
	}
	spec->process.limits = limits;
	spec->process.limit_count = count;
	return 0;
}

static int set_sysctls(const struct container_config *config, struct arena *arena,
		       struct container_spec *spec, struct error *err)
{
	size_t count = spec->sysctl_count;
	struct sysctl *list =
		arena_alloc(arena, (count + config->sysctls.count) * sizeof *list + 1);
	if (!list)
		return no_room(err);
	if (count)
		memcpy(list, spec->sysctls, count * sizeof *list);
	for (size_t i = 0; i < config->sysctls.count; i++)
		if (parse_sysctl(config->sysctls.items[i], arena, &list[count++], err) < 0)
			return -1;
	spec->sysctls = list;
	spec->sysctl_count = count;
	return 0;
}

/* /dev/shm of the stated size, in the place of the default one. */
static int resize_shm(uint64_t bytes, struct arena *arena, struct spec_mount *mount,
		      struct error *err)
{
	struct mount_option *options = arena_alloc(arena, 4 * sizeof *options);
	const char *size = arena_printf(arena, "%" PRIu64, bytes);
	if (!options || !size)
		return no_room(err);
	options[0] = (struct mount_option){"source", "shm"};
	options[1] = (struct mount_option){"mode", "1777"};
	options[2] = (struct mount_option){"size", size};
	mount->options = options;
	return 0;
}

static int set_shm(const struct container_config *config, struct arena *arena,
		   struct container_spec *spec, struct error *err)
{
	struct spec_mount *mounts = arena_alloc(arena, spec->mount_count * sizeof *mounts + 1);
	if (!mounts)
		return no_room(err);
	memcpy(mounts, spec->mounts, spec->mount_count * sizeof *mounts);
	for (size_t i = 0; i < spec->mount_count; i++)
		if (strcmp(mounts[i].destination, "/dev/shm") == 0 &&
		    resize_shm(config->shm_bytes, arena, &mounts[i], err) < 0)
			return -1;
	spec->mounts = mounts;
	return 0;
}

int specification_options(const struct container_config *config, struct arena *arena,
			  struct container_spec *spec, struct error *err)
{
	spec->root_readonly = config->read_only;
	spec->process.oom_score_adj = config->oom_score_adj;
	spec->process.more_groups = config->groups;
	if (set_capabilities(config, arena, spec, err) < 0 || set_limits(config, arena, spec, err) < 0 ||
	    set_sysctls(config, arena, spec, err) < 0 ||
	    specification_devices(config, arena, spec, err) < 0)
		return -1;
	return config->shm_bytes ? set_shm(config, arena, spec, err) : 0;
}
