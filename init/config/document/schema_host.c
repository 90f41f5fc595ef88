// SPDX-License-Identifier: Apache-2.0
/* x-berth: what Compose has no words for, the machine itself. */
#include "init/config/document/forms.h"
#include "init/config/document/schema_parts.h"

static const struct schema_key route_keys[] = {
	{"to", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .help = "A network, such as 10.0.0.0/8.", .check = check_subnet},
	{"via", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "The next hop.", .check = check_address},
	{.name = NULL},
};
static const struct schema_key route_item = {"", SCHEMA_MAP, .members = route_keys};

static const struct schema_key network_keys[] = {
	{"dhcp", SCHEMA_BOOL, 0,
	 .help = "true: the address comes by DHCP (the standard); false: there is none "
				 "but what is stated here."},
	{"interface", SCHEMA_TEXT, 0, .help = "The card, such as eth0; otherwise the first one."},
	{"address", SCHEMA_TEXT, 0,
	 .help = "ADDRESS/PREFIX of the machine.", .check = check_subnet},
	{"gateway", SCHEMA_TEXT, 0, .help = "The default route.", .check = check_address},
	{"dns", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Up to two name servers."},
	{"ntp", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Time servers."},
	{"search", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Domains that names are looked for in."},
	{"mtu", SCHEMA_INTEGER, 0, .help = "Largest packet.", .low = 576, .high = 65535},
	{"routes", SCHEMA_LIST, 0, .help = "More routes.", .item = &route_item, .unique = "to"},
	{.name = NULL},
};

static const struct schema_key pull_keys[] = {
	{"policy", SCHEMA_TEXT, 0, .help = "Whether a stored image is asked for again.",
	 .choices = "last-good|always|missing", .setting = "berth.pull.policy"},
	{"deadline", SCHEMA_DURATION, 0,
	 .help = "How long getting the image may take in all; 0s: any time.",
	 .setting = "berth.pull.deadline"},
	{"urls", SCHEMA_TEXT_OR_TEXTS, 0,
	 .help = "OCI layouts on web servers, asked before the registry.",
	 .setting = "berth.images.url"},
	{.name = NULL},
};

static const struct schema_key time_keys[] = {
	{"ntp", SCHEMA_TEXT_OR_TEXTS, 0,
	 .help = "Servers that are asked for the time, HOST or HOST:PORT, up to four; `none`: nobody is.",
	 .setting = "berth.time.ntp"},
	{.name = NULL},
};

static const struct schema_key logging_keys[] = {
	{"console", SCHEMA_TEXT, 0,
	 .help = "What the console shows: everything, the machine's own problems, or nothing.",
	 .choices = "all|problems|none", .setting = "berth.machine-log.console"},
	{"syslog", SCHEMA_TEXT, 0, .help = "A syslog server, udp://HOST:514 or tcp://HOST:514.",
	 .setting = "berth.machine-log.syslog"},
	{"facility", SCHEMA_TEXT, 0, .help = "The facility there (daemon).",
	 .setting = "berth.machine-log.facility"},
	{"files", SCHEMA_BOOL, 0, .help = "Whether it is kept in files on the data disk.",
	 .setting = "berth.machine-log.file"},
	{"max-size", SCHEMA_SIZE, 0, .help = "The size after which a new file is begun (10m).",
	 .setting = "berth.machine-log.max-size"},
	{"max-file", SCHEMA_INTEGER, 0, .help = "How many files of each are kept (3).", .low = 1,
	 .high = 100, .setting = "berth.machine-log.max-file"},
	{.name = NULL},
};

const struct schema_key schema_host[] = {
	{"hostname", SCHEMA_TEXT, 0,
	 .help = "The machine's host name.", .setting = "berth.hostname"},
	{"on-exit", SCHEMA_TEXT, 0,
	 .help = "What the machine does after the last container has ended.",
	 .choices = "poweroff|reboot|hold", .setting = "berth.on-exit"},
	{"exit-code-from", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The service with whose end the machine ends, and with its status; otherwise it ends "
		 "with the last one."},
	{"profiles", SCHEMA_TEXTS, SCHEMA_OF_SERVICES | SCHEMA_REPLACE,
	 .help = "The profiles that are asked for when nobody asks for others: `berth.config.profiles`, "
		 "on the workstation `--profile` and COMPOSE_PROFILES."},
	{"userns", SCHEMA_TEXT, 0,
	 .help = "auto: the users of each container are others than the machine's, and its root is "
		 "nobody outside; images and volumes stay as they are. A service can opt out with "
		 "`userns_mode`.",
	 .choices = "auto|host", .setting = "berth.userns"},
	{"network", SCHEMA_MAP, 0,
	 .help = "The machine's address.", .members = network_keys, .setting = "ip"},
	{"registries", SCHEMA_NAMED, SCHEMA_HOSTS,
	 .help = "How registries are reached, by HOST[:PORT]; `default` is for all.",
	 .item = &schema_registry},
	{"signatures", SCHEMA_NAMED, SCHEMA_HOSTS | SCHEMA_NO_EFFECT,
	 .help = "Which images must be signed, by scope: `default`, a registry, or a registry and the "
		 "beginning of a repository.",
	 .item = &schema_signature},
	{"credentials", SCHEMA_NAMED, SCHEMA_HOSTS | SCHEMA_NO_EFFECT,
	 .help = "Passwords and tokens, by HOST[:PORT][/PATH].", .item = &schema_credential},
	{"pull", SCHEMA_MAP, 0, .help = "How images are got.", .members = pull_keys},
	{"disks", SCHEMA_ANY, 0, .refused = "not in this version: the disk is the one labelled "
					    "berth-data"},
	{"logging", SCHEMA_MAP, 0,
	 .help = "Where the machine's own lines go, and the output of services without logging.",
	 .members = logging_keys},
	{"time", SCHEMA_MAP, 0, .help = "Where the clock comes from.", .members = time_keys},
	{"sysctls", SCHEMA_PAIRS, SCHEMA_DANGEROUS,
	 .help = "Settings of the machine's own kernel, such as vm.overcommit_memory.",
	 .setting = "berth.machine-sysctl"},
	{"watchdog", SCHEMA_ANY, 0, .refused = "not in this version"},
	{"rescue", SCHEMA_ANY, 0, .refused = "not in this version: there is no shell"},
	{.name = NULL},
};
