// SPDX-License-Identifier: Apache-2.0
#include "init/config/resources.h"

#include "init/config/keys.h"
#include "runtime/values.h"

#include <stdlib.h>
#include <string.h>

enum { SHARES_LEAST = 2, SHARES_MOST = 262144, RATES_MAX = 16, SET_LONGEST = 200 };

static int copy(struct machine *machine, const char *value, const char **out, struct error *err)
{
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "too many settings");
}

int set_cpu_shares(struct machine *machine, const char *value, struct error *err)
{
	char *end;
	unsigned long shares = strtoul(value, &end, 10);
	if (end == value || *end || *value == '-' || shares < SHARES_LEAST || shares > SHARES_MOST)
		return error_set(err, "\"%.20s\" is not a number from %d to %d", value, SHARES_LEAST,
				 SHARES_MOST);
	machine->container->resources.cpu_shares = shares;
	return 0;
}

int set_cpuset(struct machine *machine, const char *value, struct error *err)
{
	struct cpu_set cpus = {0};
	if (strlen(value) > SET_LONGEST || cpu_set_parse(value, &cpus) < 0)
		return error_set(err, "\"%.40s\" is not a list of CPUs such as 0-2,4", value);
	return copy(machine, value, &machine->container->resources.cpuset, err);
}

int set_memory_reservation(struct machine *machine, const char *value, struct error *err)
{
	return parse_size(value, &machine->container->resources.memory_reservation, err);
}

int set_memory_swap(struct machine *machine, const char *value, struct error *err)
{
	uint64_t bytes;
	if (strcmp(value, "-1") != 0 && parse_size(value, &bytes, err) < 0)
		return -1;
	return copy(machine, value, &machine->container->resources.memory_swap, err);
}

int parse_rate(const char *text, struct arena *arena, const char **path, uint64_t *rate,
	       struct error *err)
{
	const char *colon = strrchr(text, ':');
	if (!colon || strncmp(text, "/dev/", 5) != 0 || !text[5] || strstr(text, "/../"))
		return error_set(err, "\"%.60s\" is not of the form /dev/DISK:RATE", text);
	if (parse_size(colon + 1, rate, err) < 0)
		return -1;
	if (*rate == 0)
		return error_set(err, "\"%.60s\" would let nothing through", text);
	*path = arena_strndup(arena, text, (size_t)(colon - text));
	return *path ? 0 : error_set(err, "too many settings");
}

static int add_rate(struct machine *machine, enum disk_rate kind, const char *value,
		    struct error *err)
{
	struct string_list *list = &machine->container->resources.rates[kind];
	const char *path;
	uint64_t rate;
	size_t used = machine->arena.used;
	int result = parse_rate(value, &machine->arena, &path, &rate, err);
	machine->arena.used = used;
	if (result < 0)
		return -1;
	if (list->count == RATES_MAX)
		return error_set(err, "more than %d of them", RATES_MAX);
	return string_list_add(list, &machine->arena, value, err);
}

int add_read_bps(struct machine *machine, const char *value, struct error *err)
{
	return add_rate(machine, RATE_READ_BYTES, value, err);
}

int add_write_bps(struct machine *machine, const char *value, struct error *err)
{
	return add_rate(machine, RATE_WRITE_BYTES, value, err);
}

int add_read_iops(struct machine *machine, const char *value, struct error *err)
{
	return add_rate(machine, RATE_READ_CALLS, value, err);
}

int add_write_iops(struct machine *machine, const char *value, struct error *err)
{
	return add_rate(machine, RATE_WRITE_CALLS, value, err);
}

/* What Docker refuses as well: a limit of both is above that of one, and needs it. */
int resources_check(const struct container_config *container, struct error *err)
{
	const struct resource_config *resources = &container->resources;
	uint64_t limit = container->memory_bytes, both;
	if (limit && resources->memory_reservation > limit)
		return error_set(err, "berth.memory-reservation is above berth.memory");
	if (!resources->memory_swap || parse_size(resources->memory_swap, &both, NULL) < 0)
		return 0;
	if (both && !limit)
		return error_set(err, "berth.memory-swap counts memory too: give berth.memory");
	return both && both < limit ? error_set(err, "berth.memory-swap is below berth.memory") : 0;
}

uint64_t resources_swap(const struct container_config *container)
{
	const char *text = container->resources.memory_swap;
	uint64_t both;
	if (!text)
		return 0;
	if (parse_size(text, &both, NULL) < 0)
		return UINT64_MAX;
	return both > container->memory_bytes ? both - container->memory_bytes : 0;
}
