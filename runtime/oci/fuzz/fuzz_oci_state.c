// SPDX-License-Identifier: Apache-2.0
/* state.json of a container. What is accepted is written and read back unchanged. */
#include "runtime/oci/state.h"

#include "lib/cleanup.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char blocks[2][4 * 1024 * 1024];

static int parse(int which, const char *text, size_t size, struct state *state, struct error *err)
{
	static char id[] = "id";
	*state = (struct state){.dir_fd = -1, .id = id};
	arena_init(&state->arena, blocks[which], sizeof blocks[which]);
	return state_parse(state, text, size, err);
}

static void same(const char *a, const char *b)
{
	if (a && b ? strcmp(a, b) != 0 : a != b)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state state, again;
	struct error err = ERROR_INIT;
	if (parse(0, (const char *)data, size, &state, &err) < 0) {
		if (!err.text[0] || strpbrk(err.text, "\n\r\033"))
			abort();
		return 0;
	}
	_cleanup_free_ char *text = state_text(&state);
	if (!text || parse(1, text, strlen(text), &again, &err) < 0)
		abort();
	same(state.bundle, again.bundle);
	same(state.root_path, again.root_path);
	same(state.created, again.created);
	same(state.cgroup_path, again.cgroup_path);
	same(state.annotations, again.annotations);
	same(state.version, again.version);
	if (state.pid < 0 || state.pid != again.pid || state.start_ticks != again.start_ticks ||
	    state.owner != again.owner || state.user_namespace != again.user_namespace)
		abort();
	return 0;
}
