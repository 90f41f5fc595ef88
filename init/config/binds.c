// SPDX-License-Identifier: Apache-2.0
#include "init/config/binds.h"

#include "init/config/volumes.h"
#include "lib/cleanup.h"

#include <string.h>

static const char engine[] = "there is no Docker Engine in the machine, and no socket of one";
static const char programs[] = "the machine has no programs, libraries or data of a distribution: what a "
			       "container needs of them is in its image, or beside the document as ./NAME";

/* The first one that the path is or lies below of. */
static const struct {
	const char *path;
	enum bind_kind kind;
	const char *why;
} places[] = {
	{VOLUME_BIND_FOLDER, BIND_BESIDE, NULL},
	{"/var/run/docker.sock", BIND_REFUSED, engine},
	{"/run/docker.sock", BIND_REFUSED, engine},
	{"/var/lib/docker", BIND_REFUSED, engine},
	{"/etc/localtime", BIND_CLOCK, NULL},
	{"/etc/timezone", BIND_CLOCK, NULL},
	{"/etc", BIND_REFUSED, "the machine has no configuration for containers: put the file or folder beside "
			       "the document, as ./NAME"},
	{"/lib/modules", BIND_EMPTY, NULL},
	{"/usr/lib/modules", BIND_EMPTY, NULL},
	{"/bin", BIND_REFUSED, programs},
	{"/sbin", BIND_REFUSED, programs},
	{"/lib", BIND_REFUSED, programs},
	{"/lib32", BIND_REFUSED, programs},
	{"/lib64", BIND_REFUSED, programs},
	{"/usr", BIND_REFUSED, programs},
	{"/boot", BIND_REFUSED, programs},
	{"/proc", BIND_KERNEL, NULL},
	{"/sys", BIND_KERNEL, NULL},
	{"/dev/shm", BIND_REFUSED, "memory is shared with ipc: shareable and ipc: service:NAME, or the machine's "
				   "with ipc: host; shm_size makes it larger"},
	{"/dev", BIND_REFUSED, "devices are named under devices, such as devices: [/dev/ttyUSB0]; all of them "
			       "are had with privileged: true"},
	{"/run", BIND_REFUSED, "nothing runs in the machine that could be talked to there: no D-Bus, no systemd, "
			       "no container engine"},
	{"/var/run", BIND_REFUSED, "nothing runs in the machine that could be talked to there: no D-Bus, no "
				   "systemd, no container engine"},
	{"/tmp/.X11-unix", BIND_REFUSED, "the machine has no display"},
	{"/var/lib/berth", BIND_REFUSED, "it is the machine's own store: use a volume"},
	{CARRIED_FOLDER, BIND_REFUSED, "it is the machine's own"},
};

static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	return strncmp(path, folder, length) == 0 && (!path[length] || path[length] == '/');
}

enum bind_kind bind_kind_of(const char *path, const char **why)
{
	const char *reason = "the machine's root has nothing for containers: bind the folder that is needed";
	enum bind_kind kind = path[strspn(path, "/")] ? BIND_FOLDER : BIND_REFUSED;
	for (size_t i = 0; kind == BIND_FOLDER && i < countof(places); i++)
		if (is_below(path, places[i].path)) {
			kind = places[i].kind;
			reason = places[i].why;
			break;
		}
	if (why && kind == BIND_REFUSED)
		*why = reason;
	return kind;
}
