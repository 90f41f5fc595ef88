// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/specification_devices.h"

#include "init/config/device_keys.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Nobody but the kernel makes anything in the machine's /dev. */
static int find_device(const struct device_request *request, struct spec_device *device,
		       struct device_rule *rule, struct error *err)
{
	struct stat st;
	if (lstat(request->source, &st) < 0)
		return error_errno(err, errno, "device %s", request->source);
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return error_set(err, "%s is not a device%s", request->source,
				 S_ISDIR(st.st_mode) ? " but a directory: name each in it" : "");
	char type = S_ISBLK(st.st_mode) ? 'b' : 'c';
	*device = (struct spec_device){.path = request->target,
				       .type = type,
				       .major = major(st.st_rdev),
				       .minor = minor(st.st_rdev),
				       .mode = st.st_mode & 0777,
				       .uid = st.st_uid,
				       .gid = st.st_gid};
	*rule = (struct device_rule){true, type, major(st.st_rdev), minor(st.st_rdev),
				     request->access};
	return 0;
}

int specification_devices(const struct container_config *config, struct arena *arena,
			  struct container_spec *spec, struct error *err)
{
	size_t count = config->devices.count, rules = count + config->device_rules.count;
	if (!rules)
		return 0;
	struct spec_device *nodes = arena_alloc(arena, count * sizeof *nodes + 1);
	struct device_rule *filter = arena_alloc(arena, rules * sizeof *filter);
	if (!nodes || !filter)
		return error_set(err, "the container's settings are too large");
	for (size_t i = 0; i < count; i++) {
		struct device_request request;
		if (parse_device(config->devices.items[i], arena, &request, err) < 0 ||
		    find_device(&request, &nodes[i], &filter[i], err) < 0)
			return -1;
	}
	for (size_t i = count; i < rules; i++)
		if (parse_device_rule(config->device_rules.items[i - count], &filter[i], err) < 0)
			return -1;
	spec->devices = nodes;
	spec->device_count = count;
	spec->resources.devices = filter;
	spec->resources.device_count = rules;
	spec->resources.has_devices = true;
	return 0;
}
