// SPDX-License-Identifier: Apache-2.0
/*
 * Which namespaces a container has for itself, and which it shares with the machine or with another
 * service: `pid`, `ipc`, `uts`, `cgroup` and `userns_mode`, as Docker's reference has them.
 */
#ifndef BERTH_INIT_CONFIG_SHARING_H
#define BERTH_INIT_CONFIG_SHARING_H

#include "init/config/machine.h"

enum share {
	SHARE_PRIVATE,   /* its own */
	SHARE_HOST,      /* the machine's */
	SHARE_SERVICE,   /* another service's */
	SHARE_SHAREABLE, /* of ipc: its own, and others may share it, /dev/shm too */
	SHARE_NONE,      /* of ipc: its own, without /dev/shm */
	SHARE_UNKNOWN,
};

/* Whether the container has users of its own. */
bool sharing_is_remapped(const struct machine *machine, const struct container_config *container);
/* The services whose namespaces it shares, up to three; returns how many. */
size_t sharing_donors(const struct container_config *container, const char *services[3]);

/* Of a text that is kept, or NULL; *service (borrowed from it) is set for SHARE_SERVICE. */
enum share share_of(const char *text, const char **service);

/* Whether what the container shares goes together, with the rest of the machine too. */
int sharing_check(const struct machine *machine, const struct container_config *container,
		  struct error *err);

/* Setters for the table of keys. */
int set_pid(struct machine *machine, const char *value, struct error *err);
int set_ipc(struct machine *machine, const char *value, struct error *err);
int set_uts(struct machine *machine, const char *value, struct error *err);
int set_cgroup(struct machine *machine, const char *value, struct error *err);
int set_userns(struct machine *machine, const char *value, struct error *err);
int set_userns_mode(struct machine *machine, const char *value, struct error *err);

#endif
