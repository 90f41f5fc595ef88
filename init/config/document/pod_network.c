// SPDX-License-Identifier: Apache-2.0
/* A Pod's network: whose it is, which ports are published, and how names are found. */
#include "init/config/document/pod.h"

#include <string.h>

void pod_network(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *host = node_get(pod->spec, "hostNetwork");
	const struct node *name = node_get(pod->spec, "hostname");
	bool machines = pod->konlet || (host && host->integer);
	if (machines)
		pod_put_text(pod, service, "network_mode", "host", host ? host : container);
	else if (strcmp(service->key, pod->owner) != 0)
		pod_put_text(pod, service, "network_mode",
			     pod_text(pod, container, "service:%s", pod->owner), container);
	if (!name && !machines)
		name = node_get(pod->metadata, "name");
	pod_put(pod, service, "hostname", name);
}

/* Only ports of the host are published, by the container whose network it is; on the machine's own
 * network all are there anyway. */
void pod_ports(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "ports");
	const char *mode = node_get_text(service, "network_mode");
	if (mode && strcmp(mode, "host") == 0)
		return;
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		const struct node *host = node_get(item, "hostPort");
		const char *protocol = node_get_text(item, "protocol");
		if (!host || !host->integer)
			continue;
		if (!pod->ports)
			pod->ports = pod_put_new(
				pod, node_get(node_get(pod->root, "services"), pod->owner), "ports",
				NODE_LIST, list);
		struct node *port = pod_put_new(pod, pod->ports, NULL, NODE_MAP, item);
		pod_put(pod, port, "target", node_get(item, "containerPort"));
		pod_put(pod, port, "published", host);
		pod_put(pod, port, "host_ip", node_get(item, "hostIP"));
		pod_put_text(pod, port, "protocol",
			     protocol && strcmp(protocol, "UDP") == 0 ? "udp" : "tcp", item);
	}
}

static void convert_hosts(struct pod *pod, struct node *service)
{
	const struct node *list = node_get(pod->spec, "hostAliases");
	struct node *hosts =
		list ? pod_put_new(pod, service, "extra_hosts", NODE_LIST, list) : NULL;
	for (const struct node *item = list ? list->first : NULL; item; item = item->next) {
		const struct node *names = node_get(item, "hostnames");
		for (const struct node *name = names->first; name; name = name->next)
			pod_append_text(
				pod, hosts,
				pod_text(pod, name, "%s=%s", name->text, node_get_text(item, "ip")),
				name);
	}
}

/* Whatever the policy is, the machine's name servers are there for what is not said. */
static void convert_resolver(struct pod *pod, struct node *service)
{
	const struct node *config = node_get(pod->spec, "dnsConfig");
	const struct node *policy = node_get(pod->spec, "dnsPolicy");
	const struct node *options = node_get(config, "options");
	pod_put(pod, service, "dns", node_get(config, "nameservers"));
	pod_put(pod, service, "dns_search", node_get(config, "searches"));
	for (const struct node *at = options ? options->first : NULL; at; at = at->next) {
		const char *value = node_get_text(at, "value");
		pod_append_text(pod, pod_member(pod, service, "dns_opt", NODE_LIST, options),
				pod_text(pod, at, "%s%s%s", node_get_text(at, "name"),
					 value ? ":" : "", value ? value : ""),
				at);
	}
	if (policy && strcmp(policy->text, "None") == 0 && !node_get(config, "nameservers"))
		complain(pod->normaliser, policy, "None needs dnsConfig.nameservers");
}

void pod_names(struct pod *pod, struct node *service)
{
	convert_hosts(pod, service);
	convert_resolver(pod, service);
}
