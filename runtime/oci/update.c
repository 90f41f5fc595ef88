// SPDX-License-Identifier: Apache-2.0
/* `update`: resource limits of a container that is there. */
#include "lib/cleanup.h"
#include "lib/file.h"
#include "runtime/cgroup.h"
#include "runtime/oci/commands.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { RESOURCES_MAX = 1024 * 1024, DRAFT_MAX = 4096 };

/* Options become the JSON that a file would have: one way to read them. */
struct draft {
	char text[DRAFT_MAX];
	size_t used;
};

static void put(struct draft *draft, const char *format, const char *key, const char *value)
{
	size_t left = sizeof draft->text - draft->used;
	draft->used += (size_t)snprintf(draft->text + draft->used, left, format, key, value);
	if (draft->used >= sizeof draft->text)
		draft->used = sizeof draft->text - 1;
}

static int put_numbers(struct draft *draft, const char *object, const char *const *pairs,
		       struct error *err)
{
	bool any = false;
	for (; pairs[0] || pairs[1]; pairs += 2) {
		const char *value = pairs[1];
		if (!value)
			continue;
		if (!*value || strspn(value, "-0123456789") != strlen(value))
			return error_set(err, "%s: \"%.40s\" is no number", pairs[0], value);
		if (!any)
			put(draft, "%s\"%s\":{", draft->used > 1 ? "," : "", object);
		put(draft, any ? ",\"%s\":%s" : "\"%s\":%s", pairs[0], value);
		any = true;
	}
	if (any)
		put(draft, "%s%s", "}", "");
	return 0;
}

static int put_cpu(struct draft *draft, const struct runtime_options *options, struct error *err)
{
	const char *const pairs[] = {"shares", options->cpu_share, "period", options->cpu_period,
				     "quota", options->cpu_quota, "burst", options->cpu_burst,
				     "idle", options->cpu_idle, NULL, NULL};
	size_t before = draft->used;
	if (put_numbers(draft, "cpu", pairs, err) < 0)
		return -1;
	const char *sets[] = {"cpus", options->cpuset_cpus, "mems", options->cpuset_mems};
	for (size_t i = 0; i < countof(sets); i += 2) {
		if (!sets[i + 1])
			continue;
		if (strspn(sets[i + 1], "0123456789,- ") != strlen(sets[i + 1]))
			return error_set(err, "\"%.40s\" is no list of numbers", sets[i + 1]);
		if (draft->used == before)
			put(draft, "%s\"%s\":{", before > 1 ? "," : "", "cpu");
		else
			draft->text[draft->used - 1] = ',';
		put(draft, "\"%s\":\"%s\"}", sets[i], sets[i + 1]);
	}
	return 0;
}

/* "50M" → "52428800": K, M, G, T are powers of 1024, as with runc. Other texts stay as they are. */
static const char *in_bytes(const char *text, char out[24])
{
	static const char UNITS[] = "KMGT";
	char *rest;
	if (!text || !isdigit((unsigned char)*text))
		return text;
	errno = 0;
	unsigned long long number = strtoull(text, &rest, 10);
	const char *unit = *rest ? strchr(UNITS, toupper((unsigned char)*rest)) : NULL;
	int shift = unit ? 10 * (int)(unit - UNITS + 1) : 0;
	if (!unit || errno || (rest[1] && strcasecmp(rest + 1, "b") != 0 &&
			       strcasecmp(rest + 1, "ib") != 0) ||
	    number > (unsigned long long)INT64_MAX >> shift)
		return text;
	snprintf(out, 24, "%llu", number << shift);
	return out;
}

static int write_draft(const struct runtime_options *options, struct draft *draft,
		       struct error *err)
{
	char texts[3][24];
	/* Swap counts memory too: without a limit of that there is none of it, as with runc. */
	bool unlimited = options->memory && strcmp(options->memory, "-1") == 0;
	const char *swap = !options->memory_swap && unlimited ? "-1" : options->memory_swap;
	const char *const memory[] = {"limit", in_bytes(options->memory, texts[0]),
				      "swap", in_bytes(swap, texts[1]),
				      "reservation", in_bytes(options->memory_reservation, texts[2]),
				      NULL, NULL};
	const char *const pids[] = {"limit", options->pids_limit, NULL, NULL};
	const char *const io[] = {"weight", options->blkio_weight, NULL, NULL};
	put(draft, "%s%s", "{", "");
	if (put_numbers(draft, "memory", memory, err) < 0 || put_cpu(draft, options, err) < 0 ||
	    put_numbers(draft, "pids", pids, err) < 0 ||
	    put_numbers(draft, "blockIO", io, err) < 0)
		return -1;
	put(draft, "%s%s", "}", "");
	return 0;
}

static int apply_text(const struct state *state, const char *text, size_t size, struct error *err)
{
	struct arena arena;
	struct resources resources = {0};
	_cleanup_free_ char *block = malloc(CONFIG_ARENA);
	if (!block)
		return error_errno(err, ENOMEM, "read resources");
	arena_init(&arena, block, CONFIG_ARENA);
	if (oci_resources_parse(&arena, text, size, &resources, err) < 0)
		return -1;
	_cleanup_close_ int group = container_cgroup(state, err);
	return group < 0 ? -1 : cgroup_apply(group, &resources, err);
}

static int apply_file(const struct state *state, const char *path, struct error *err)
{
	_cleanup_free_ char *text = malloc(RESOURCES_MAX);
	if (!text)
		return error_errno(err, ENOMEM, "read resources");
	ssize_t size = strcmp(path, "-") == 0
			       ? file_read_fd(STDIN_FILENO, "standard input", text, RESOURCES_MAX, err)
			       : file_read(AT_FDCWD, path, text, RESOURCES_MAX, err);
	return size < 0 ? -1 : apply_text(state, text, (size_t)size, err);
}

/* A period alone keeps the quota, and a quota alone the period. */
static void complete_bandwidth(const struct state *state, struct runtime_options *options,
			       char quota[32], char period[32])
{
	char text[64];
	_cleanup_close_ int group = container_cgroup(state, NULL);
	if (!options->cpu_quota == !options->cpu_period || group < 0 ||
	    file_read(group, "cpu.max", text, sizeof text, NULL) < 0 ||
	    sscanf(text, "%31s %31s", quota, period) != 2)
		return;
	if (!options->cpu_period)
		options->cpu_period = period;
	else if (strcmp(quota, "max") != 0)
		options->cpu_quota = quota;
}

int command_update(const struct runtime_options *options, struct error *err)
{
	struct state state = STATE_INIT;
	struct runtime_options complete = *options;
	struct draft draft = {.used = 0};
	char quota[32], period[32];
	int done = state_open(options->root, options->words[0], true, &state, err);
	if (done == 0 && state_status(&state) == STATUS_STOPPED)
		done = error_set(err, "cannot update container %s, which is stopped", state.id);
	if (done == 0 && options->resources) {
		done = apply_file(&state, options->resources, err);
	} else if (done == 0) {
		complete_bandwidth(&state, &complete, quota, period);
		done = write_draft(&complete, &draft, err);
		if (done == 0)
			done = apply_text(&state, draft.text, draft.used, err);
	}
	state_close(&state);
	return done;
}
