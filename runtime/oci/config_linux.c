// SPDX-License-Identifier: Apache-2.0
/* The object "linux", without resources and seccomp. */
#include "lib/cleanup.h"
#include "runtime/label.h"
#include "runtime/namespaces.h"
#include "runtime/oci/config.h"

#include <linux/personality.h>
#include <string.h>
#include <sys/mount.h>

static int namespace_number(const char *name)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		if (strcmp(namespace_kinds[i].name, name) == 0)
			return i;
	return -1;
}

static void read_namespaces(struct oci_reader *reader, yyjson_val *section, struct oci_config *config)
{
	yyjson_val *array = oci_array(reader, section, "linux.namespaces"), *item;
	unsigned seen = 0;
	size_t i, count;
	yyjson_arr_foreach(array, i, count, item) {
		const char *name = oci_needed_text(reader, item, "linux.namespaces[].type");
		const char *path = oci_text(reader, item, "linux.namespaces[].path");
		int kind = namespace_number(name);
		if (reader->bad)
			return;
		if (kind < 0 || seen >> kind & 1) {
			oci_problem(reader, "linux.namespaces: %s \"%.40s\"",
				    kind < 0 ? "unknown" : "twice", name);
			return;
		}
		seen |= 1U << kind;
		if (path && *path && *path != '/')
			oci_problem(reader, "linux.namespaces: \"%.80s\" is not absolute", path);
		if (path && *path)
			config->namespace_paths[kind] = path;
		else
			config->spec.namespaces |= namespace_kinds[kind].flag;
	}
}

static size_t read_maps(struct oci_reader *reader, yyjson_val *object, const char *path,
			const struct id_map **out)
{
	yyjson_val *array = oci_array(reader, object, path), *item;
	size_t i, count, total = yyjson_arr_size(array);
	struct id_map *maps = oci_items(reader, total, sizeof *maps, path);
	yyjson_arr_foreach(array, i, count, item) {
		if (!maps)
			return 0;
		maps[i].inside = oci_u32(reader, item, "ID mapping.containerID", 0);
		maps[i].outside = oci_u32(reader, item, "ID mapping.hostID", 0);
		maps[i].size = oci_u32(reader, item, "ID mapping.size", 0);
		if (maps[i].size == 0)
			oci_problem(reader, "%s: element %zu has no size", path, i);
	}
	*out = maps;
	return maps ? total : 0;
}

void oci_config_id_maps(struct oci_reader *reader, yyjson_val *object, const char *uids,
		    const char *gids, struct id_maps *out)
{
	out->uid_count = read_maps(reader, object, uids, &out->uids);
	out->gid_count = read_maps(reader, object, gids, &out->gids);
}

static void read_offsets(struct oci_reader *reader, yyjson_val *section, struct container_spec *spec)
{
	yyjson_val *object = oci_object(reader, section, "linux.timeOffsets");
	yyjson_val *monotonic = oci_object(reader, object, "linux.timeOffsets.monotonic");
	yyjson_val *boottime = oci_object(reader, object, "linux.timeOffsets.boottime");
	spec->has_time_offsets = monotonic || boottime;
	oci_int(reader, monotonic, "linux.timeOffsets.monotonic.secs", INT64_MIN, INT64_MAX,
		&spec->monotonic_s);
	oci_int(reader, boottime, "linux.timeOffsets.boottime.secs", INT64_MIN, INT64_MAX,
		&spec->boottime_s);
	spec->monotonic_ns =
		oci_u32(reader, monotonic, "linux.timeOffsets.monotonic.nanosecs", 0);
	spec->boottime_ns = oci_u32(reader, boottime, "linux.timeOffsets.boottime.nanosecs", 0);
}

static void read_device(struct oci_reader *reader, yyjson_val *item, struct spec_device *device)
{
	int64_t number;
	char *path = oci_needed_text(reader, item, "linux.devices[].path");
	for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
		path[end - 1] = 0;
	device->path = path;
	const char *type = oci_needed_text(reader, item, "linux.devices[].type");
	if (reader->bad)
		return;
	if (!*type || type[1] || !strchr("cubp", *type))
		oci_problem(reader, "linux.devices: type \"%.20s\" is not c, b, u or p", type);
	device->type = *type == 'u' ? 'c' : *type;
	device->mode = 0666;
	if (oci_int(reader, item, "linux.devices[].major", 0, 4095, &number))
		device->major = (unsigned)number;
	else if (device->type != 'p')
		oci_problem(reader, "linux.devices: %s lacks major", device->path);
	if (oci_int(reader, item, "linux.devices[].minor", 0, 1048575, &number))
		device->minor = (unsigned)number;
	else if (device->type != 'p')
		oci_problem(reader, "linux.devices: %s lacks minor", device->path);
	if (oci_int(reader, item, "linux.devices[].fileMode", 0, 0177777, &number))
		device->mode = (mode_t)number & 07777;
	device->uid = oci_u32(reader, item, "linux.devices[].uid", 0);
	device->gid = oci_u32(reader, item, "linux.devices[].gid", 0);
}

static void read_devices(struct oci_reader *reader, yyjson_val *section, struct container_spec *spec)
{
	yyjson_val *array = oci_array(reader, section, "linux.devices"), *item;
	size_t i, count, total = yyjson_arr_size(array);
	struct spec_device *devices = oci_items(reader, total, sizeof *devices, "linux.devices");
	yyjson_arr_foreach(array, i, count, item)
		if (devices)
			read_device(reader, item, &devices[i]);
	spec->devices = devices;
	spec->device_count = devices ? total : 0;
}

static void read_sysctls(struct oci_reader *reader, yyjson_val *section, struct container_spec *spec)
{
	yyjson_val *object = oci_object(reader, section, "linux.sysctl"), *key, *value;
	size_t i, count, total = yyjson_obj_size(object);
	struct sysctl *sysctls = oci_items(reader, total, sizeof *sysctls, "linux.sysctl");
	yyjson_obj_foreach(object, i, count, key, value) {
		const char *name = json_value_text(key), *text = json_value_text(value);
		if (!sysctls)
			return;
		if (!name || !text)
			oci_problem(reader, "linux.sysctl: element %zu is not a text", i);
		else
			sysctls[i] = (struct sysctl){arena_strdup(reader->arena, name),
						     arena_strdup(reader->arena, text)};
		if (!sysctls[i].name || !sysctls[i].value)
			oci_problem(reader, "linux.sysctl: no memory");
	}
	spec->sysctls = sysctls;
	spec->sysctl_count = sysctls ? total : 0;
}

static void read_propagation(struct oci_reader *reader, yyjson_val *section,
			     struct container_spec *spec)
{
	static const struct {
		const char *name;
		unsigned long value;
	} VALUES[] = {{"private", MS_PRIVATE},   {"rprivate", MS_PRIVATE},
		      {"shared", MS_SHARED},     {"rshared", MS_SHARED},
		      {"slave", MS_SLAVE},       {"rslave", MS_SLAVE},
		      {"unbindable", MS_UNBINDABLE}, {"runbindable", MS_UNBINDABLE}};
	const char *text = oci_text(reader, section, "linux.rootfsPropagation");
	if (!text || !*text)
		return;
	for (size_t i = 0; i < countof(VALUES); i++)
		if (strcmp(VALUES[i].name, text) == 0)
			spec->root_propagation = VALUES[i].value;
	if (!spec->root_propagation)
		oci_problem(reader, "linux.rootfsPropagation: unknown \"%.40s\"", text);
}

static void read_personality(struct oci_reader *reader, yyjson_val *section,
			     struct container_spec *spec)
{
	yyjson_val *object = oci_object(reader, section, "linux.personality");
	if (!object)
		return;
	const char *domain = oci_needed_text(reader, object, "linux.personality.domain");
	spec->has_personality = true;
	spec->personality = strcmp(domain, "LINUX32") == 0 ? PER_LINUX32 : PER_LINUX;
	if (strcmp(domain, "LINUX") != 0 && spec->personality == PER_LINUX)
		oci_problem(reader, "linux.personality.domain: unknown \"%.40s\"", domain);
}

/* What would be left out silently is refused. */
static void refuse(struct oci_reader *reader, yyjson_val *section)
{
	static const struct {
		const char *path, *why;
	} REFUSED[] = {
		{"linux.intelRdt", "resctrl is not supported"},
	};
	for (size_t i = 0; i < countof(REFUSED); i++)
		if (oci_object(reader, section, REFUSED[i].path))
			oci_problem(reader, "%s: %s", REFUSED[i].path, REFUSED[i].why);
}

/* A label alone confines nothing: a process label, which does, is refused without SELinux. */
static void read_mount_label(struct oci_reader *reader, yyjson_val *section,
			     struct container_spec *spec)
{
	const char *label = oci_text(reader, section, "linux.mountLabel");
	if (!label || !*label)
		return;
	if (label_has_selinux())
		spec->mount_label = label;
	else
		oci_warn(reader, "linux.mountLabel has no effect: this kernel runs no SELinux");
}

void oci_config_linux(struct oci_reader *reader, yyjson_val *section, struct oci_config *config)
{
	struct container_spec *spec = &config->spec;
	read_namespaces(reader, section, config);
	oci_config_id_maps(reader, section, "linux.uidMappings", "linux.gidMappings", &spec->maps);
	read_offsets(reader, section, spec);
	read_devices(reader, section, spec);
	read_sysctls(reader, section, spec);
	read_propagation(reader, section, spec);
	read_personality(reader, section, spec);
	oci_texts(reader, section, "linux.maskedPaths", &spec->masked_paths);
	oci_texts(reader, section, "linux.readonlyPaths", &spec->readonly_paths);
	spec->cgroup_path = oci_text(reader, section, "linux.cgroupsPath");
	oci_config_resources(reader, oci_object(reader, section, "linux.resources"), &spec->resources);
	oci_config_seccomp(reader, oci_object(reader, section, "linux.seccomp"),
		       &spec->process.seccomp);
	oci_config_net_devices(reader, section, config);
	read_mount_label(reader, section, spec);
	oci_config_memory_policy(reader, oci_object(reader, section, "linux.memoryPolicy"),
				 &spec->memory_policy);
	refuse(reader, section);
}
