// SPDX-License-Identifier: Apache-2.0
/* `features` ("features.md"), from the tables that implement it. */
#include "lib/cleanup.h"
#include "runtime/capabilities.h"
#include "runtime/label.h"
#include "runtime/namespaces.h"
#include "runtime/oci/commands.h"
#include "runtime/oci/config.h"
#include "runtime/oci/mount_options.h"
#include "runtime/oci/seccomp_names.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>

static void add_texts(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		      const char *const *texts)
{
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, object, key);
	for (; *texts; texts++)
		yyjson_mut_arr_add_str(doc, array, *texts);
}

static void add_names(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
		      const struct seccomp_name *names)
{
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, object, key);
	for (; names->name; names++)
		yyjson_mut_arr_add_str(doc, array, names->name);
}

static void add_numbers(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
			const struct oci_number *numbers)
{
	yyjson_mut_val *array = yyjson_mut_obj_add_arr(doc, object, key);
	for (; numbers->name; numbers++)
		yyjson_mut_arr_add_str(doc, array, numbers->name);
}

static yyjson_mut_val *add_enabled(yyjson_mut_doc *doc, yyjson_mut_val *parent, const char *key,
				   bool enabled)
{
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(doc, parent, key);
	yyjson_mut_obj_add_bool(doc, object, "enabled", enabled);
	return object;
}

static void add_cgroup(yyjson_mut_doc *doc, yyjson_mut_val *section)
{
	yyjson_mut_val *cgroup = yyjson_mut_obj_add_obj(doc, section, "cgroup");
	yyjson_mut_obj_add_bool(doc, cgroup, "v1", false);
	yyjson_mut_obj_add_bool(doc, cgroup, "v2", true);
	yyjson_mut_obj_add_bool(doc, cgroup, "systemd", false);
	yyjson_mut_obj_add_bool(doc, cgroup, "systemdUser", false);
	yyjson_mut_obj_add_bool(doc, cgroup, "rdma", true);
}

static bool kernel_has_flag(uint32_t flag)
{
	/* A null filter is looked at only after the flags: EFAULT says that they are known. */
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 && errno == EFAULT;
}

static void add_seccomp(yyjson_mut_doc *doc, yyjson_mut_val *section)
{
	yyjson_mut_val *seccomp = add_enabled(doc, section, "seccomp", true);
	add_names(doc, seccomp, "actions", seccomp_actions);
	add_names(doc, seccomp, "operators", seccomp_operators);
	add_names(doc, seccomp, "archs", seccomp_architectures);
	add_names(doc, seccomp, "knownFlags", seccomp_flags);
	yyjson_mut_val *supported = yyjson_mut_obj_add_arr(doc, seccomp, "supportedFlags");
	for (const struct seccomp_name *flag = seccomp_flags; flag->name; flag++) {
		uint32_t with = flag->value == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
					? SECCOMP_FILTER_FLAG_NEW_LISTENER
					: 0;
		if (kernel_has_flag(flag->value | with))
			yyjson_mut_arr_add_str(doc, supported, flag->name);
	}
}

static void add_linux(yyjson_mut_doc *doc, yyjson_mut_val *root)
{
	yyjson_mut_val *section = yyjson_mut_obj_add_obj(doc, root, "linux");
	yyjson_mut_val *namespaces = yyjson_mut_obj_add_arr(doc, section, "namespaces");
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		yyjson_mut_arr_add_str(doc, namespaces, namespace_kinds[i].name);
	yyjson_mut_val *capabilities = yyjson_mut_obj_add_arr(doc, section, "capabilities");
	for (int i = 0; capability_name(i); i++)
		yyjson_mut_arr_add_str(doc, capabilities, capability_name(i));
	add_cgroup(doc, section);
	add_seccomp(doc, section);
	/* Built in, and applied where the kernel runs the module. */
	add_enabled(doc, section, "apparmor", true);
	add_enabled(doc, section, "selinux", true);
	add_enabled(doc, section, "intelRdt", false);
	yyjson_mut_val *policy = yyjson_mut_obj_add_obj(doc, section, "memoryPolicy");
	add_numbers(doc, policy, "modes", oci_memory_modes);
	add_numbers(doc, policy, "flags", oci_memory_flags);
	yyjson_mut_val *extensions = yyjson_mut_obj_add_obj(doc, section, "mountExtensions");
	add_enabled(doc, extensions, "idmap", true);
	add_enabled(doc, section, "netDevices", true);
}

int command_features(const struct runtime_options *options, struct error *err)
{
	static const char *const HOOKS[] = {"prestart",       "createRuntime", "createContainer",
					    "startContainer", "poststart",     "poststop", NULL};
	(void)options;
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "ociVersionMin", "1.0.0");
	yyjson_mut_obj_add_str(doc, root, "ociVersionMax", "1.3.0");
	add_texts(doc, root, "hooks", HOOKS);
	yyjson_mut_val *mount_options = yyjson_mut_obj_add_arr(doc, root, "mountOptions");
	for (size_t i = 0; mount_option_name(i); i++)
		yyjson_mut_arr_add_str(doc, mount_options, mount_option_name(i));
	add_linux(doc, root);
	_cleanup_free_ char *text = yyjson_mut_write(doc, YYJSON_WRITE_PRETTY_TWO_SPACES, NULL);
	yyjson_mut_doc_free(doc);
	if (!text)
		return error_errno(err, ENOMEM, "write the features");
	puts(text);
	return 0;
}
