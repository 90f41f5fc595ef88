// SPDX-License-Identifier: Apache-2.0
/* A Pod's securityContext, and that of each container. */
#include "init/config/document/pod.h"

#include <string.h>

const struct node *pod_security(const struct pod *pod, const struct node *container,
				const char *key)
{
	const struct node *own = node_get(node_get(container, "securityContext"), key);
	return own ? own : node_get(node_get(pod->spec, "securityContext"), key);
}

static void put_option(struct pod *pod, struct node *service, const char *text,
		       const struct node *like)
{
	pod_append_text(pod, pod_member(pod, service, "security_opt", NODE_LIST, like), text, like);
}

static void convert_user(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *user = pod_security(pod, container, "runAsUser");
	const struct node *group = pod_security(pod, container, "runAsGroup");
	const struct node *other = pod_security(pod, container, "runAsNonRoot");
	const struct node *more = pod_security(pod, NULL, "supplementalGroups");
	const struct node *files = pod_security(pod, NULL, "fsGroup");
	if (user && group)
		pod_put_text(pod, service, "user",
			     pod_text(pod, user, "%lld:%lld", (long long)user->integer,
				      (long long)group->integer),
			     user);
	else if (user)
		pod_put_text(pod, service, "user",
			     pod_text(pod, user, "%lld", (long long)user->integer), user);
	else if (group)
		complain(pod->normaliser, group, "runAsGroup needs a runAsUser beside it");
	if (other && other->integer && user && !user->integer)
		complain(pod->normaliser, user, "is root, and runAsNonRoot says that it is not");
	else if (other && other->integer && !user)
		pod_put_bool(pod, service, "x-berth-non-root", true, other);
	for (const struct node *at = more ? more->first : NULL; at; at = at->next)
		pod_append_text(pod, pod_member(pod, service, "group_add", NODE_LIST, more),
				at->text, at);
	if (files)
		pod_append_text(pod, pod_member(pod, service, "group_add", NODE_LIST, files),
				files->text, files);
}

/* Those of the network are the owner's to set; the others each container has for itself. */
static void convert_sysctls(struct pod *pod, struct node *service)
{
	const struct node *list = pod_security(pod, NULL, "sysctls");
	bool owns = strcmp(service->key, pod->owner) == 0;
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		const char *name = node_get_text(item, "name");
		if (!owns && strncmp(name, "net.", 4) == 0)
			continue;
		pod_put(pod, pod_member(pod, service, "sysctls", NODE_MAP, list), name,
			node_get(item, "value"));
	}
}

void pod_security_context(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *security = node_get(container, "securityContext");
	const struct node *gain = node_get(security, "allowPrivilegeEscalation");
	const struct node *filter = pod_security(pod, container, "seccompProfile");
	const char *proc = node_get_text(security, "procMount");
	pod_put(pod, service, "privileged", node_get(security, "privileged"));
	pod_put(pod, service, "read_only", node_get(security, "readOnlyRootFilesystem"));
	pod_put(pod, service, "cap_add", node_at(security, "capabilities.add"));
	pod_put(pod, service, "cap_drop", node_at(security, "capabilities.drop"));
	convert_user(pod, container, service);
	convert_sysctls(pod, service);
	if (gain)
		put_option(pod, service,
			   gain->integer ? "no-new-privileges:false" : "no-new-privileges:true",
			   gain);
	if (filter && strcmp(node_get_text(filter, "type"), "Unconfined") == 0)
		put_option(pod, service, "seccomp=unconfined", filter);
	if (proc && strcmp(proc, "Unmasked") == 0)
		put_option(pod, service, "systempaths=unconfined", node_get(security, "procMount"));
}
