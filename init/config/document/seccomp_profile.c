// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/seccomp_profile.h"

#include "init/config/security.h"
#include "lib/cleanup.h"
#include "lib/json.h"
#include "runtime/capabilities.h"
#include "runtime/oci/config.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

enum {
	MEMORY_MAX = 4 * 1024 * 1024, /* of the JSON and of its copy, each */
	API_LEVEL = 7,                /* all that libseccomp 2.6 knows; Berth's kernel has it */
	KERNEL_MAJOR = 6,             /* of the series that is built; see rootfs/sources.lock */
	KERNEL_MINOR = 12,
};

#ifdef __x86_64__
static const char docker_architecture[] = "amd64", own_architecture[] = "SCMP_ARCH_X86_64";
#else
static const char docker_architecture[] = "arm64", own_architecture[] = "SCMP_ARCH_AARCH64";
#endif

struct profile {
	uint64_t capabilities;
	yyjson_mut_doc *doc;
	struct error *err;
};

static bool has_capability(const struct profile *profile, const char *name)
{
	int number = capability_number(name);
	return number >= 0 && profile->capabilities >> number & 1;
}

/* "4.8": this kernel or an older one. */
static bool kernel_is_at_least(const char *version)
{
	char *end;
	unsigned long first = strtoul(version, &end, 10);
	unsigned long second = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return first < KERNEL_MAJOR || (first == KERNEL_MAJOR && second <= KERNEL_MINOR);
}

static bool names_architecture(yyjson_val *list)
{
	size_t i, count;
	yyjson_val *item;
	yyjson_arr_foreach(list, i, count, item)
		if (strcmp(json_value_text(item) ? json_value_text(item) : "", docker_architecture) == 0)
			return true;
	return false;
}

/* How many of the capabilities the container has; *all: every one. */
static size_t count_capabilities(const struct profile *profile, yyjson_val *list, bool *all)
{
	size_t i, count, had = 0;
	yyjson_val *item;
	yyjson_arr_foreach(list, i, count, item)
		had += json_value_text(item) && has_capability(profile, json_value_text(item));
	*all = had == yyjson_arr_size(list);
	return had;
}

/* Docker's conditions of a rule: what must hold, and what must not. */
static bool applies(const struct profile *profile, yyjson_val *rule)
{
	yyjson_val *wanted = json_object(rule, "includes"), *unwanted = json_object(rule, "excludes");
	yyjson_val *architectures = json_array(wanted, "arches");
	const char *least = json_text(wanted, "minKernel"), *below = json_text(unwanted, "minKernel");
	bool all;
	count_capabilities(profile, json_array(wanted, "caps"), &all);
	if (!all || (yyjson_arr_size(architectures) && !names_architecture(architectures)) ||
	    (least && !kernel_is_at_least(least)))
		return false;
	return count_capabilities(profile, json_array(unwanted, "caps"), &all) == 0 &&
	       !names_architecture(json_array(unwanted, "arches")) &&
	       !(below && kernel_is_at_least(below));
}

static void copy_member(struct profile *profile, yyjson_mut_val *to, yyjson_val *from,
			const char *key)
{
	yyjson_val *value = yyjson_obj_get(from, key);
	if (value)
		yyjson_mut_obj_add_val(profile->doc, to, key, yyjson_val_mut_copy(profile->doc, value));
}

/* A rule of the specification's form: Docker's old `name` is a list of one. */
static void add_rule(struct profile *profile, yyjson_mut_val *rules, yyjson_val *rule)
{
	static const char *const keys[] = {"names", "action", "errnoRet", "args"};
	yyjson_mut_val *out = yyjson_mut_obj(profile->doc);
	const char *name = json_text(rule, "name");
	for (size_t i = 0; i < countof(keys); i++)
		copy_member(profile, out, rule, keys[i]);
	if (name && !yyjson_mut_obj_get(out, "names")) {
		yyjson_mut_val *names = yyjson_mut_obj_add_arr(profile->doc, out, "names");
		yyjson_mut_arr_add_strcpy(profile->doc, names, name);
	}
	yyjson_mut_arr_append(rules, out);
}

/* Docker's archMap is the same in another form: the entry of this architecture. */
static void add_architectures(struct profile *profile, yyjson_mut_val *out, yyjson_val *root)
{
	size_t i, count;
	yyjson_val *entry;
	copy_member(profile, out, root, "architectures");
	if (yyjson_mut_obj_get(out, "architectures"))
		return;
	yyjson_arr_foreach(json_array(root, "archMap"), i, count, entry) {
		if (strcmp(json_text_or_empty(entry, "architecture"), own_architecture) != 0)
			continue;
		yyjson_val *more = json_array(entry, "subArchitectures");
		yyjson_mut_val *list = more ? yyjson_val_mut_copy(profile->doc, more)
					    : yyjson_mut_arr(profile->doc);
		yyjson_mut_arr_add_strcpy(profile->doc, list, own_architecture);
		yyjson_mut_obj_add_val(profile->doc, out, "architectures", list);
	}
}

static yyjson_mut_val *convert(struct profile *profile, yyjson_val *root)
{
	static const char *const keys[] = {"defaultAction", "defaultErrnoRet", "flags"};
	size_t i, count;
	yyjson_val *rule;
	yyjson_mut_val *out = yyjson_mut_obj(profile->doc);
	for (i = 0; i < countof(keys); i++)
		copy_member(profile, out, root, keys[i]);
	add_architectures(profile, out, root);
	yyjson_mut_val *rules = yyjson_mut_obj_add_arr(profile->doc, out, "syscalls");
	yyjson_arr_foreach(json_array(root, "syscalls"), i, count, rule)
		if (applies(profile, rule))
			add_rule(profile, rules, rule);
	return out;
}

static ssize_t put(const struct seccomp_filter *filter, void *out, size_t capacity,
		   struct error *err)
{
	uint32_t flags = filter->flags;
	size_t size = filter->length * sizeof *filter->code;
	if (filter->length > SECCOMP_PROGRAM_MAX || SECCOMP_HEADER + size > capacity)
		return error_set(err, "makes %u instructions, and the kernel takes %d", filter->length,
				 SECCOMP_PROGRAM_MAX);
	memcpy(out, &flags, sizeof flags);
	memcpy((char *)out + SECCOMP_HEADER, filter->code, size);
	return (ssize_t)(SECCOMP_HEADER + size);
}

static ssize_t compile(yyjson_val *root, void *out, size_t capacity, struct error *err)
{
	struct arena arena;
	struct seccomp_filter filter = {0};
	_cleanup_free_ void *block = malloc(MEMORY_MAX);
	if (!block)
		return error_set(err, "no memory for it");
	arena_init(&arena, block, MEMORY_MAX);
	struct oci_reader reader = {.arena = &arena, .err = err};
	/* What the kernel can do is not asked of it here: a confined worker may not. */
	seccomp_api_set(API_LEVEL);
	oci_config_seccomp(&reader, root, &filter);
	if (reader.bad)
		return -1;
	return put(&filter, out, capacity, err);
}

static ssize_t convert_and_compile(struct profile *profile, yyjson_val *root, void *out,
				   size_t capacity)
{
	yyjson_mut_val *converted = convert(profile, root);
	if (yyjson_obj_get(root, "listenerPath"))
		return error_set(profile->err, "listenerPath: there is no agent in the machine");
	if (!converted)
		return error_set(profile->err, "no memory for it");
	yyjson_mut_doc_set_root(profile->doc, converted);
	yyjson_doc *copy = yyjson_mut_doc_imut_copy(profile->doc, NULL);
	if (!copy)
		return error_set(profile->err, "no memory for it");
	ssize_t size = compile(yyjson_doc_get_root(copy), out, capacity, profile->err);
	yyjson_doc_free(copy);
	return size;
}

ssize_t seccomp_profile_compile(const char *text, size_t size, uint64_t capabilities, void *out,
				size_t capacity, struct error *err)
{
	struct json json;
	struct profile profile = {.capabilities = capabilities, .err = err};
	ssize_t result = json_open(&json, "the profile", text, size, MEMORY_MAX, err);
	if (result == 0) {
		profile.doc = yyjson_mut_doc_new(NULL);
		result = profile.doc ? convert_and_compile(&profile, json_root(&json), out, capacity)
				     : error_set(err, "no memory for it");
		yyjson_mut_doc_free(profile.doc);
	}
	json_close(&json);
	return result;
}
