// SPDX-License-Identifier: Apache-2.0
#include "init/config/source_keys.h"

#include "images/digest.h"
#include "init/config/keys.h"
#include "init/config/sources/source.h"
#include "lib/cleanup.h"

#include <string.h>

int set_config(struct machine *machine, const char *value, struct error *err)
{
	struct config_choice choices[CONFIG_CHOICES_MAX];
	const char *address;
	if (strcmp(value, "none") != 0 &&
	    config_sources_parse(value, choices, countof(choices), &address, err) < 0)
		return -1;
	return keep_text(machine, value, &machine->config.target, err);
}

/* "a,b"; empty names do not count, as in COMPOSE_PROFILES. */
int set_config_profiles(struct machine *machine, const char *value, struct error *err)
{
	char *copy = arena_strdup(&machine->arena, value);
	if (!copy)
		return error_set(err, "more than %d bytes of settings", MACHINE_ARENA);
	for (char *name; (name = strsep(&copy, ","));)
		if (*name && string_list_add(&machine->config.profiles, &machine->arena, name, err) < 0)
			return -1;
	return 0;
}

int set_config_digest(struct machine *machine, const char *value, struct error *err)
{
	struct digest digest;
	if (digest_parse(value, &digest, err) < 0)
		return -1;
	return keep_text(machine, digest.text, &machine->config.digest, err);
}

int set_config_ca(struct machine *machine, const char *value, struct error *err)
{
	if (*value != '/')
		return error_set(err, "\"%.40s\" is not an absolute path in the initramfs", value);
	return keep_text(machine, value, &machine->config.ca, err);
}

int set_config_trust(struct machine *machine, const char *value, struct error *err)
{
	return trust_parse(value, &machine->config.trust, err);
}

int set_config_timeout(struct machine *machine, const char *value, struct error *err)
{
	enum { LONGEST_S = 86400 };
	return parse_duration(value, LONGEST_S, &machine->config.timeout_s, err);
}
