// SPDX-License-Identifier: Apache-2.0
/*
 * What a container may be given beside its command: the keys that change its capabilities, mounts,
 * limits and files. The description keeps each as it was written, checked; these parsers are used
 * for the check and again for the start.
 */
#ifndef BERTH_INIT_CONFIG_CONTAINER_OPTIONS_H
#define BERTH_INIT_CONFIG_CONTAINER_OPTIONS_H

#include "init/config/machine.h"
#include "runtime/spec.h"

enum { TMPFS_OPTIONS_MAX = 6 };

/* "NET_ADMIN", "CAP_NET_ADMIN" or "ALL", in any case → a set of capabilities. */
int parse_capability(const char *text, uint64_t *mask, struct error *err);
/* Docker's order: what is dropped goes first, so that "drop ALL, add one" leaves one. "add ALL, drop
 * one" leaves all but one, and so does a privileged container. */
int container_capabilities(const struct string_list *add, const struct string_list *drop,
			   bool privileged, uint64_t *out, struct error *err);
/* "nofile=1024:4096", "core=-1". */
int parse_ulimit(const char *text, struct resource_limit *out, struct error *err);
/* "net.core.somaxconn=1024", of a namespace that a container has for itself. */
int parse_sysctl(const char *text, struct arena *arena, struct sysctl *out, struct error *err);
/* "/run[:size=16m,mode=755,exec]". `options` has room for TMPFS_OPTIONS_MAX, and out->options
 * points to it. */
int parse_tmpfs(const char *text, struct arena *arena, struct mount_option *options,
		struct spec_mount *out, struct error *err);

/* In the place of a host's address: the machine, as the container reaches it. */
#define HOST_GATEWAY "host-gateway"

/* Setters for the table of keys. */
typedef int container_setter(struct machine *machine, const char *value, struct error *err);
container_setter add_capability, drop_capability, add_ulimit, add_sysctl, add_tmpfs, add_host,
	add_machine_sysctl, set_read_only, set_container_hostname, set_stop_signal, set_shm_size, set_oom_score_adj;

#endif
