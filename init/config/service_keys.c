// SPDX-License-Identifier: Apache-2.0
/* Settings that only a document makes; the command line has no such keys. */
#include "init/config/keys.h"

#include "init/config/files.h"
#include "init/config/hooks.h"
#include "init/config/networks.h"
#include "init/config/services.h"
#include "init/config/sharing.h"
#include "init/config/volume_sources.h"
#include "init/config/volumes.h"
#include "lib/cleanup.h"

#include <string.h>

enum { NAME_LONGEST = 63, NAMES_MAX = 64 };

static int check_name(const char *value, const char *more, struct error *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	size_t length = strspn(value, letters);
	if (length == 0 || length > NAME_LONGEST || (value[length] && !strchr(more, value[length])))
		return error_set(err, "\"%.70s\" is not a name: 1 to %d letters, digits, _ . and -",
				 value, NAME_LONGEST);
	return 0;
}

int service_name_check(const char *text, struct error *err)
{
	return check_name(text, "", err);
}

static int copy_name(struct machine *machine, const char *value, const char **out,
		     struct error *err)
{
	if (check_name(value, "", err) < 0)
		return -1;
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "too many settings");
}

static int keep(struct machine *machine, struct string_list *list, const char *value,
		struct error *err)
{
	if (list->count == NAMES_MAX)
		return error_set(err, "more than %d of them", NAMES_MAX);
	return string_list_add(list, &machine->arena, value, err);
}

static int set_service(struct machine *machine, const char *value, struct error *err)
{
	return copy_name(machine, value, &machine->container->service, err);
}

static int set_network_of(struct machine *machine, const char *value, struct error *err)
{
	machine->container->network = NETWORK_SERVICE;
	return copy_name(machine, value, &machine->container->network_of, err);
}

static int set_exit_from(struct machine *machine, const char *value, struct error *err)
{
	return copy_name(machine, value, &machine->exit_from, err);
}

static int set_project(struct machine *machine, const char *value, struct error *err)
{
	if (*value == '.') /* it is a folder's name */
		return error_set(err, "\"%.60s\" is not a project's name", value);
	return copy_name(machine, value, &machine->project, err);
}

static int add_dependency(struct machine *machine, const char *value, struct error *err)
{
	char name[64];
	uint8_t edge;
	if (parse_dependency(value, name, &edge, err) < 0 || check_name(name, "", err) < 0)
		return -1;
	return keep(machine, &machine->container->depends_on, value, err);
}

static int add_link(struct machine *machine, const char *value, struct error *err)
{
	const char *colon = strchr(value, ':');
	if (check_name(value, ":", err) < 0 || (colon && check_name(colon + 1, "", err) < 0))
		return -1;
	return keep(machine, &machine->container->links, value, err);
}

static int add_alias(struct machine *machine, const char *value, struct error *err)
{
	return check_name(value, "", err) < 0
		       ? -1
		       : keep(machine, &machine->container->aliases, value, err);
}

static int set_seccomp_profile(struct machine *machine, const char *value, struct error *err)
{
	machine->container->seccomp_profile = arena_strdup(&machine->arena, value);
	return machine->container->seccomp_profile ? 0 : error_set(err, "too many settings");
}

static int set_own_policy(struct machine *machine, const char *value, struct error *err)
{
	enum pull_policy machines = machine->pull_policy;
	if (config_key_find("berth.pull.policy")->apply(machine, value, err) < 0)
		return -1;
	machine->container->pull_policy = machine->pull_policy;
	machine->container->has_pull_policy = true;
	machine->pull_policy = machines;
	return 0;
}

static int set_non_root(struct machine *machine, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	machine->container->non_root = true;
	return 0;
}

static int set_companion(struct machine *machine, const char *value, struct error *err)
{
	(void)value;
	(void)err;
	machine->container->companion = true;
	return 0;
}

static int add_variable(struct machine *machine, const char *value, struct error *err)
{
	const char *equals = strchr(value, '=');
	if (!equals || equals == value ||
	    (strcmp(equals, "=address") != 0 && strcmp(equals, "=hostname") != 0))
		return error_set(err, "\"%.60s\" is neither NAME=address nor NAME=hostname", value);
	return keep(machine, &machine->container->variables, value, err);
}

const struct config_key service_keys[] = {
	{"service.name", KEY_CONTAINER, "NAME", "", "The service's name.", set_service},
	{"service.depends-on", KEY_REPEATS | KEY_CONTAINER, "SERVICE:CONDITION[:optional]", "",
	 "What must be there before it starts.", add_dependency},
	{"service.link", KEY_REPEATS | KEY_CONTAINER, "SERVICE[:ALIAS]", "",
	 "Starts before it, and has one more name for it.", add_link},
	{"service.alias", KEY_REPEATS | KEY_CONTAINER, "NAME", "", "One more name for it.",
	 add_alias},
	{"machine.network", KEY_REPEATS, "NAME[,subnet=…][,internal]…", "",
	 "A network of containers (init/config/networks.h).", add_network},
	{"service.network", KEY_REPEATS | KEY_CONTAINER, "NAME[,address=…][,alias=…]…", "",
	 "Its place on one of them.", add_attachment},
	{"service.network-of", KEY_CONTAINER, "SERVICE", "", "Whose network it shares.",
	 set_network_of},
	{"service.pull-policy", KEY_CONTAINER, "last-good|always|missing|never", "berth.pull.policy",
	 "Of its image.", set_own_policy},
	{"service.check", KEY_REPEATS | KEY_CONTAINER, "startup|liveness [NAME=VALUE]… TEST", "",
	 "One more test of it (init/config/health.h).", add_check},
	{"service.hook", KEY_REPEATS | KEY_CONTAINER, "start|stop [OPTION]… TEST", "",
	 "What is run behind its start or before its stop (init/config/hooks.h).", add_hook},
	{"service.non-root", KEY_CONTAINER, "true", "", "It is not started as user 0.", set_non_root},
	{"service.companion", KEY_CONTAINER, "true", "", "The machine does not go on for its sake.",
	 set_companion},
	{"service.variable", KEY_REPEATS | KEY_CONTAINER, "NAME=address|hostname", "",
	 "A variable with what only the machine knows.", add_variable},
	{"machine.content", KEY_REPEATS, "NAME:BASE64", "", "The value of a secret or config.",
	 add_content},
	{"machine.volume", KEY_REPEATS, "NAME,TYPE,DEVICE[,OPTION]…", "",
	 "A volume that is no folder of the store.", add_volume_source},
	{"service.file", KEY_REPEATS | KEY_CONTAINER, "UID:GID:MODE:NAME:TARGET", "",
	 "A secret or config that it may read.", add_file},
	{"service.seccomp-profile", KEY_CONTAINER, "NAME", "Docker's", "The content that is its system "
	 "call filter.", set_seccomp_profile},
	{"service.userns-mode", KEY_CONTAINER, "host", "berth.userns", "Its users are the machine's.",
	 set_userns_mode},
	{"service.volumes-from", KEY_REPEATS | KEY_CONTAINER, "SERVICE[:ro]", "",
	 "Whose volumes it has too.", add_donor},
	{"machine.project", 0, "NAME", "berth", "Whose folders those are that lie beside the document.",
	 set_project},
	{"service.exit-code-from", 0, "SERVICE", "the first status that is not 0",
	 "Whose end is the machine's.", set_exit_from},
};

const size_t service_key_count = countof(service_keys);

const struct config_key *setting_key_find(const char *name)
{
	for (size_t i = 0; i < service_key_count; i++)
		if (strcmp(service_keys[i].name, name) == 0)
			return &service_keys[i];
	return config_key_find(name);
}
