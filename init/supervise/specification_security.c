// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification_security.h"

#include "init/config/files.h"
#include "init/config/security.h"

#include <linux/mount.h>
#include <string.h>

#define REAPER "/usr/share/berth/reaper" /* rootfs/initramfs.list */

static int no_room(struct error *err)
{
	return error_set(err, "the container's settings are too large");
}

static void unmask(struct container_spec *spec)
{
	spec->masked_paths = spec->readonly_paths = (struct string_list){0};
	spec->mask_thermal = false;
}

static int set_filter(const struct machine *machine, const struct container_config *config,
		      struct arena *arena, struct container_spec *spec, struct error *err)
{
	const struct machine_content *content =
		machine_find_content(machine, config->seccomp_profile);
	if (!content || security_check(machine, config, err) < 0)
		return error_set(err, "there is no %.80s", config->seccomp_profile);
	size_t size = content->size - SECCOMP_HEADER;
	struct sock_filter *code = arena_alloc(arena, size);
	uint32_t flags;
	if (!code)
		return no_room(err);
	memcpy(&flags, content->bytes, sizeof flags);
	memcpy(code, content->bytes + SECCOMP_HEADER, size); /* aligned */
	spec->process.seccomp = (struct seccomp_filter){
		.code = code, .length = (unsigned short)(size / sizeof *code), .flags = flags};
	return 0;
}

/* The kernel's file systems of Docker's list that are read-only by themselves. */
static int make_writable(struct arena *arena, struct container_spec *spec, struct error *err)
{
	struct spec_mount *mounts = arena_alloc(arena, spec->mount_count * sizeof *mounts);
	if (!mounts)
		return no_room(err);
	for (size_t i = 0; i < spec->mount_count; i++) {
		mounts[i] = spec->mounts[i];
		if (mounts[i].type && strncmp(mounts[i].destination, "/sys", 4) == 0)
			mounts[i].set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	}
	spec->mounts = mounts;
	return 0;
}

/* It can make groups below its own, which somebody has to remove again. */
static int limit_groups(struct arena *arena, struct container_spec *spec, struct error *err)
{
	struct resources *resources = &spec->resources;
	size_t count = resources->setting_count;
	struct cgroup_setting *settings = arena_alloc(arena, (count + 1) * sizeof *settings);
	if (!settings)
		return no_room(err);
	if (count)
		memcpy(settings, resources->settings, count * sizeof *settings);
	settings[count] = (struct cgroup_setting){.file = "cgroup.max.descendants",
						      .value = "1000"};
	resources->settings = settings;
	resources->setting_count = count + 1;
	return 0;
}

static int free_from_all(struct arena *arena, struct container_spec *spec, struct error *err)
{
	static const struct device_rule everything[] = {{true, 'a', -1, -1, DEVICE_ALL}};
	unmask(spec);
	spec->process.no_new_privs = false;
	spec->process.seccomp = (struct seccomp_filter){0};
	spec->all_devices = true;
	spec->resources.devices = everything;
	spec->resources.device_count = 1;
	spec->resources.has_devices = true;
	return limit_groups(arena, spec, err) < 0 ? -1 : make_writable(arena, spec, err);
}

int specification_security(const struct machine *machine, const struct container_config *config,
			   struct arena *arena, struct container_spec *spec, struct error *err)
{
	spec->process.reaper = config->init ? REAPER : NULL;
	if (config->privileged && free_from_all(arena, spec, err) < 0)
		return -1;
	if (config->seccomp_profile && set_filter(machine, config, arena, spec, err) < 0)
		return -1;
	for (size_t i = 0; i < config->security.count; i++) {
		enum security_option option;
		const char *profile;
		if (parse_security(config->security.items[i], &option, &profile, err) < 0)
			return -1;
		if (option == SECURITY_GAINS || option == SECURITY_NO_GAINS)
			spec->process.no_new_privs = option == SECURITY_NO_GAINS;
		else if (option == SECURITY_NO_FILTER)
			spec->process.seccomp = (struct seccomp_filter){0};
		else if (option == SECURITY_NOTHING_MASKED)
			unmask(spec);
	}
	return 0;
}
