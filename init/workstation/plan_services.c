// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/plan_services.h"

#include "init/config/document/document.h"
#include "init/config/keys.h"
#include "init/config/machine_codec.h"
#include "init/config/search.h"
#include "init/config/user_data.h"
#include "init/workstation/carried.h"
#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_TIMEOUT_S = 10 }; /* of a service that says none */

static bool is_about_a_container(int id)
{
	const char *name = option_rows[id].key;
	const struct config_key *key = name ? config_key_find(name) : NULL;
	return id == OPTION_ENV || id == OPTION_PUBLISH || (key && key->flags & KEY_CONTAINER);
}

int services_check_options(const struct options *options, struct error *err)
{
	const char *cpus = option_text(options, OPTION_CPUS, "1");
	for (int id = 0; id < OPTION_COUNT; id++)
		if (is_about_a_container(id) && option_given(options, (enum option_id)id))
			return error_set(err, "--%s is about one container, and %.60s has several services: "
					      "say it there", option_rows[id].name, options->image);
	if (cpus[strspn(cpus, "0123456789")])
		return error_set(err, "--cpus %.20s: a part of a CPU is a limit of one container, and "
				      "%.60s has several services: say it there", cpus, options->image);
	return 0;
}

static const char *setting_of(const struct options *options, unsigned service, const char *key)
{
	const struct setting_list *settings = options->settings;
	for (size_t i = 0; i < settings->count; i++)
		if (settings->items[i].service == service && strcmp(settings->items[i].key, key) == 0)
			return settings->items[i].value;
	return NULL;
}

/* "127.0.0.1:8080:80/tcp": the address is the workstation's; the machine itself leads its port 8080 on to the container; a container on the
 * machine's own network has only its own port. */
static int plan_port(const struct options *options, const struct setting *setting,
		     struct plan *plan, struct error *err)
{
	struct qemu_machine *machine = &plan->machine;
	const char *network = setting_of(options, setting->service, "berth.network");
	bool host = network && strcmp(network, "host") == 0;
	struct port_mapping mapping;
	if (port_mapping_parse(setting->value, &mapping, err) < 0)
		return error_context(err, "%s", setting->path);
	if (machine->port_count == PUBLISHED_PORTS_MAX)
		return error_set(err, "more than %d ports", PUBLISHED_PORTS_MAX);
	if (mapping.family == AF_INET6)
		return error_set(err, "%s: QEMU's user network forwards only from IPv4 addresses of the "
				      "workstation", setting->path);
	machine->ports[machine->port_count++] = (struct published_port){
		.address = mapping.family == AF_INET ? mapping.v4
						     : (struct in_addr){htonl(INADDR_LOOPBACK)},
		.host = mapping.machine,
		.container = host ? mapping.container : mapping.machine,
		.udp = mapping.udp,
	};
	return 0;
}

/* Whoever others wait for is stopped after them: at worst one after the other. */
static void plan_stop(const struct options *options, struct plan *plan)
{
	const struct setting_list *settings = options->settings;
	unsigned count = settings->items[settings->count - 1].service + 1;
	for (unsigned i = 0; i < count; i++) {
		const char *text = setting_of(options, i, "berth.stop-timeout");
		plan->stop_ms += (text ? strtoll(text, NULL, 10) : STOP_TIMEOUT_S) * 1000;
	}
}

int services_plan(const struct options *options, struct plan *plan, struct error *err)
{
	const struct setting_list *settings = options->settings;
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *setting = &settings->items[i];
		if (strcmp(setting->key, "berth.image") == 0 &&
		    plan_registry(setting->value, plan, err) < 0)
			return -1;
		if (strcmp(setting->key, "berth.port") == 0 && plan->machine.network &&
		    plan_port(options, setting, plan, err) < 0)
			return -1;
	}
	plan_stop(options, plan);
	return 0;
}

static ssize_t read_carried(const void *carried, const char *path, char *out, size_t capacity,
			    struct error *err)
{
	return carried_read(carried, path, out, capacity, err);
}

/* PID 1 gets it in one frame, beside its names. */
static int check_size(const struct machine *machine, const char *name, struct error *err)
{
	enum { NAMES = 512 };
	static unsigned char storage[FRAME_MAX - NAMES];
	struct frame frame;
	frame_begin(&frame, CONFIG_RESULT, storage, sizeof storage);
	machine_encode(&frame, machine);
	return frame.bad ? error_set(err, "%.100s: all that it says, secrets and configs included, is more "
					  "than the %d KiB that a machine takes: what is large can be "
					  "bound (./FILE:/PATH:ro) or be in a volume",
				     name, FRAME_MAX / 1024)
			 : 0;
}

static void print_problem(void *context, bool is_warning, const char *line)
{
	(void)is_warning;
	fprintf(context, "%s\n", line);
}

int services_check(const struct options *options, const struct kernel_line *line,
		   struct error *err)
{
	static struct machine machine;
	_cleanup_free_ char *problems = NULL;
	size_t size = 0;
	const struct config_text text = {
		.text = options->document,
		.size = strlen(options->document),
		.name = options->image,
		.source = "fw_cfg",
		.trust = TRUST_COMMAND_LINE,
		.folder = -1,
	};
	const struct config_texts texts = {
		.items = &text, .count = 1, .least = TRUST_COMMAND_LINE, .hostname = "",
		.read_carried = read_carried, .carried = options->carried};
	if (line->length > KERNEL_LINE_MAX)
		return 0; /* which is said later */
	if (text.size > USER_DATA_MAX)
		return error_set(err, "%s: its normal form has %zu bytes, and a machine takes %d at most",
				 options->image, text.size, USER_DATA_MAX);
	FILE *out = open_memstream(&problems, &size);
	if (!out)
		return error_errno(err, ENOMEM, "check the document");
	const struct config_listener listener = {print_problem, NULL, out};
	int result = config_describe(&texts, line->text, &machine, &listener, err);
	fclose(out);
	if (result < 0 && problems)
		fputs(problems, stderr);
	return result < 0 ? -1 : check_size(&machine, options->image, err);
}
