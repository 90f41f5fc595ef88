// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/plan.h"

#include "images/layouts/layout_web.h"
#include "images/reference.h"
#include "init/boot/volume.h"
#include "init/config/command_line.h"
#include "init/config/document/document.h"
#include "init/config/keys.h"
#include "init/workstation/plan_services.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MEMORY_LEAST_MIB = 16, CPUS_MAX = 255, SECONDS_MAX = 10000000, STOP_MARGIN_MS = 20000 };

static const uint64_t MIB = 1024 * 1024;

/* The folder with vmlinuz and initramfs: $BERTH_MACHINE, or x86_64 beside the program. */
static int machine_folder(char *out, size_t capacity, struct error *err)
{
	const char *asked = getenv("BERTH_MACHINE");
	if (asked && *asked) {
		int used = snprintf(out, capacity, "%s", asked);
		return (size_t)used < capacity ? 0 : error_set(err, "$BERTH_MACHINE is too long");
	}
	ssize_t length = readlink("/proc/self/exe", out, capacity - 1);
	if (length < 0)
		return error_errno(err, errno, "find the program's own folder (/proc/self/exe)");
	out[length] = 0;
	char *slash = strrchr(out, '/');
	size_t used = slash ? (size_t)(slash + 1 - out) : 0;
	int added = snprintf(out + used, capacity - used, "x86_64");
	return (size_t)added < capacity - used ? 0 : error_set(err, "the program's path is too long");
}

static int find_file(const char *asked, const char *folder, const char *name, const char *option,
		     char out[PATH_MAX], struct error *err)
{
	int used = asked ? snprintf(out, PATH_MAX, "%s", asked)
			 : snprintf(out, PATH_MAX, "%s/%s", folder, name);
	if (used >= PATH_MAX)
		return error_set(err, "the path of %s is too long", name);
	if (access(out, R_OK) == 0)
		return 0;
	return error_errno(err, errno, "cannot read %s (name another with %s, or the folder with "
				       "$BERTH_MACHINE)", out, option);
}

static int find_files(const struct options *options, struct plan *plan, struct error *err)
{
	char folder[PATH_MAX];
	if (machine_folder(folder, sizeof folder, err) < 0 ||
	    find_file(option_text(options, OPTION_KERNEL, NULL), folder, "vmlinuz", "--kernel",
		      plan->kernel, err) < 0 ||
	    find_file(option_text(options, OPTION_INITRD, NULL), folder, "initramfs", "--initrd",
		      plan->initrd, err) < 0)
		return -1;
	plan->machine.kernel = plan->kernel;
	plan->machine.initrd = plan->initrd;
	return 0;
}

static int plan_memory(const struct options *options, struct plan *plan, struct error *err)
{
	uint64_t bytes;
	if (parse_size(option_text(options, OPTION_MEMORY, "1G"), &bytes, err) < 0)
		return error_context(err, "--memory");
	if (bytes < MEMORY_LEAST_MIB * MIB || bytes > (1ULL << 40))
		return error_set(err, "--memory %s: a machine has between %d MiB and 1 TiB",
				 option_text(options, OPTION_MEMORY, "1G"), MEMORY_LEAST_MIB);
	plan->machine.memory_mib = (unsigned)((bytes + MIB - 1) / MIB);
	return 0;
}

static int plan_cpus(const struct options *options, struct plan *plan, struct error *err)
{
	const char *text = option_text(options, OPTION_CPUS, "1");
	uint64_t millis;
	if (parse_cpus(text, &millis, err) < 0)
		return error_context(err, "--cpus");
	plan->machine.cpus = (unsigned)((millis + 999) / 1000);
	if (plan->machine.cpus > CPUS_MAX)
		return error_set(err, "--cpus %.20s: a machine has at most %d", text, CPUS_MAX);
	if (millis % 1000)
		kernel_line_key(&plan->line, "berth.cpus", text);
	return 0;
}

static int parse_seconds(const char *option, const char *text, long least, int64_t *milliseconds,
			 struct error *err)
{
	char *end;
	errno = 0;
	long seconds = strtol(text, &end, 10);
	if (errno || end == text || *end || seconds < least || seconds > SECONDS_MAX)
		return error_set(err, "--%s %.40s is not a number of seconds (%ld to %d)", option, text,
				 least, SECONDS_MAX);
	*milliseconds = (int64_t)seconds * 1000;
	return 0;
}

/* A machine that is asked to stop while it starts must first finish starting, which QEMU without
 * KVM on a busy workstation does slowly; and the container has its own time to end. */
static int plan_times(const struct options *options, struct plan *plan, struct error *err)
{
	const char *timeout = option_text(options, OPTION_TIMEOUT, NULL);
	const char *stop = option_text(options, OPTION_STOP_TIMEOUT, "10");
	if (timeout && parse_seconds("timeout", timeout, 1, &plan->timeout_ms, err) < 0)
		return -1;
	if (parse_seconds("stop-timeout", stop, 0, &plan->stop_ms, err) < 0)
		return -1;
	plan->stop_ms += STOP_MARGIN_MS;
	return 0;
}

static int plan_accelerator(const struct options *options, struct plan *plan,
			    struct error *err)
{
	const char *text = option_text(options, OPTION_ACCEL, NULL);
	if (text && strcmp(text, "kvm") != 0 && strcmp(text, "tcg") != 0)
		return error_set(err, "--accel %.40s is neither kvm nor tcg", text);
	plan->machine.kvm = text ? strcmp(text, "kvm") == 0 : qemu_kvm_usable();
	return 0;
}

/* An image without our file system would be ignored by the machine, and what is stored lost. The
 * magic number and the label stand in the superblock (Documentation/filesystems/ext4). */
static int plan_disk(const struct options *options, struct plan *plan, struct error *err)
{
	static const char label[16] = "berth-data";
	const char *path = plan->machine.disk = option_text(options, OPTION_DISK, NULL);
	unsigned char block[1024] = {0};
	if (!path)
		return 0;
	_cleanup_close_ int fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, errno, "open the disk %s", path);
	if (pread(fd, block, sizeof block, 1024) == (ssize_t)sizeof block && block[0x38] == 0x53 &&
	    block[0x39] == 0xef && memcmp(block + 0x78, label, sizeof label) == 0)
		return 0;
	return error_set(err, "the disk %s has no ext4 file system labelled berth-data: make one "
			      "with mke2fs -t ext4 -L berth-data %s", path, path);
}

static int plan_attached(const struct options *options, struct plan *plan, struct error *err)
{
	enum { ATTACHED_MAX = 16 };
	const struct string_list *list = &options->values[OPTION_ATTACH];
	char path[PATH_MAX];
	plan->machine.attached = list;
	if (list->count > ATTACHED_MAX)
		return error_set(err, "--attach: more than %d disks", ATTACHED_MAX);
	for (size_t i = 0; i < list->count; i++) {
		bool read_only = attached_path(list->items[i], path, sizeof path);
		_cleanup_close_ int fd =
			open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return error_errno(err, errno, "--attach: open the disk %s", path);
	}
	return 0;
}

/* In the container's own network the machine's port leads on; in the machine's there is no step
 * between. */
static int plan_ports(const struct options *options, struct plan *plan, struct error *err)
{
	const struct string_list *list = &options->values[OPTION_PUBLISH];
	const char *network = option_text(options, OPTION_NETWORK, "bridge");
	bool bridge = strcmp(network, "bridge") == 0;
	if (list->count > PUBLISHED_PORTS_MAX)
		return error_set(err, "more than %d ports", PUBLISHED_PORTS_MAX);
	if (list->count && (strcmp(network, "none") == 0 || !plan->machine.network))
		return error_set(err, "-p needs a network: leave out --network none and --offline");
	for (size_t i = 0; i < list->count; i++) {
		struct published_port *port = &plan->machine.ports[plan->machine.port_count];
		if (published_port_parse(list->items[i], port, err) < 0)
			return -1;
		bool known = false;
		for (unsigned k = 0; k < plan->machine.port_count; k++) {
			const struct published_port *other = &plan->machine.ports[k];
			known |= other->container == port->container && other->udp == port->udp;
		}
		plan->machine.port_count++;
		char text[32];
		snprintf(text, sizeof text, "%u%s", port->container, port->udp ? "/udp" : "");
		if (bridge && !known)
			kernel_line_key(&plan->line, "berth.port", text);
	}
	return 0;
}

/* A disk without the label would be ignored by the machine. A tar file is no disk; what was meant is
 * the folder it is in. */
static int check_medium(const char *path, struct error *err)
{
	struct volume volume;
	char magic[5];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_errno(err, errno, "--images: open %s", path);
	volume_read(fd, &volume);
	if (volume_has_label(&volume, VOLUME_IMAGES))
		return 0;
	if (pread(fd, magic, sizeof magic, 257) == sizeof magic && memcmp(magic, "ustar", 5) == 0)
		return error_set(err, "--images: %s is a tar file and no disk: give the folder that "
				      "it is in", path);
	return error_set(err, "--images: %s has no ext4, FAT or ISO 9660 file system labelled "
			      VOLUME_IMAGES, path);
}

static int plan_medium(const char *path, struct plan *plan, struct error *err)
{
	struct qemu_machine *machine = &plan->machine;
	struct stat st;
	if (layout_is_url(path)) {
		kernel_line_key(&plan->line, "berth.images.url", path);
		return 0;
	}
	if (stat(path, &st) < 0)
		return error_errno(err, errno, "--images: look at %s", path);
	if (S_ISDIR(st.st_mode)) {
		if (machine->images_folder)
			return error_set(err, "--images: only one folder can be shared: %s or %s",
					 machine->images_folder, path);
		machine->images_folder = path;
		return 0;
	}
	if (check_medium(path, err) < 0)
		return -1;
	if (machine->image_count == QEMU_IMAGES_MAX)
		return error_set(err, "--images: more than %d disks", QEMU_IMAGES_MAX);
	machine->images[machine->image_count++] = path;
	return 0;
}

static int plan_media(const struct options *options, struct plan *plan, struct error *err)
{
	const struct string_list *list = &options->values[OPTION_MEDIA];
	for (size_t i = 0; i < list->count; i++)
		if (plan_medium(list->items[i], plan, err) < 0)
			return -1;
	return 0;
}

/* NAME=VALUE as it is; NAME alone with the value it has here, or not at all. */
static int plan_environment(const struct options *options, struct kernel_line *line,
			    struct error *err)
{
	const struct string_list *list = &options->values[OPTION_ENV];
	for (size_t i = 0; i < list->count; i++) {
		const char *name = list->items[i], *value = getenv(name);
		_cleanup_free_ char *joined = NULL;
		if (strchr(name, '=')) {
			kernel_line_key(line, "berth.env", name);
			continue;
		}
		if (value && asprintf(&joined, "%s=%s", name, value) < 0)
			return error_errno(err, ENOMEM, "--env %.40s", name);
		if (value)
			kernel_line_key(line, "berth.env", joined);
	}
	return 0;
}

static void plan_keys(const struct options *options, struct kernel_line *line)
{
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option_row *row = &option_rows[id];
		const struct string_list *list = &options->values[id];
		if (!row->key || !list->count)
			continue;
		for (size_t i = row->repeats ? 0 : list->count - 1; i < list->count; i++)
			kernel_line_key(line, row->key, list->items[i]);
	}
}

/* What a document says beside its options. */
static void plan_settings(const struct options *options, struct kernel_line *line)
{
	const struct setting_list *settings = options->settings;
	for (size_t i = 0; settings && i < settings->count; i++)
		kernel_line_key(line, settings->items[i].key, settings->items[i].value);
}

/* QEMU's user network always hands out this address; saying so saves the time of DHCP. */
static void plan_network(struct plan *plan)
{
	kernel_line_raw(&plan->line, plan->machine.network
		? "ip=10.0.2.15::10.0.2.2:255.255.255.0:::off:10.0.2.3" : "ip=off");
}

/* 10.0.2.100 has each port once. */
static int check_relays(const struct plan *plan, const struct registry_route *route,
			struct error *err)
{
	for (unsigned i = 0; i < plan->registry_count; i++)
		if (route->relay_to[0] && plan->routes[i].relay_to[0] &&
		    plan->routes[i].port == route->port)
			return error_set(err, "%s and another registry are on port %u of loopback addresses "
					      "other than 127.0.0.1: the machine can reach one of them",
					 plan->registries[i], route->port);
	return 0;
}

int plan_registry(const char *image, struct plan *plan, struct error *err)
{
	char text[REFERENCE_NAME_MAX + ROUTE_TEXT + 2];
	struct reference reference;
	struct registry_route *route = &plan->routes[plan->registry_count];
	if (reference_parse(image, &reference, err) < 0)
		return -1;
	const char *registry = reference.registry;
	if (!plan->machine.network || strcmp(registry, "docker.io") == 0)
		return 0;
	for (unsigned i = 0; i < plan->registry_count; i++)
		if (strcmp(plan->registries[i], registry) == 0)
			return 0;
	if (plan->registry_count == QEMU_ROUTES_MAX)
		return error_set(err, "images come from more than %d registries", QEMU_ROUTES_MAX);
	if (registry_route_find(registry, route, err) < 0 || check_relays(plan, route, err) < 0)
		return -1;
	plan->registries[plan->registry_count] = strdup(registry);
	if (!plan->registries[plan->registry_count++])
		return error_errno(err, ENOMEM, "keep the registry's name");
	plan->machine.routes = plan->routes;
	plan->machine.route_count = plan->registry_count;
	plan->machine.berth_pid = getpid();
	if (!route->loopback)
		return 0;
	snprintf(text, sizeof text, "%s=%s", registry, route->connect);
	kernel_line_key(&plan->line, "berth.registry.connect", text);
	kernel_line_key(&plan->line, "berth.registry.insecure", registry);
	return 0;
}

/* The machine would refuse the same settings, but only after it has started. */
static int check_settings(const struct kernel_line *line, struct error *err)
{
	static struct machine machine;
	struct command_line_problems problems;
	machine_init(&machine);
	if (line->length > KERNEL_LINE_MAX || command_line_parse(line->text, &machine, &problems) == 0)
		return 0;
	*err = problems.kept[0];
	return -1;
}

/* no_timer_check: on a busy workstation QEMU's timer may come too late for the kernel's test of it,
 * which then looks for other wiring, says so on the console, and may end in a panic. */
static int plan_container(const struct options *options, struct plan *plan, struct error *err)
{
	plan_settings(options, &plan->line);
	if (plan_cpus(options, plan, err) < 0 || plan_environment(options, &plan->line, err) < 0 ||
	    plan_ports(options, plan, err) < 0 || plan_media(options, plan, err) < 0)
		return -1;
	return plan_registry(options->image, plan, err);
}

/* Options about a container are over what the document says of the only one. */
static int plan_document(const struct options *options, struct plan *plan, struct error *err)
{
	if ((options->several && services_check_options(options, err) < 0) ||
	    plan_cpus(options, plan, err) < 0 || services_plan(options, plan, err) < 0 ||
	    plan_environment(options, &plan->line, err) < 0 || plan_ports(options, plan, err) < 0)
		return -1;
	return plan_media(options, plan, err);
}

/* The words of the container, and all of it checked as the machine will. */
static int plan_command(const struct options *options, struct kernel_line *line, struct error *err)
{
	struct kernel_line checked = *line;
	kernel_line_command(&checked, options->words);
	return options->document ? services_check(options, &checked, err)
				 : check_settings(&checked, err);
}

static int plan_line(const struct options *options, struct plan *plan, struct error *err)
{
	struct kernel_line *line = &plan->line;
	struct reference image;
	if (!options->document && reference_parse(options->image, &image, err) < 0)
		return -1;
	kernel_line_raw(line, "console=ttyS0 panic=-1 no_timer_check");
	kernel_line_raw(line, option_given(options, OPTION_VERBOSE) ? "loglevel=7" : "quiet");
	plan_network(plan);
	kernel_line_key(line, options->document ? "berth.config" : "berth.image",
			options->document ? "fw_cfg" : options->image);
	plan_keys(options, line);
	if ((options->document ? plan_document(options, plan, err)
			       : plan_container(options, plan, err)) < 0 ||
	    plan_command(options, line, err) < 0)
		return -1;
	for (size_t i = 0; i < options->values[OPTION_APPEND].count; i++)
		kernel_line_raw(line, options->values[OPTION_APPEND].items[i]);
	kernel_line_command(line, options->words);
	return kernel_line_check(line, err);
}

int plan_make(const struct options *options, struct plan *plan, struct error *err)
{
	memset(plan, 0, sizeof *plan);
	plan->machine.report_fd = plan->machine.qmp_fd = -1;
	plan->machine.network = !option_given(options, OPTION_OFFLINE);
	if (plan_memory(options, plan, err) < 0 || plan_times(options, plan, err) < 0 ||
	    plan_accelerator(options, plan, err) < 0 || plan_line(options, plan, err) < 0 ||
	    find_files(options, plan, err) < 0 || plan_disk(options, plan, err) < 0 ||
	    plan_attached(options, plan, err) < 0 ||
	    qemu_find(plan->program, sizeof plan->program, err) < 0)
		return -1;
	plan->machine.program = plan->program;
	plan->machine.append = plan->line.text;
	return 0;
}
