// SPDX-License-Identifier: Apache-2.0
#include "init/workstation/qemu.h"

#include "lib/cleanup.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#define QEMU_NAME "qemu-system-x86_64"

int qemu_find(char *path, size_t capacity, struct error *err)
{
	const char *search = getenv("PATH");
	for (const char *at = search ? search : "/usr/bin:/bin"; at;) {
		size_t length = strcspn(at, ":");
		int used = snprintf(path, capacity, "%.*s%s" QEMU_NAME, (int)length, at,
				    length ? "/" : "");
		if (used > 0 && (size_t)used < capacity && access(path, X_OK) == 0)
			return 0;
		at = at[length] ? at + length + 1 : NULL;
	}
	return error_set(err, QEMU_NAME " is not in PATH: install QEMU (Debian, Ubuntu: "
			      "qemu-system-x86; Fedora: qemu-system-x86-core; Arch: qemu-base; "
			      "Alpine: " QEMU_NAME ")");
}

bool qemu_kvm_usable(void)
{
	_cleanup_close_ int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		return false;
	_cleanup_close_ int machine = ioctl(kvm, KVM_CREATE_VM, 0);
	return machine >= 0;
}

/* Collects arguments; the first failure (the arena is full) is remembered. */
struct builder {
	struct arena *arena;
	struct string_list *list;
	struct error *err;
	int result;
};

static void add(struct builder *to, const char *text)
{
	if (!text || string_list_add(to->list, to->arena, text, to->err) < 0)
		to->result = -1;
}

__attribute__((format(printf, 2, 3))) static void add_format(struct builder *to,
							     const char *format, ...)
{
	char text[8192];
	va_list ap;
	va_start(ap, format);
	int length = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (length < 0 || (size_t)length >= sizeof text)
		to->result = error_set(to->err, "an argument of QEMU is longer than %zu bytes",
				       sizeof text);
	else
		add(to, text);
}

static void add_all(struct builder *to, const char *const *texts)
{
	for (; *texts; texts++)
		add(to, *texts);
}

/* In QEMU's option lists a comma within a value is written twice. */
static void add_file_option(struct builder *to, const char *before, const char *file,
			    const char *after)
{
	char text[8192];
	size_t used = 0;
	for (; *file && used + 2 < sizeof text; file++) {
		text[used++] = *file;
		if (*file == ',')
			text[used++] = ',';
	}
	text[used] = 0;
	add_format(to, "%s%s%s", before, text, after);
}

static void add_basics(struct builder *to, const struct qemu_machine *machine)
{
	static const char *const fixed[] = {
		"-nodefaults", "-no-user-config", "-display", "none", "-vga", "none",
		"-no-reboot", "-chardev", "stdio,id=console,signal=off",
		"-serial", "chardev:console", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04",
		"-device", "virtio-rng-pci", NULL,
	};
	add_all(to, (const char *const[]){"-M", "pc", "-accel", NULL});
	add(to, machine->kvm ? "kvm" : "tcg");
	add(to, "-cpu");
	add(to, machine->kvm ? "host" : "max");
	add(to, "-smp");
	add_format(to, "%u", machine->cpus);
	add(to, "-m");
	add_format(to, "%uM", machine->memory_mib);
	add_all(to, fixed);
}

/* Not over a virtio-serial port, which takes some of the machine's memory. */
static void add_report(struct builder *to, const struct qemu_machine *machine)
{
	add(to, "-chardev");
	if (machine->report_fd >= 0)
		add_format(to, "socket,id=report,fd=%d", machine->report_fd);
	else
		add(to, "file,id=report,path=report.json");
	add(to, "-device");
	add(to, "isa-debugcon,iobase=0xf8,chardev=report");
}

static void add_monitor(struct builder *to, const struct qemu_machine *machine)
{
	if (machine->qmp_fd < 0)
		return;
	add(to, "-chardev");
	add_format(to, "socket,id=qmp,fd=%d", machine->qmp_fd);
	add_all(to, (const char *const[]){"-mon", "chardev=qmp,mode=control", NULL});
}

static size_t add_forward(const struct published_port *port, char *out, size_t capacity)
{
	char address[INET_ADDRSTRLEN];
	inet_ntop(AF_INET, &port->address, address, sizeof address);
	int used = snprintf(out, capacity, ",hostfwd=%s:%s:%u-:%u", port->udp ? "udp" : "tcp",
			    address, port->host, port->container);
	return used > 0 ? (size_t)used : 0;
}

static size_t add_relay(const struct qemu_machine *machine, const struct registry_route *route,
			char *out, size_t capacity)
{
	if (!route->relay_to[0])
		return 0;
	int used = snprintf(out, capacity,
			    ",guestfwd=tcp:10.0.2.100:%u-cmd:/proc/%d/exe relay %s %u", route->port,
			    machine->berth_pid, route->relay_to, route->port);
	return used > 0 ? (size_t)used : 0;
}

static void add_network(struct builder *to, const struct qemu_machine *machine)
{
	/* One rule is at most ",hostfwd=udp:255.255.255.255:65535-:65535", or 80 bytes and an
	 * address. */
	char rules[PUBLISHED_PORTS_MAX * 48 + QEMU_ROUTES_MAX * (80 + ROUTE_TEXT)];
	size_t used = 0;
	rules[0] = 0;
	for (unsigned i = 0; i < machine->port_count; i++)
		used += add_forward(&machine->ports[i], rules + used, sizeof rules - used);
	for (unsigned i = 0; i < machine->route_count; i++)
		used += add_relay(machine, &machine->routes[i], rules + used, sizeof rules - used);
	add(to, "-netdev");
	add_format(to, "user,id=net,ipv6=off%s", rules);
	/* Without a boot ROM the card needs no file of the firmware packages. */
	add_all(to, (const char *const[]){"-device", "virtio-net-pci,netdev=net,romfile=", NULL});
}

bool attached_path(const char *text, char *out, size_t capacity)
{
	size_t length = strlen(text);
	bool read_only = length > 3 && strcmp(text + length - 3, ":ro") == 0;
	snprintf(out, capacity, "%.*s", (int)(length - (read_only ? 3 : 0)), text);
	return read_only;
}

static void add_disk(struct builder *to, const struct qemu_machine *machine)
{
	add(to, "-drive");
	add_file_option(to, "if=none,id=data,format=raw,discard=unmap,file=", machine->disk, "");
	add_all(to, (const char *const[]){"-device", "virtio-blk-pci,drive=data", NULL});
}

static void add_attached(struct builder *to, const struct string_list *list)
{
	for (size_t i = 0; list && i < list->count; i++) {
		char before[80], path[4096];
		bool read_only = attached_path(list->items[i], path, sizeof path);
		snprintf(before, sizeof before, "if=none,id=attached%zu,format=raw,%sfile=", i,
			 read_only ? "readonly=on," : "discard=unmap,");
		add(to, "-drive");
		add_file_option(to, before, path, "");
		add(to, "-device");
		add_format(to, "virtio-blk-pci,drive=attached%zu", i);
	}
}

static void add_media(struct builder *to, const struct qemu_machine *machine)
{
	for (unsigned i = 0; i < machine->image_count; i++) {
		char before[64];
		snprintf(before, sizeof before, "if=none,id=images%u,format=raw,readonly=on,file=", i);
		add(to, "-drive");
		add_file_option(to, before, machine->images[i], "");
		add(to, "-device");
		add_format(to, "virtio-blk-pci,drive=images%u", i);
	}
	if (!machine->images_folder)
		return;
	add(to, "-fsdev");
	add_file_option(to, "local,id=images,security_model=none,readonly=on,multidevs=remap,path=",
			machine->images_folder, "");
	add_all(to, (const char *const[]){
		"-device", "virtio-9p-pci,fsdev=images,mount_tag=berth-images", NULL});
}

int qemu_arguments(const struct qemu_machine *machine, struct arena *arena,
		   struct string_list *out, struct error *err)
{
	struct builder to = {.arena = arena, .list = out, .err = err};
	add(&to, machine->program);
	add_basics(&to, machine);
	add_report(&to, machine);
	add_monitor(&to, machine);
	if (machine->network)
		add_network(&to, machine);
	if (machine->disk)
		add_disk(&to, machine);
	add_media(&to, machine);
	add_attached(&to, machine->attached);
	if (machine->document) {
		add(&to, "-fw_cfg");
		add_file_option(&to, "name=opt/org.berth/config,file=", machine->document, "");
	}
	add(&to, "-kernel");
	add(&to, machine->kernel);
	add(&to, "-initrd");
	add(&to, machine->initrd);
	add(&to, "-append");
	add(&to, machine->append);
	return to.result;
}
