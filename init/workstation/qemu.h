// SPDX-License-Identifier: Apache-2.0
/* QEMU: where it is, what accelerates it, and its argument vector. */
#ifndef BERTH_INIT_WORKSTATION_QEMU_H
#define BERTH_INIT_WORKSTATION_QEMU_H

#include "init/workstation/port.h"
#include "init/workstation/registry_route.h"
#include "lib/arena.h"
#include "lib/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { QEMU_IMAGES_MAX = 8, QEMU_ROUTES_MAX = 16 };

/* One virtual machine; all texts are borrowed. */
struct qemu_machine {
	const char *program; /* path of qemu-system-x86_64 */
	const char *kernel, *initrd;
	const char *append; /* kernel command line */
	const char *disk;   /* raw image, or NULL */
	const struct string_list *attached;   /* more disks, as --attach has them; or NULL */
	const char *images_folder;            /* shared read-only, or NULL */
	const char *images[QEMU_IMAGES_MAX];  /* raw disks with images, read-only */
	unsigned image_count;
	bool kvm;
	bool network; /* a network card on QEMU's user network */
	unsigned memory_mib, cpus;
	struct published_port ports[PUBLISHED_PORTS_MAX];
	unsigned port_count;
	const struct registry_route *routes; /* relayed when relay_to is set */
	unsigned route_count;
	int berth_pid;                      /* whose /proc/PID/exe is the relay */
	const char *document;               /* file for opt/org.berth/config of fw_cfg, or NULL */
	int report_fd, qmp_fd;              /* sockets that QEMU inherits, or -1: to files, for show */
};

/* The file of "FILE[:ro]", and whether it may only be read. */
bool attached_path(const char *text, char *out, size_t capacity);

/* Finds qemu-system-x86_64 in PATH. The error names the packages. */
int qemu_find(char *path, size_t capacity, struct error *err);

/* Whether this process may create virtual machines with KVM. */
bool qemu_kvm_usable(void);

/* Builds the argument vector, program first. The console is QEMU's standard output. */
int qemu_arguments(const struct qemu_machine *machine, struct arena *arena,
		   struct string_list *out, struct error *err);

#endif
