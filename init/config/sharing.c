// SPDX-License-Identifier: Apache-2.0
#include "init/config/sharing.h"

#include "lib/cleanup.h"
#include "runtime/sysctl.h"

#include <string.h>

enum { NAME_LONGEST = 63 };

static const char *const words[] = {
	[SHARE_PRIVATE] = "private",     [SHARE_HOST] = "host", [SHARE_SERVICE] = NULL,
	[SHARE_SHAREABLE] = "shareable", [SHARE_NONE] = "none",
};

enum share share_of(const char *text, const char **service)
{
	static const char prefix[] = "service:";
	if (!text)
		return SHARE_PRIVATE;
	if (strncmp(text, prefix, sizeof prefix - 1) == 0) {
		const char *name = text + sizeof prefix - 1;
		size_t length = strlen(name);
		if (service)
			*service = name;
		return length && length <= NAME_LONGEST ? SHARE_SERVICE : SHARE_UNKNOWN;
	}
	for (size_t i = 0; i < countof(words); i++)
		if (words[i] && strcmp(words[i], text) == 0)
			return (enum share)i;
	return SHARE_UNKNOWN;
}

static int keep(struct machine *machine, const char *value, const char **out, struct error *err)
{
	*out = arena_strdup(&machine->arena, value);
	return *out ? 0 : error_set(err, "more than %d bytes of settings", MACHINE_ARENA);
}

int set_pid(struct machine *machine, const char *value, struct error *err)
{
	enum share share = share_of(value, NULL);
	if (share != SHARE_PRIVATE && share != SHARE_HOST && share != SHARE_SERVICE)
		return error_set(err, "\"%.60s\" is none of private, host, service:NAME", value);
	return keep(machine, value, &machine->container->pid, err);
}

int set_ipc(struct machine *machine, const char *value, struct error *err)
{
	if (share_of(value, NULL) == SHARE_UNKNOWN)
		return error_set(err, "\"%.60s\" is none of private, shareable, none, host, "
				      "service:NAME", value);
	return keep(machine, value, &machine->container->ipc, err);
}

static int set_host(const char *value, bool *out, struct error *err)
{
	enum share share = share_of(value, NULL);
	if (share != SHARE_PRIVATE && share != SHARE_HOST)
		return error_set(err, "\"%.60s\" is neither private nor host", value);
	*out = share == SHARE_HOST;
	return 0;
}

int set_uts(struct machine *machine, const char *value, struct error *err)
{
	return set_host(value, &machine->container->uts_host, err);
}

int set_cgroup(struct machine *machine, const char *value, struct error *err)
{
	return set_host(value, &machine->container->cgroup_host, err);
}

int set_userns(struct machine *machine, const char *value, struct error *err)
{
	machine->userns = strcmp(value, "auto") == 0;
	return machine->userns || strcmp(value, "host") == 0
		       ? 0
		       : error_set(err, "\"%.60s\" is neither auto nor host", value);
}

int set_userns_mode(struct machine *machine, const char *value, struct error *err)
{
	machine->container->userns_host = strcmp(value, "host") == 0;
	return machine->container->userns_host
		       ? 0
		       : error_set(err, "\"%.60s\" is not host", value);
}

bool sharing_is_remapped(const struct machine *machine, const struct container_config *container)
{
	return machine->userns && !container->userns_host;
}

size_t sharing_donors(const struct container_config *container, const char *services[3])
{
	const char *const shared[] = {container->pid, container->ipc};
	size_t count = 0;
	if (container->network == NETWORK_SERVICE && container->network_of)
		services[count++] = container->network_of;
	for (size_t i = 0; i < countof(shared); i++) {
		const char *service = NULL;
		if (share_of(shared[i], &service) == SHARE_SERVICE && service)
			services[count++] = service;
	}
	return count;
}

static const struct container_config *find(const struct machine *machine, const char *service)
{
	for (unsigned i = 0; i < machine->container_count; i++)
		if (machine->containers[i]->service &&
		    strcmp(machine->containers[i]->service, service) == 0)
			return machine->containers[i];
	return NULL;
}

/* Docker's rule: who does not say that it may be shared is not. */
static int check_donor(const struct machine *machine, const struct container_config *container,
		       struct error *err)
{
	const char *service = NULL;
	if (share_of(container->ipc, &service) != SHARE_SERVICE || !service)
		return 0;
	const struct container_config *donor = find(machine, service);
	enum share share = donor ? share_of(donor->ipc, NULL) : SHARE_UNKNOWN;
	if (!donor)
		return error_set(err, "ipc: there is no service %.60s", service);
	if (share == SHARE_SHAREABLE)
		return 0;
	return error_set(err, "ipc: service:%.60s: that service does not share its IPC namespace: it "
			      "has to say ipc: shareable", service);
}

/* A setting of a namespace that the container does not have for itself. */
static int check_sysctl(const struct container_config *container, const char *text,
			struct error *err)
{
	char name[128];
	enum share ipc = share_of(container->ipc, NULL);
	size_t length = strcspn(text, "=");
	snprintf(name, sizeof name, "%.*s", (int)length, text);
	enum spec_namespace kind = sysctl_namespace(name);
	const char *whose = kind == NAMESPACE_NETWORK && container->network == NETWORK_HOST ? "network"
			    : kind == NAMESPACE_IPC && (ipc == SHARE_HOST || ipc == SHARE_SERVICE)
				    ? "IPC namespace"
			    : kind == NAMESPACE_UTS && container->uts_host ? "host name"
									   : NULL;
	return whose ? error_set(err, "berth.sysctl %.60s: the container has no %s of its own, whose "
				      "settings it could have for itself", text, whose)
		     : 0;
}

/* Docker's rules: the machine's own namespaces and devices are not for those whose root is nobody. */
static int check_users(const struct machine *machine, const struct container_config *container,
		       struct error *err)
{
	const char *services[3];
	size_t count = sharing_donors(container, services);
	const char *what = container->privileged ? "privileged"
			   : share_of(container->pid, NULL) == SHARE_HOST ? "pid: host"
			   : container->network == NETWORK_HOST		  ? "the machine's network"
									  : NULL;
	if (sharing_is_remapped(machine, container) && what)
		return error_set(err, "%s does not go with users of the container's own "
				      "(x-berth.userns): say userns_mode: host in the service", what);
	for (size_t i = 0; machine->userns && i < count; i++) {
		const struct container_config *donor = find(machine, services[i]);
		if (donor && donor->userns_host != container->userns_host)
			return error_set(err, "a namespace of %.60s is shared, and only one of the two "
					      "says userns_mode: host", services[i]);
	}
	return 0;
}

int sharing_check(const struct machine *machine, const struct container_config *container,
		  struct error *err)
{
	if (container->uts_host && container->hostname)
		return error_set(err, "uts: host is the machine's host name, and hostname is one of the "
				      "container's own: drop one");
	for (size_t i = 0; i < container->sysctls.count; i++)
		if (check_sysctl(container, container->sysctls.items[i], err) < 0)
			return -1;
	if (check_users(machine, container, err) < 0)
		return -1;
	return check_donor(machine, container, err);
}
