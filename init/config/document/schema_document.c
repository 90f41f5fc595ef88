// SPDX-License-Identifier: Apache-2.0
/* The top level of a document: services, networks, volumes, secrets, configs, x-berth. */
#include "init/config/document/forms.h"

static const struct schema_key address_pool[] = {
	{"subnet", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "Its network.", .check = check_subnet},
	{"ip_range", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "Where addresses are taken from.", .check = check_subnet},
	{"gateway", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "The machine's address on it.", .check = check_address},
	{"aux_addresses", SCHEMA_PAIRS, SCHEMA_OF_SERVICES, .help = "Addresses that are taken."},
	{.name = NULL},
};

static const struct schema_key address_pool_item = {"", SCHEMA_MAP, .members = address_pool};

static const struct schema_key addresses[] = {
	{"driver", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "Who hands addresses out.", .choices = "default"},
	{"config", SCHEMA_LIST, 0,
	 .help = "The networks of addresses.", .item = &address_pool_item},
	{"options", SCHEMA_PAIRS, SCHEMA_OF_SERVICES,
	 .help = "Of the driver, which has none: they change nothing, as in Docker."},
	{.name = NULL},
};

static const struct schema_key network_keys[] = {
	{"name", SCHEMA_TEXT, SCHEMA_NO_EFFECT, .help = "Its name for people; in the document it is that of the key."},
	{"driver", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "Its kind; a machine makes bridges.",
	 .choices = "bridge|host|none|macvlan|ipvlan|overlay"},
	{"driver_opts", SCHEMA_PAIRS, SCHEMA_OF_SERVICES,
	 .help = "Of com.docker.network.: driver.mtu, container_iface_prefix, host_ipv4, host_ipv6; of "
		 "com.docker.network.bridge.: name, enable_icc, enable_ip_masquerade, host_binding_ipv4.",
	 .form = form_options},
	{"ipam", SCHEMA_MAP, 0, .help = "Its addresses.", .members = addresses, .check = check_ipam},
	{"internal", SCHEMA_BOOL, SCHEMA_OF_SERVICES, .help = "Whether it leads nowhere outside."},
	{"external", SCHEMA_BOOL, SCHEMA_OF_SERVICES,
	 .help = "Whether it is there already, as those named host, none and bridge are.",
	 .form = form_external},
	{"attachable", SCHEMA_BOOL, SCHEMA_NO_EFFECT, .help = "For a swarm."},
	{"enable_ipv4", SCHEMA_BOOL, SCHEMA_OF_SERVICES, .help = "Whether it has IPv4 (true)."},
	{"enable_ipv6", SCHEMA_BOOL, SCHEMA_OF_SERVICES,
	 .help = "Whether it has IPv6 (false)."},
	{"labels", SCHEMA_PAIRS, SCHEMA_NO_EFFECT, .help = "Its labels."},
	{.name = NULL},
};

static const struct schema_key include_keys[] = {
	{"path", SCHEMA_TEXT_OR_TEXTS, SCHEMA_NEEDED,
	 .help = "The document; of several, later ones override earlier ones."},
	{"project_directory", SCHEMA_TEXT, 0,
	 .help = "What its relative paths start from; otherwise the folder of the first."},
	{"env_file", SCHEMA_TEXT_OR_TEXTS, 0,
	 .help = "Files with variables for ${NAME}; otherwise .env of that folder, when there is one."},
	{.name = NULL},
};

static const struct schema_key include_item = {
	"", SCHEMA_MAP, SCHEMA_SHORT_TEXT, .members = include_keys, .form = form_include};

static const struct schema_key volume_keys[] = {
	{"name", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "Its name in the machine; otherwise PROJECT_NAME."},
	{"driver", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "Its kind.", .choices = "local"},
	{"driver_opts", SCHEMA_PAIRS, SCHEMA_OF_SERVICES,
	 .help = "What it is instead of a folder of the data disk: `type`, `device` and `o` as mount(8) has "
		 "them (compose.md).",
	 .form = form_options},
	{"external", SCHEMA_BOOL, SCHEMA_OF_SERVICES,
	 .help = "Whether it must be there already.", .form = form_external},
	{"labels", SCHEMA_PAIRS, SCHEMA_NO_EFFECT, .help = "Its labels."},
	{.name = NULL},
};

static const struct schema_key secret_keys[] = {
	{"name", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "Its name outside of the document, with `external`."},
	{"content", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "Its value; docker compose knows it of configs only."},
	{"file", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The file with its value, below the document's folder: in the machine, /berth."},
	{"environment", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The variable with its value, on the workstation."},
	{"external", SCHEMA_BOOL, SCHEMA_OF_SERVICES,
	 .help = "Whether whoever starts the machine has left it there (sources.md).",
	 .form = form_external},
	{"labels", SCHEMA_PAIRS, SCHEMA_NO_EFFECT, .help = "Its labels."},
	{"driver", SCHEMA_ANY, .refused = "secrets come from the document, a file or a variable"},
	{"template_driver", SCHEMA_ANY, .refused = "there are no templates"},
	{.name = NULL},
};

static const struct schema_key config_keys[] = {
	{"name", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "Its name outside of the document, with `external`."},
	{"content", SCHEMA_TEXT, SCHEMA_OF_SERVICES, .help = "Its value."},
	{"file", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The file with its value, below the document's folder: in the machine, /berth."},
	{"environment", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The variable with its value, on the workstation."},
	{"external", SCHEMA_BOOL, SCHEMA_OF_SERVICES,
	 .help = "Whether whoever starts the machine has left it there (sources.md).",
	 .form = form_external},
	{"labels", SCHEMA_PAIRS, SCHEMA_NO_EFFECT, .help = "Its labels."},
	{"template_driver", SCHEMA_ANY, .refused = "there are no templates"},
	{.name = NULL},
};

static const struct schema_key network_item = {
	"", SCHEMA_MAP, SCHEMA_NULLABLE, .members = network_keys};
static const struct schema_key volume_item = {
	"", SCHEMA_MAP, SCHEMA_NULLABLE, .members = volume_keys};
static const struct schema_key secret_item = {"", SCHEMA_MAP, 0, .members = secret_keys};
static const struct schema_key config_item = {"", SCHEMA_MAP, 0, .members = config_keys};

static const struct schema_key document_keys[] = {
	{"name", SCHEMA_TEXT, SCHEMA_OF_SERVICES,
	 .help = "The project's name, with which those of volumes begin; otherwise the folder's."},
	{"version", SCHEMA_SCALAR, SCHEMA_NO_EFFECT, .help = "Has no meaning any more."},
	{"services", SCHEMA_NAMED, 0, .help = "The containers.", .item = &schema_service},
	{"networks", SCHEMA_NAMED, SCHEMA_NULLABLE, .help = "Networks between containers.",
	 .item = &network_item},
	{"volumes", SCHEMA_NAMED, SCHEMA_NULLABLE,
	 .help = "What outlives a container.", .item = &volume_item},
	{"secrets", SCHEMA_NAMED, SCHEMA_NULLABLE,
	 .help = "Values that only those who name them see.",
	 .item = &secret_item},
	{"configs", SCHEMA_NAMED, SCHEMA_NULLABLE,
	 .help = "Files with configuration.", .item = &config_item},
	{"x-berth", SCHEMA_MAP, 0, .help = "The machine itself.", .members = schema_host},
	{"include", SCHEMA_LIST, SCHEMA_NO_EFFECT,
	 .help = "Other documents whose services, networks, volumes, secrets and configs are taken over.",
	 .item = &include_item},
	{"models", SCHEMA_ANY, .refused = "only containers are run"},
	{.name = NULL},
};

const struct schema_key schema_document = {
	"", SCHEMA_MAP, 0, "A Compose document.", .members = document_keys};
