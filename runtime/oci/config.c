// SPDX-License-Identifier: Apache-2.0
#include "runtime/oci/config.h"

#include "lib/cleanup.h"
#include "runtime/sysctl.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static const char *absolute(struct oci_reader *reader, const char *bundle, const char *path)
{
	const char *full = *path == '/' ? path
					: arena_printf(reader->arena, "%s/%s", bundle, path);
	if (!full)
		oci_problem(reader, "no memory for the path %.80s", path);
	return full ? full : "";
}

static void read_root(struct oci_reader *reader, yyjson_val *root, struct oci_config *config)
{
	yyjson_val *object = oci_object(reader, root, "root");
	if (!object) {
		oci_problem(reader, "root is missing");
		return;
	}
	config->root = oci_needed_text(reader, object, "root.path");
	if (!*config->root)
		oci_problem(reader, "root.path is empty");
	config->spec.root_path = absolute(reader, config->bundle, config->root);
	config->spec.root_readonly = oci_bool(reader, object, "root.readonly");
}

static void read_annotations(struct oci_reader *reader, yyjson_val *root, struct oci_config *config)
{
	yyjson_val *object = oci_object(reader, root, "annotations");
	size_t i, count;
	yyjson_val *key, *value;
	yyjson_obj_foreach(object, i, count, key, value)
		if (!json_value_text(value))
			oci_problem(reader, "annotations: the value of \"%.60s\" is not a text",
				    yyjson_get_str(key));
	config->annotations = object ? oci_json(reader, object) : "{}";
}

/* Any 1.x: later ones only add, and what is not known is not read. */
static void read_version(struct oci_reader *reader, yyjson_val *root, struct oci_config *config)
{
	config->version = oci_needed_text(reader, root, "ociVersion");
	if (strncmp(config->version, "1.", 2) != 0)
		oci_problem(reader, "ociVersion %.40s is not 1.x", config->version);
}

static void read_all(struct oci_reader *reader, yyjson_val *root, struct oci_config *config)
{
	struct container_spec *spec = &config->spec;
	read_version(reader, root, config);
	read_root(reader, root, config);
	yyjson_val *process = oci_object(reader, root, "process");
	config->has_process = process;
	if (process)
		oci_config_process(reader, process, &spec->process);
	spec->hostname = oci_text(reader, root, "hostname");
	spec->domainname = oci_text(reader, root, "domainname");
	oci_config_linux(reader, oci_object(reader, root, "linux"), config);
	oci_config_mounts(reader, root, config);
	oci_config_hooks(reader, oci_object(reader, root, "hooks"), config);
	read_annotations(reader, root, config);
}

int oci_config_parse(struct oci_config *config, const char *bundle, const char *text, size_t size,
		 struct error *err)
{
	*config = (struct oci_config){.bundle = bundle, .block = malloc(CONFIG_ARENA)};
	if (!config->block)
		return error_set(err, "no memory for the configuration");
	arena_init(&config->arena, config->block, CONFIG_ARENA);
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		config->spec.join[i] = -1;
	config->spec.process.stdin_fd = 0;
	config->spec.process.stdout_fd = 1;
	config->spec.process.stderr_fd = 2;
	config->spec.make_devices = true;
	struct json json;
	if (json_open(&json, "config.json", text, size, CONFIG_ARENA, err) < 0) {
		json_close(&json);
		return -1;
	}
	struct oci_reader reader = {.arena = &config->arena, .err = err,
				    .warnings = &config->warnings};
	read_all(&reader, json_root(&json), config);
	json_close(&json);
	if (reader.bad)
		return error_context(err, "config.json");
	return oci_config_check(config, err) < 0 ? error_context(err, "config.json") : 0;
}

void oci_config_free(struct oci_config *config)
{
	free(config->block);
	config->block = NULL;
}

int oci_process_parse(struct oci_config *config, const char *name, const char *text, size_t size,
		      struct process_spec *out, struct error *err)
{
	struct json json;
	int done = json_open(&json, name, text, size, CONFIG_ARENA, err);
	if (done == 0) {
		struct oci_reader reader = {.arena = &config->arena, .err = err};
		oci_config_process(&reader, json_root(&json), out);
		done = reader.bad ? error_context(err, "%s", name) : 0;
	}
	json_close(&json);
	return done;
}

int oci_resources_parse(struct arena *arena, const char *text, size_t size, struct resources *out,
			struct error *err)
{
	struct json json;
	int done = json_open(&json, "resources", text, size, CONFIG_ARENA, err);
	if (done == 0) {
		struct oci_reader reader = {.arena = arena, .err = err};
		oci_config_resources(&reader, json_root(&json), out);
		done = reader.bad ? -1 : 0;
	}
	json_close(&json);
	return done < 0 ? error_context(err, "resources") : 0;
}

static bool own(const struct oci_config *config, enum spec_namespace kind, unsigned long flag)
{
	return config->spec.namespaces & flag || config->namespace_paths[kind];
}

static int check_sysctl(const struct oci_config *config, const struct sysctl *sysctl,
			struct error *err)
{
	enum spec_namespace kind = sysctl_namespace(sysctl->name);
	if (kind == NAMESPACE_COUNT)
		return error_set(err, "sysctl \"%.80s\" belongs to no namespace of a container",
				 sysctl->name);
	if (config->spec.domainname && strcmp(sysctl->name, "kernel.domainname") == 0 &&
	    strcmp(sysctl->value, config->spec.domainname) != 0)
		return error_set(err, "sysctl \"%s\" says otherwise than domainname", sysctl->name);
	static const unsigned long flags[NAMESPACE_COUNT] = {
		[NAMESPACE_NETWORK] = CLONE_NEWNET, [NAMESPACE_IPC] = CLONE_NEWIPC,
		[NAMESPACE_UTS] = CLONE_NEWUTS};
	if (!own(config, kind, flags[kind]))
		return error_set(err, "sysctl \"%.80s\" would change the host's: the container has "
				      "no namespace of its own for it", sysctl->name);
	return 0;
}

int oci_config_check(const struct oci_config *config, struct error *err)
{
	const struct container_spec *spec = &config->spec;
	if (!own(config, NAMESPACE_MOUNT, CLONE_NEWNS))
		return error_set(err, "linux.namespaces has no mount namespace: the container's "
				      "mounts would be the host's");
	if ((spec->hostname || spec->domainname) && !own(config, NAMESPACE_UTS, CLONE_NEWUTS))
		return error_set(err, "hostname without a UTS namespace would change the host's");
	for (size_t i = 0; i < spec->sysctl_count; i++)
		if (check_sysctl(config, &spec->sysctls[i], err) < 0)
			return -1;
	bool mapped = spec->maps.uid_count && spec->maps.gid_count;
	if (spec->namespaces & CLONE_NEWUSER && !mapped)
		return error_set(err, "a new user namespace needs linux.uidMappings and "
				      "linux.gidMappings");
	if (mapped && !own(config, NAMESPACE_USER, CLONE_NEWUSER))
		return error_set(err, "linux.uidMappings without a user namespace");
	return 0;
}
