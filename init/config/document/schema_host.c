// SPDX-License-Identifier: Apache-2.0
/* x-berth: what Compose has no words for, the machine itself. */
#include "init/config/document/forms.h"
#include "init/config/document/schema_parts.h"

static const struct schema_key route_keys[] = {
	{"to", SCHEMA_TEXT, SCHEMA_NEEDED,
	 .help = "A network, such as 10.0.0.0/8 or ::/0.", .check = check_subnet},
	{"via", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "The next hop.", .check = check_address},
	{.name = NULL},
};
static const struct schema_key route_item = {"", SCHEMA_MAP, .members = route_keys};

static const struct schema_key vlan_keys[] = {
	{"id", SCHEMA_INTEGER, SCHEMA_NEEDED, .help = "Its number.", .low = 1, .high = 4094},
	{"link", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "The device that it is on: a card or a bond."},
	{.name = NULL},
};

static const struct schema_key bond_keys[] = {
	{"mode", SCHEMA_TEXT, SCHEMA_NEEDED, .help = "How its members share the work.",
	 .choices = "balance-rr|active-backup|balance-xor|broadcast|802.3ad|balance-tlb|balance-alb"},
	{"members", SCHEMA_TEXTS, SCHEMA_NEEDED, .help = "Its cards."},
	{"miimon", SCHEMA_INTEGER, 0,
	 .help = "Milliseconds between two looks at the members' cables (100); 0: never.", .low = 0,
	 .high = 60000},
	{.name = NULL},
};

static const struct schema_key link_keys[] = {
	{"vlan", SCHEMA_MAP, 0, .help = "It is a VLAN (802.1Q).", .members = vlan_keys},
	{"bond", SCHEMA_MAP, 0, .help = "It is a bond of several cards.", .members = bond_keys},
	{"mtu", SCHEMA_INTEGER, 0, .help = "Largest packet.", .low = 68, .high = 65535},
	{"address", SCHEMA_TEXT_OR_TEXTS, 0, .help = "ADDRESS/PREFIX, IPv4 or IPv6."},
	{.name = NULL},
};
static const struct schema_key link_item = {"", SCHEMA_MAP, .members = link_keys};

static const struct schema_key network_keys[] = {
	{"dhcp", SCHEMA_BOOL, 0,
	 .help = "true: the address comes by DHCP (the standard); false: there is none "
				 "but what is stated here."},
	{"interface", SCHEMA_TEXT, 0,
	 .help = "The device with the machine's address: a card such as eth0, or one of `links`; "
		 "otherwise the first card with a cable."},
	{"address", SCHEMA_TEXT_OR_TEXTS, 0,
	 .help = "ADDRESS/PREFIX of the machine, IPv4 or IPv6, several in a list. The first one of IPv4 "
		 "is instead of DHCP, unless `dhcp` is true; with `dhcp: false` IPv6 alone will do.", .setting = "berth.machine-address"},
	{"gateway", SCHEMA_TEXT_OR_TEXTS, 0,
	 .help = "The default route, of IPv4, of IPv6, or one of each in a list."},
	{"dns", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Up to four name servers, IPv4 or IPv6.", .setting = "berth.machine-dns"},
	{"ntp", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Time servers, as `time.ntp`.", .setting = "berth.time.ntp"},
	{"search", SCHEMA_TEXT_OR_TEXTS, 0, .help = "Up to six domains that names are looked for in.", .setting = "berth.machine-search"},
	{"mtu", SCHEMA_INTEGER, 0, .help = "Largest packet of the card.", .low = 576, .high = 65535, .setting = "berth.machine-mtu"},
	{"routes", SCHEMA_LIST, 0, .help = "More routes, IPv4 or IPv6.", .item = &route_item,
	 .unique = "to", .setting = "berth.machine-route"},
	{"links", SCHEMA_NAMED, 0,
	 .help = "More devices, by name: a VLAN, a bond, or a second card.", .item = &link_item, .setting = "berth.machine-link"},
	{.name = NULL},
};

static const struct schema_key pull_keys[] = {
	{"policy", SCHEMA_TEXT, 0, .help = "Whether a stored image is asked for again.",
	 .choices = "last-good|always|missing|never", .setting = "berth.pull.policy"},
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

static const struct schema_key data_disk_keys[] = {
	{"device", SCHEMA_TEXT, 0, .help = "Its name, such as /dev/vdb. What is given must all hold; the "
					   "first disk by name for which it does is taken."},
	{"label", SCHEMA_TEXT, 0, .help = "The label of its file system; berth-data when nothing else is "
					  "said of the disk, and of one that is formatted."},
	{"uuid", SCHEMA_TEXT, 0, .help = "The UUID of its file system."},
	{"serial", SCHEMA_TEXT, 0, .help = "Its serial number."},
	{"size", SCHEMA_TEXT, 0, .help = "The least size, or MIN-MAX, such as 10G-50G."},
	{"format", SCHEMA_TEXT, 0,
	 .help = "if-empty: a disk whose first and last MiB are zero gets an ext4 file system, any "
		 "other is left alone; never (the standard): none is formatted.",
	 .choices = "never|if-empty"},
	{"grow", SCHEMA_BOOL, 0,
	 .help = "Whether a file system that is smaller than its disk is grown (true)."},
	{"required", SCHEMA_BOOL, 0,
	 .help = "Whether the machine ends when there is no such disk (true); else the store is where "
		 "it is without this."},
	{"options", SCHEMA_TEXTS, 0,
	 .help = "How it is mounted: discard, commit=SECONDS, data=…, errors=…, barrier, nobarrier."},
	{.name = NULL},
};

static const struct schema_key disks_keys[] = {
	{"data", SCHEMA_MAP, 0,
	 .help = "The disk that images and volumes are kept on; otherwise one labelled berth-data, or "
		 "memory.",
	 .members = data_disk_keys, .setting = "berth.data"},
	{.name = NULL},
};

static const struct schema_key watchdog_keys[] = {
	{"timeout", SCHEMA_DURATION, SCHEMA_NEEDED,
	 .help = "How long it may be stuck, 5s to 10m; 0s: there is no watchdog.",
	 .setting = "berth.watchdog"},
	{"device", SCHEMA_TEXT, 0,
	 .help = "auto (a watchdog of the hardware, else the kernel's timer), hardware, software, or "
		 "/dev/watchdogN.",
	 .setting = "berth.watchdog.device"},
	{.name = NULL},
};

const struct schema_key schema_host[] = {
	{"hostname", SCHEMA_TEXT, 0,
	 .help = "The machine's host name.", .setting = "berth.hostname"},
	{"on-exit", SCHEMA_TEXT, 0,
	 .help = "What the machine does after the last container has ended.",
	 .choices = "poweroff|reboot|hold", .setting = "berth.on-exit"},
	{"deadline", SCHEMA_DURATION, 0,
	 .help = "How long the containers may run in all: then they are stopped, and the machine ends with "
		 "status 124; 0s: any time.",
	 .setting = "berth.deadline"},
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
	{"disks", SCHEMA_MAP, 0, .help = "The machine's disks.", .members = disks_keys},
	{"logging", SCHEMA_MAP, 0,
	 .help = "Where the machine's own lines go, and the output of services without logging.",
	 .members = logging_keys},
	{"time", SCHEMA_MAP, 0, .help = "Where the clock comes from.", .members = time_keys},
	{"sysctls", SCHEMA_PAIRS, SCHEMA_DANGEROUS,
	 .help = "Settings of the machine's own kernel, such as vm.overcommit_memory.",
	 .setting = "berth.machine-sysctl"},
	{"watchdog", SCHEMA_MAP, 0,
	 .help = "A device that resets the machine when PID 1 is stuck.", .members = watchdog_keys},
	{"rescue", SCHEMA_TEXT, SCHEMA_DANGEROUS,
	 .help = "A shell on the console, as root: before the machine ends with another status than 0, or "
		 "before the containers.",
	 .choices = "never|on-failure|at-start", .setting = "berth.rescue"},
	{.name = NULL},
};
