// SPDX-License-Identifier: Apache-2.0
/* "linux.netDevices". */
#include "lib/cleanup.h"
#include "runtime/oci/config.h"

#include <ctype.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>

/* As the kernel takes them; one "%d" may end a new name, for which the kernel finds a number. */
static bool valid_name(const char *name, bool may_be_template)
{
	size_t length = strlen(name);
	if (length == 0 || length >= IFNAMSIZ || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++) {
		bool template = may_be_template && i + 2 == length && strcmp(name + i, "%d") == 0;
		if (strchr("/:", name[i]) || isspace((unsigned char)name[i]) ||
		    (name[i] == '%' && !template))
			return false;
	}
	return true;
}

static void read_device(struct oci_reader *reader, const char *name, yyjson_val *value,
			struct string_list *out)
{
	const char *wanted = oci_text(reader, value, "linux.netDevices.name");
	if (!wanted || !*wanted)
		wanted = name;
	if (!valid_name(name, false) || !valid_name(wanted, true))
		oci_problem(reader, "linux.netDevices: \"%.40s\" is no name of a device",
			    valid_name(name, false) ? wanted : name);
	else if (string_list_add(out, reader->arena, name, reader->err) < 0 ||
		 string_list_add(out, reader->arena, wanted, reader->err) < 0)
		reader->bad = true;
}

void oci_config_net_devices(struct oci_reader *reader, yyjson_val *section,
			    struct oci_config *config)
{
	yyjson_val *object = oci_object(reader, section, "linux.netDevices"), *key, *value;
	size_t i, count;
	yyjson_obj_foreach(object, i, count, key, value) {
		const char *name = json_value_text(key);
		if (reader->bad)
			return;
		if (!name || !yyjson_is_obj(value))
			oci_problem(reader, "linux.netDevices: element %zu is no object", i);
		else
			read_device(reader, name, value, &config->spec.net_devices);
	}
	if (config->spec.net_devices.count && !(config->spec.namespaces & CLONE_NEWNET) &&
	    !config->namespace_paths[NAMESPACE_NETWORK])
		oci_problem(reader, "linux.netDevices: the container has no network namespace of "
				    "its own");
}
