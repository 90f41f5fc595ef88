// SPDX-License-Identifier: Apache-2.0
/* QEMU's argument vector. */
#include "init/workstation/qemu.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <arpa/inet.h>
#include <stdlib.h>

static char memory[65536];
static struct string_list argv;

static void build(const struct qemu_machine *machine)
{
	static struct arena arena;
	struct error err = ERROR_INIT;
	memset(memory, 0, sizeof memory);
	arena_init(&arena, memory, sizeof memory);
	argv = (struct string_list){0};
	ok(qemu_arguments(machine, &arena, &argv, &err) == 0, "the vector is built %s", err.text);
}

static int has(const char *option, const char *value)
{
	for (size_t i = 0; i + 1 < argv.count; i++)
		if (strcmp(argv.items[i], option) == 0 &&
		    (!value || strcmp(argv.items[i + 1], value) == 0))
			return 1;
	return 0;
}

static struct qemu_machine minimal(void)
{
	return (struct qemu_machine){
		.program = "/q", .kernel = "/k", .initrd = "/i", .append = "a b", .network = true,
		.memory_mib = 64, .cpus = 2, .report_fd = 5, .qmp_fd = 6,
	};
}

static void test_minimal(void)
{
	struct qemu_machine machine = minimal();
	build(&machine);
	is(argv.items[0], "/q", "the program comes first");
	ok(!argv.items[argv.count], "NULL ends it");
	ok(has("-accel", "tcg") && has("-cpu", "max"), "TCG");
	ok(has("-m", "64M") && has("-smp", "2"), "size");
	ok(has("-append", "a b") && has("-kernel", "/k") && has("-initrd", "/i"), "what is booted");
	ok(has("-chardev", "socket,id=report,fd=5") && has("-chardev", "socket,id=qmp,fd=6"),
	   "the inherited sockets");
	ok(has("-netdev", "user,id=net,ipv6=off"), "network");
	ok(!has("-drive", NULL), "no disk");
	ok(!has("-fsdev", NULL), "no folder");
	machine.images_folder = "/my,images";
	machine.images[machine.image_count++] = "/a.iso";
	build(&machine);
	ok(has("-fsdev", "local,id=images,security_model=none,readonly=on,multidevs=remap,"
			 "path=/my,,images") &&
		   has("-device", "virtio-9p-pci,fsdev=images,mount_tag=berth-images"), "a folder");
	ok(has("-drive", "if=none,id=images0,format=raw,readonly=on,file=/a.iso") &&
		   has("-device", "virtio-blk-pci,drive=images0"), "a disk with images");
	machine.network = false;
	build(&machine);
	ok(!has("-netdev", NULL), "no network card");
}

static void test_everything(void)
{
	struct qemu_machine machine = minimal();
	struct registry_route route = {.loopback = true, .relay_to = "::1", .port = 5000};
	machine.kvm = true;
	machine.disk = "/a,b.img";
	machine.routes = &route;
	machine.route_count = 1;
	machine.document = "/d,e";
	machine.berth_pid = 7;
	machine.report_fd = machine.qmp_fd = -1;
	machine.port_count = 2;
	machine.ports[0] = (struct published_port){{htonl(INADDR_LOOPBACK)}, 8080, 80, false};
	machine.ports[1] = (struct published_port){{0}, 53, 5353, true};
	build(&machine);
	ok(has("-fw_cfg", "name=opt/org.berth/config,file=/d,,e"), "a document");
	ok(has("-accel", "kvm") && has("-cpu", "host"), "KVM");
	ok(has("-drive", "if=none,id=data,format=raw,discard=unmap,file=/a,,b.img"),
	   "a comma in a path is doubled");
	ok(has("-netdev", "user,id=net,ipv6=off,hostfwd=tcp:127.0.0.1:8080-:80,"
			  "hostfwd=udp:0.0.0.0:53-:5353,"
			  "guestfwd=tcp:10.0.2.100:5000-cmd:/proc/7/exe relay ::1 5000"),
	   "ports and the relay");
	ok(!has("-mon", NULL), "no monitor for show");
	machine.port_count = PUBLISHED_PORTS_MAX;
	for (unsigned i = 0; i < PUBLISHED_PORTS_MAX; i++)
		machine.ports[i] = (struct published_port){{UINT32_MAX}, 65535, 65535, true};
	build(&machine);
}

static void test_find(void)
{
	char path[64];
	struct error err = ERROR_INIT;
	setenv("PATH", "/nonexistent:/proc", 1);
	ok(qemu_find(path, sizeof path, &err) < 0 && strstr(err.text, "qemu-system-x86"),
	   "a missing QEMU names the package: %s", err.text);
}

int main(void)
{
	test_minimal();
	test_everything();
	test_find();
	return tap_end();
}
