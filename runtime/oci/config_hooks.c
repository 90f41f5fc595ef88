// SPDX-License-Identifier: Apache-2.0
/* The object "hooks". */
#include "lib/cleanup.h"
#include "runtime/oci/config.h"

static void read_list(struct oci_reader *reader, yyjson_val *hooks, const char *path,
		      struct hook_list *out)
{
	yyjson_val *array = oci_array(reader, hooks, path), *item;
	size_t i, count;
	struct spec_hook *items = oci_items(reader, yyjson_arr_size(array), sizeof *items, path);
	yyjson_arr_foreach(array, i, count, item) {
		int64_t timeout;
		if (!items)
			return;
		items[i].path = oci_needed_text(reader, item, "hooks[].path");
		oci_texts(reader, item, "hooks[].args", &items[i].args);
		oci_texts(reader, item, "hooks[].env", &items[i].env);
		items[i].has_env = oci_array(reader, item, "hooks[].env") != NULL;
		if (items[i].path[0] != '/')
			oci_problem(reader, "%s: \"%.80s\" is not an absolute path", path,
				    items[i].path);
		if (oci_int(reader, item, "hooks[].timeout", 1, 1000000, &timeout))
			items[i].timeout_s = (unsigned)timeout;
	}
	*out = (struct hook_list){items, items ? yyjson_arr_size(array) : 0};
}

void oci_config_hooks(struct oci_reader *reader, yyjson_val *hooks, struct oci_config *config)
{
	struct {
		const char *path;
		struct hook_list *out;
	} lists[] = {
		{"hooks.prestart", &config->prestart},
		{"hooks.createRuntime", &config->create_runtime},
		{"hooks.createContainer", &config->spec.create_container},
		{"hooks.startContainer", &config->spec.start_container},
		{"hooks.poststart", &config->poststart},
		{"hooks.poststop", &config->poststop},
	};
	for (size_t i = 0; i < countof(lists); i++)
		read_list(reader, hooks, lists[i].path, lists[i].out);
}
