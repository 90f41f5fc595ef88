// SPDX-License-Identifier: Apache-2.0
/* The array "mounts" and its options. */
#include "lib/cleanup.h"
#include "lib/syscalls.h"
#include "runtime/oci/config.h"
#include "runtime/oci/mount_options.h"

#include <sched.h>
#include <string.h>
#include <sys/mount.h>

enum { VALUE_MAX = 255 }; /* bytes that fsconfig(2) takes as one value */

static bool is(const char *text, const char *other)
{
	return text && strcmp(text, other) == 0;
}

/* Goes past what says nothing before a name: "/", "./". */
static const char *first_name(const char *path)
{
	for (;;) {
		path += strspn(path, "/");
		if (path[0] != '.' || path[1] != '/')
			return path;
		path++;
	}
}

static bool below(const char *path, const char *top)
{
	path = first_name(path);
	size_t length = strlen(top);
	return strncmp(path, top, length) == 0 && (path[length] == '/' || !path[length]);
}

/* What may be mounted into a procfs (by lxcfs and others) without hiding what the kernel says about
 * the process itself (CVE-2019-16884). */
static bool allowed_in_proc(const char *path)
{
	static const char *const ALLOWED[] = {
		"cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "slabinfo",
		"net/dev", "sys/kernel/ns_last_pid", "sys/crypto/fips_enabled",
	};
	path = first_name(first_name(path) + strlen("proc"));
	for (size_t i = 0; i < countof(ALLOWED); i++)
		if (is(path, ALLOWED[i]))
			return true;
	return false;
}

static void check_place(struct oci_reader *reader, const struct spec_mount *mount)
{
	const char *path = mount->destination, *rest = first_name(path);
	if (strstr(path, "..") && (below(path, "proc") || below(path, "sys")))
		oci_problem(reader, "mounts: \"..\" in %.80s", path);
	if (!below(path, "proc") || strchr(rest, '/') == NULL || !rest[strlen("proc/")])
		return;
	if (!mount->remount && !allowed_in_proc(path))
		oci_problem(reader, "mounts: %.80s is inside /proc", path);
}

/* A file system's own option. A list of overlay layers may be longer than one value can be. */
static void add_data(struct oci_reader *reader, const char *type, char *option,
		     struct mount_option *out, size_t *count, size_t most)
{
	char *value = strchr(option, '=');
	if (value)
		*value++ = 0;
	if (value && is(type, "overlay") && is(option, "lowerdir") && strlen(value) > VALUE_MAX) {
		for (char *layer; (layer = strsep(&value, ":"));)
			if (*count < most)
				out[(*count)++] = (struct mount_option){"lowerdir+", layer};
		return;
	}
	if (*count == most)
		oci_problem(reader, "mounts: more than %zu options of one file system", most);
	else
		out[(*count)++] = (struct mount_option){option, value};
}

static void read_options(struct oci_reader *reader, yyjson_val *item, struct spec_mount *mount,
			 bool *bind)
{
	struct string_list options = {0};
	enum { DATA_MAX = 600 };
	oci_texts(reader, item, "mounts[].options", &options);
	size_t most = DATA_MAX, count = 0;
	struct mount_option data[DATA_MAX + 2];
	if (mount->source)
		data[count++] = (struct mount_option){"source", mount->source};
	for (size_t i = 0; i < options.count; i++) {
		enum mount_option_kind kind = mount_option_apply(options.items[i], mount);
		*bind |= kind == MOUNT_OPTION_BIND;
		if (kind == MOUNT_OPTION_DATA && *options.items[i])
			add_data(reader, mount->type, options.items[i], data, &count, most);
	}
	struct mount_option *copy =
		oci_items(reader, count + 1, sizeof *copy, "mounts[].options");
	if (!copy)
		return;
	memcpy(copy, data, count * sizeof *copy);
	mount->options = copy;
}

static void finish_bind(struct oci_reader *reader, struct spec_mount *mount,
			const struct oci_config *config)
{
	mount->type = NULL;
	mount->options = NULL;
	if (mount->remount)
		return;
	if (!mount->source || !*mount->source)
		oci_problem(reader, "mounts: the bind mount on %.80s has no source",
			    mount->destination);
	else if (*mount->source != '/')
		mount->source = arena_printf(reader->arena, "%s/%s", config->bundle,
					     mount->source);
	if (!mount->source)
		oci_problem(reader, "mounts: no memory for a source");
}

/* With a cgroup namespace the hierarchy shows only the container's own group; without one that
 * group is bound (CVE-2023-25809). */
static void finish_cgroup(struct spec_mount *mount, const struct oci_config *config)
{
	if (config->spec.namespaces & CLONE_NEWCGROUP ||
	    config->namespace_paths[NAMESPACE_CGROUP]) {
		mount->type = "cgroup2";
		return;
	}
	mount->type = NULL;
	mount->own_cgroup = true;
}

/* The kernel lets only who owns the network namespace have a sysfs of its own: otherwise the host's
 * is bound, read-only, without what is mounted in it. */
static void finish_sysfs(struct spec_mount *mount, const struct oci_config *config)
{
	bool user = config->spec.namespaces & CLONE_NEWUSER ||
		    config->namespace_paths[NAMESPACE_USER];
	if (!user || config->spec.namespaces & CLONE_NEWNET ||
	    config->namespace_paths[NAMESPACE_NETWORK])
		return;
	mount->type = NULL;
	mount->options = NULL;
	mount->source = "/sys";
	mount->recursive = false;
	mount->set |= MOUNT_ATTR_RDONLY;
	mount->clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
}

static void read_mount(struct oci_reader *reader, yyjson_val *item, struct oci_config *config,
		       struct spec_mount *mount)
{
	bool bind;
	mount->destination = oci_needed_text(reader, item, "mounts[].destination");
	mount->type = oci_text(reader, item, "mounts[].type");
	mount->source = oci_text(reader, item, "mounts[].source");
	bind = is(mount->type, "bind");
	read_options(reader, item, mount, &bind);
	if (reader->bad)
		return;
	oci_config_id_maps(reader, item, "mounts[].uidMappings", "mounts[].gidMappings", &mount->maps);
	if (mount->maps.uid_count && !mount->idmap)
		mount->idmap = true;
	if (bind || mount->remount)
		finish_bind(reader, mount, config);
	else if (!mount->type || !*mount->type || is(mount->type, "none"))
		oci_problem(reader, "mounts: %.80s has neither a type nor the option bind",
			    mount->destination);
	else if (is(mount->type, "cgroup") || is(mount->type, "cgroup2"))
		finish_cgroup(mount, config);
	mount->ensure_real = is(mount->type, "proc") || is(mount->type, "sysfs");
	if (is(mount->type, "sysfs"))
		finish_sysfs(mount, config);
	if (mount->copy_up && !is(mount->type, "tmpfs"))
		oci_problem(reader, "mounts: tmpcopyup on %.80s, which is no tmpfs",
			    mount->destination);
	check_place(reader, mount);
}

void oci_config_mounts(struct oci_reader *reader, yyjson_val *root, struct oci_config *config)
{
	yyjson_val *array = oci_array(reader, root, "mounts"), *item;
	size_t i, count, total = yyjson_arr_size(array);
	if (total > CONFIG_MOUNTS_MAX) {
		oci_problem(reader, "%zu mounts are more than %d", total, CONFIG_MOUNTS_MAX);
		return;
	}
	struct spec_mount *mounts = oci_items(reader, total, sizeof *mounts, "mounts");
	yyjson_arr_foreach(array, i, count, item) {
		if (reader->bad)
			return;
		read_mount(reader, item, config, &mounts[i]);
		/* A /dev that comes from the host is complete. */
		if (!mounts[i].type && is(mounts[i].destination, "/dev"))
			config->spec.make_devices = false;
	}
	config->spec.mounts = mounts;
	config->spec.mount_count = mounts ? total : 0;
}
