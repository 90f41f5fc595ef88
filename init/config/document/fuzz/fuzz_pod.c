// SPDX-License-Identifier: Apache-2.0
/* Pods and konlet's declarations: the tree goes straight to their reader, whatever it is. */
#include "init/config/document/declaration.h"
#include "lib/yaml.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char memory[4 * 1024 * 1024];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct problems problems;
	struct arena arena;
	struct node_pool pool = {&arena, YAML_NODES_MAX};
	struct normaliser normaliser = {.pool = &pool, .problems = &problems};
	struct node *root;
	struct position where;
	struct error err = ERROR_INIT;
	arena_init(&arena, memory, sizeof memory);
	memset(&problems, 0, sizeof problems);
	if (yaml_read_documents((const char *)data, size, 0, &pool, 64, &root, &where, &err) < 0 ||
	    !declaration_is_pod(root))
		return 0;
	const struct node *compose = pod_read(&normaliser, root);
	if (!compose) {
		if (problems.count[PROBLEM_ERROR] == 0)
			abort();
		return 0;
	}
	const struct node *services = node_get(compose, "services");
	if (!services && problems.count[PROBLEM_ERROR] == 0)
		abort();
	return 0;
}
