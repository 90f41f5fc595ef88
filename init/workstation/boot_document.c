// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/boot_document.h"

#include "init/config/volumes.h"
#include "init/net/network.h"
#include "init/workstation/carried.h"
#include "init/workstation/document_file.h"
#include "init/workstation/kernel_line.h"

#include <string.h>

static const char network_not_used[] =
	"berth: x-berth.network is not used: QEMU's network has its own addresses\n";

struct filling {
	struct options *options;
	struct options given; /* as it was before the document */
	struct arena *arena;
	struct error *err;
	struct setting_list *rest;
};

/* The option whose key of the command line is `key`, or OPTION_COUNT. */
static enum option_id option_of(const char *key)
{
	int id = 0;
	while (id < OPTION_COUNT &&
	       !(option_rows[id].key && (option_rows[id].commands & FOR_BOOT) &&
		 strcmp(option_rows[id].key, key) == 0))
		id++;
	return (enum option_id)id;
}

static int add(struct filling *filling, enum option_id id, const char *value)
{
	return string_list_add(&filling->options->values[id], filling->arena, value, filling->err);
}

/* "127.0.0.1:8080:80/tcp" as -p takes it. */
static int add_port(struct filling *filling, const char *value)
{
	const char *slash = strchr(value, '/');
	bool udp = slash && strcmp(slash, "/udp") == 0;
	char text[PORT_MAPPING_TEXT];
	snprintf(text, sizeof text, "%.*s%s", slash ? (int)(slash - value) : (int)strlen(value),
		 value, udp ? "/udp" : "");
	return add(filling, OPTION_PUBLISH, text);
}

/* Memory and CPUs of the container are keys of the line; the options of these names are the
 * machine's. */
static int take(struct filling *filling, const struct setting *setting)
{
	enum option_id id = option_of(setting->key);
	if (strcmp(setting->key, "berth.image") == 0) {
		filling->options->image = setting->value;
	} else if (strcmp(setting->key, "berth.env") == 0) {
		return add(filling, OPTION_ENV, setting->value);
	} else if (strcmp(setting->key, "berth.port") == 0) {
		return add_port(filling, setting->value);
	} else if (strcmp(setting->key, "ip") == 0) {
		fputs(network_not_used, stderr);
	} else if (id != OPTION_COUNT) {
		return option_given(&filling->given, id) && !option_rows[id].repeats
			       ? 0
			       : add(filling, id, setting->value);
	} else if (strcmp(setting->key, "berth.cpus") != 0 ||
		   !option_given(&filling->given, OPTION_CPUS)) {
		filling->rest->items[filling->rest->count++] = *setting;
	}
	return 0;
}

/* The lists of values that the document adds to come before those of the command line, which win.
 */
static int fill(struct filling *filling, const struct setting_list *settings)
{
	static const enum option_id before[] = {OPTION_ENV, OPTION_PUBLISH};
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		filling->options->values[before[i]] = (struct string_list){0};
	for (size_t i = 0; i < settings->count; i++)
		if (take(filling, &settings->items[i]) < 0)
			return -1;
	for (size_t i = 0; i < sizeof before / sizeof *before; i++)
		if (string_list_extend(&filling->options->values[before[i]], filling->arena,
				       &filling->given.values[before[i]], filling->err) < 0)
			return -1;
	return 0;
}

static bool same_port(const struct node *a, const struct node *b)
{
	static const char *const members[] = {"published", "protocol"};
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		const char *left = node_get_text(a, members[i]), *right = node_get_text(b, members[i]);
		if (!left || !right || strcmp(left, right) != 0)
			return false;
	}
	return node_equal(node_get(a, "target"), node_get(b, "target"));
}

/* What one address of the workstation leads to and another one too is one port of the machine. */
static void forget_address(struct node *ports, struct node *port)
{
	struct node *address = node_get(port, "host_ip");
	if (address)
		node_remove(port, address);
	for (struct node *other = ports->first; other != port; other = other->next)
		if (same_port(other, port)) {
			node_remove(ports, port);
			return;
		}
}

/* The addresses that ports answer at are the workstation's, where QEMU listens: the machine answers it at
 * its own. */
static void forget_addresses(struct node *root)
{
	struct node *services = node_get(root, "services"), *networks = node_get(root, "networks"), *next;
	for (struct node *service = services->first; service; service = service->next) {
		struct node *ports = node_get(service, "ports");
		for (struct node *port = ports ? ports->first : NULL; port; port = next) {
			next = port->next;
			forget_address(ports, port);
		}
	}
	for (struct node *at = networks ? networks->first : NULL; at; at = at->next) {
		struct node *options = node_get(at, "driver_opts");
		struct node *binding =
			node_get(options, "com.docker.network.bridge.host_binding_ipv4");
		if (binding)
			node_remove(options, binding);
	}
}

/* The document goes to the machine, but for what is about the workstation. */
static int hand_over(struct options *options, const struct machine_document *document,
		     const struct setting_list *settings, struct error *err)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return error_set(err, "no memory for the machine's document");
	forget_addresses(document->root);
	document_print_machine(document->root, out);
	if (fclose(out) != 0 || !text)
		return error_set(err, "no memory for the machine's document");
	options->document = text; /* for as long as the command runs */
	options->settings = settings;
	for (size_t i = 0; i < settings->count; i++)
		if (strcmp(settings->items[i].key, "ip") == 0)
			fputs(network_not_used, stderr);
	return 0;
}

/* The kernel command line is for one container, short, and for all to read; and nothing can come
 * along with it. */
static bool is_for_the_line(const struct setting *setting)
{
	static const char bound[] = VOLUME_BIND_FOLDER;
	const char *key = setting->key;
	return setting->service == 0 && strncmp(key, "machine.", 8) != 0 &&
	       strncmp(key, "service.", 8) != 0 && strcmp(key, "berth.images.credentials") != 0 &&
	       (strcmp(key, "berth.volume") != 0 ||
		strncmp(setting->value, bound, sizeof bound - 1) != 0);
}

static bool fits_the_line(const struct setting_list *settings)
{
	enum { OWN = 500 }; /* of the machine and of options */
	size_t length = OWN;
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];
		length += strlen(setting->key) + strlen(setting->value) + sizeof "=\"\" " - 1;
		if (!is_for_the_line(setting))
			return false;
	}
	return length <= KERNEL_LINE_MAX;
}

static bool has_several(const struct setting_list *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].service > 0)
			return true;
	return false;
}

int boot_document(struct options *options, struct arena *arena, struct error *err)
{
	static struct setting_list settings, rest;
	static struct carried carried;
	struct machine_document *document;
	const char *name = options->image;
	if (!document_file_is(name))
		return option_given(options, OPTION_SECRET) || option_given(options, OPTION_CONFIG)
			       ? error_set(err, "--secret and --config are for what a document calls "
						"external, and %.60s is none", name)
			       : 0;
	for (size_t i = 0; options->words[i]; i++)
		if (!document_file_is(options->words[i]))
			return error_set(
				err,
				"%.60s behind %.60s is no document: a document says itself "
				"what command is run",
				options->words[i], name);
	int result = document_file_read(options, options->words - 1, &document, err);
	if (result == 0)
		result = document_settings(document, &settings);
	bool line = result < 0 || fits_the_line(&settings);
	const struct carried_given given = {option_given(options, OPTION_INITRD_APPEND),
					    options->values[OPTION_SECRET],
					    options->values[OPTION_CONFIG]};
	if (!line || (result == 0 && (given.secrets.count || given.configs.count)))
		result = carried_find(document, &given, &carried);
	problems_print(&document->problems, stderr);
	if (result < 0)
		return err->text[0] ? -1 : error_set(err, "%s: no machine was started", name);
	while (*options->words)
		options->words++;
	options->several = has_several(&settings);
	options->carried = &carried;
	if (!line)
		return hand_over(options, document, &settings, err);
	struct filling filling = {options, *options, arena, err, &rest};
	options->settings = &rest;
	return fill(&filling, &settings);
}
