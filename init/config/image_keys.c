// SPDX-License-Identifier: Apache-2.0
#include "init/config/image_keys.h"

#include "images/layouts/layout_web.h"
#include "images/pull/deadline.h"
#include "init/config/keys.h"

#include <string.h>

/* The option of `host`, made when it is not there yet. */
static struct registry_option *registry_of(struct machine *machine, const char *host, size_t length,
					   struct error *err)
{
	for (size_t i = 0; i < machine->registry_count; i++) {
		struct registry_option *option = &machine->registries[i];
		if (strlen(option->host) == length && memcmp(option->host, host, length) == 0)
			return option;
	}
	const char *copy = arena_strndup(&machine->arena, host, length);
	if (!copy || !length || memchr(host, '/', length) ||
	    machine->registry_count == MACHINE_REGISTRIES_MAX) {
		error_set(err, "\"%.60s\" is not HOST or HOST:PORT, or there are more than %d of them",
			  host, MACHINE_REGISTRIES_MAX);
		return NULL;
	}
	struct registry_option *option = &machine->registries[machine->registry_count++];
	*option = (struct registry_option){.host = copy};
	return option;
}

int add_insecure(struct machine *machine, const char *value, struct error *err)
{
	struct registry_option *option = registry_of(machine, value, strlen(value), err);
	if (!option)
		return -1;
	option->insecure = true;
	return 0;
}

int add_connect(struct machine *machine, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	const char *colon = equals ? strrchr(equals, ':') : NULL;
	if (!colon || !colon[1] || colon == equals + 1)
		return error_set(err, "\"%.60s\" is not of the form HOST:PORT=ADDRESS:PORT", value);
	struct registry_option *option =
		registry_of(machine, value, (size_t)(equals - value), err);
	return option ? keep_text(machine, equals + 1, &option->connect, err) : -1;
}

int set_pull_policy(struct machine *machine, const char *value, struct error *err)
{
	static const char *const names[] = {"last-good", "always", "missing", "never", NULL};
	int policy = parse_choice(value, names, err);
	if (policy >= 0)
		machine->pull_policy = (enum pull_policy)policy;
	return policy < 0 ? -1 : 0;
}

int set_pull_deadline(struct machine *machine, const char *value, struct error *err)
{
	return parse_duration(value, DEADLINE_LONGEST_S, &machine->pull_deadline_s, err);
}

int add_image_url(struct machine *machine, const char *value, struct error *err)
{
	if (!layout_is_url(value))
		return error_set(err, "\"%.60s\" does not begin with http:// or https://", value);
	if (machine->image_urls.count == MACHINE_IMAGE_URLS_MAX)
		return error_set(err, "more than %d of them", MACHINE_IMAGE_URLS_MAX);
	return string_list_add(&machine->image_urls, &machine->arena, value, err);
}

/* Kept as a text: PID 1 reads no JSON, the puller's confined workers do. */
int set_image_settings(struct machine *machine, const char *value, struct error *err)
{
	return keep_text(machine, value, &machine->image_settings, err);
}

int set_credentials(struct machine *machine, const char *value, struct error *err)
{
	return keep_text(machine, value, &machine->credentials, err);
}
