// SPDX-License-Identifier: Apache-2.0
/* A bundle's config.json (runtime-spec 1.3, Linux) as a container's specification. */
#ifndef BERTH_RUNTIME_OCI_CONFIG_H
#define BERTH_RUNTIME_OCI_CONFIG_H

#include "runtime/oci/reader.h"
#include "runtime/spec.h"

enum {
	CONFIG_TEXT_MAX = 8 * 1024 * 1024, /* bytes of config.json */
	CONFIG_ARENA = 32 * 1024 * 1024,   /* only what is used is ever touched */
	CONFIG_MOUNTS_MAX = 1024,
};

struct oci_config {
	struct container_spec spec;
	const char *namespace_paths[NAMESPACE_COUNT]; /* to join, or NULL */
	struct hook_list prestart, create_runtime, poststart, poststop;
	const char *annotations; /* a JSON object */
	const char *version;     /* ociVersion */
	const char *root;        /* root.path as it stands there */
	const char *bundle;      /* its directory, absolute */
	bool has_process;
	struct string_list warnings;
	struct arena arena;
	void *block;
};

/* Parses the text. `bundle` (absolute) is what relative paths start from. Release with
 * oci_config_free(), also after failure. */
int oci_config_parse(struct oci_config *config, const char *bundle, const char *text, size_t size,
		 struct error *err);
void oci_config_free(struct oci_config *config);

/* A process object alone, as exec takes it, into the arena of the container's configuration. `name`
 * is for messages. */
int oci_process_parse(struct oci_config *config, const char *name, const char *text, size_t size,
		      struct process_spec *out, struct error *err);
/* A resources object alone, as update takes it. Texts are copied into the arena. */
int oci_resources_parse(struct arena *arena, const char *text, size_t size, struct resources *out,
			struct error *err);

/* Parts; each in a file of its own. All report through the reader. */
void oci_config_process(struct oci_reader *reader, yyjson_val *process, struct process_spec *out);
void oci_config_mounts(struct oci_reader *reader, yyjson_val *root, struct oci_config *config);
void oci_config_id_maps(struct oci_reader *reader, yyjson_val *object, const char *uids,
		    const char *gids, struct id_maps *out);
void oci_config_linux(struct oci_reader *reader, yyjson_val *section, struct oci_config *config);
/* After the namespaces. */
void oci_config_net_devices(struct oci_reader *reader, yyjson_val *section,
			    struct oci_config *config);
void oci_config_resources(struct oci_reader *reader, yyjson_val *resources, struct resources *out);
void oci_config_seccomp(struct oci_reader *reader, yyjson_val *seccomp, struct seccomp_filter *out);
void oci_config_hooks(struct oci_reader *reader, yyjson_val *hooks, struct oci_config *config);
void oci_config_memory_policy(struct oci_reader *reader, yyjson_val *object,
			      struct memory_policy *out);
/* What the specification forbids as a whole. */
int oci_config_check(const struct oci_config *config, struct error *err);

struct oci_number {
	const char *name; /* NULL ends a table */
	unsigned value;
};
extern const struct oci_number oci_memory_modes[], oci_memory_flags[];

/* The value of a name; one that is not in the table is a problem. */
unsigned oci_find_number(struct oci_reader *reader, const struct oci_number *table,
			 const char *name, const char *path);
/* "0-3,7": the kernel's list form. */
void oci_number_list(struct oci_reader *reader, yyjson_val *object, const char *path,
		     struct cpu_set *out);
/* RLIMIT_*; -1 when unknown. */
int oci_config_resource_number(const char *name);

#endif
