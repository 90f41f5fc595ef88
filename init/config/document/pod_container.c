// SPDX-License-Identifier: Apache-2.0
/* A container of a Pod as a service: its resources, restarts and order. The rest has files of its own. */
#include "init/config/document/pod.h"

#include <string.h>

/* What is asked for is a weight when CPUs are short; 1024 is one CPU. */
static void put_shares(struct pod *pod, struct node *service, const struct node *cpu)
{
	double number = cpu ? pod_quantity(cpu->text) : 0;
	if (cpu && number <= 0)
		complain(pod->normaliser, cpu, "\"%.40s\" is not a quantity such as 500m",
			 cpu->text);
	else if (cpu)
		pod_put_text(pod, service, "cpu_shares",
			     pod_text(pod, cpu, "%.0f",
				      number * 1024 < 2        ? 2.0
				      : number * 1024 > 262144 ? 262144.0
							       : number * 1024),
			     cpu);
}

static void convert_resources(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *limits = node_at(container, "resources.limits");
	const struct node *requests = node_at(container, "resources.requests");
	pod_put_quantity(pod, service, "mem_limit", node_get(limits, "memory"), "%.0f");
	pod_put_quantity(pod, service, "cpus", node_get(limits, "cpu"), "%.3f");
	pod_put_quantity(pod, service, "mem_reservation", node_get(requests, "memory"), "%.0f");
	put_shares(pod, service, node_get(requests, "cpu"));
}

/* The machine's, or with shareProcessNamespace the first container's. */
static void convert_namespaces(struct pod *pod, const struct node *container, struct node *service,
			       bool initial)
{
	bool first = pod->first && strcmp(service->key, pod->first) == 0;
	if (pod_says(pod->spec, "hostPID"))
		pod_put_text(pod, service, "pid", "host", node_get(pod->spec, "hostPID"));
	else if (pod_says(pod->spec, "shareProcessNamespace") && !first && !initial)
		pod_put_text(pod, service, "pid",
			     pod_text(pod, container, "service:%s", pod->first), container);
	if (pod_says(pod->spec, "hostIPC"))
		pod_put_text(pod, service, "ipc", "host", node_get(pod->spec, "hostIPC"));
}

/* An initContainer that is always started again goes on beside the others, and not longer than
 * they. */
static bool is_companion(const struct node *container)
{
	const char *policy = node_get_text(container, "restartPolicy");
	return policy && strcmp(policy, "Always") == 0;
}

static void convert_restart(struct pod *pod, const struct node *container, struct node *service,
			    bool initial)
{
	const char *policy = node_get_text(pod->spec, "restartPolicy");
	bool never = policy && strcmp(policy, "Never") == 0;
	bool always = !policy || strcmp(policy, "Always") == 0;
	if (!initial && node_get(container, "restartPolicy"))
		complain(pod->normaliser, node_get(container, "restartPolicy"),
			 "is for initContainers; that of the Pod holds");
	if (initial && is_companion(container)) {
		pod_put_text(pod, service, "restart", "always", container);
		pod_put_bool(pod, service, "x-berth-companion", true, container);
	} else {
		pod_put_text(pod, service, "restart",
			     never                ? "no"
			     : always && !initial ? "always"
						  : "on-failure",
			     container);
	}
}

/* Of all initContainers before it. */
static void convert_order(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(pod->spec, "initContainers");
	for (const struct node *at = list ? list->first : NULL; at && at != container;
	     at = at->next) {
		struct node *map = pod_member(pod, service, "depends_on", NODE_MAP, container);
		struct node *item = pod_put_new(pod, map, node_get_text(at, "name"), NODE_MAP, at);
		pod_put_text(pod, item, "condition",
			     !is_companion(at)              ? "service_completed_successfully"
			     : node_get(at, "startupProbe") ? "service_healthy"
							    : "service_started",
			     at);
	}
}

static void convert_pull(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *policy = node_get(container, "imagePullPolicy");
	if (policy)
		pod_put_text(pod, service, "pull_policy",
			     strcmp(policy->text, "Always") == 0  ? "always"
			     : strcmp(policy->text, "Never") == 0 ? "never"
								  : "missing",
			     policy);
}

void pod_container(struct pod *pod, const struct node *container, struct node *services, bool initial)
{
	const char *name = node_get_text(container, "name");
	if (node_get(services, name)) {
		complain(pod->normaliser, container, "the container %.60s is there twice", name);
		return;
	}
	struct node *service = pod_put_new(pod, services, name, NODE_MAP, container);
	pod_put(pod, service, "image", node_get(container, "image"));
	pod_put(pod, service, "working_dir", node_get(container, "workingDir"));
	pod_put(pod, service, "stdin_open", node_get(container, "stdin"));
	pod_put(pod, service, "tty", node_get(container, "tty"));
	pod_put(pod, service, "labels", node_get(pod->metadata, "labels"));
	pod_put(pod, service, "annotations", node_get(pod->metadata, "annotations"));
	pod_put_seconds(pod, service, "stop_grace_period",
			node_get(pod->spec, "terminationGracePeriodSeconds"));
	convert_restart(pod, container, service, initial);
	convert_order(pod, container, service);
	convert_pull(pod, container, service);
	pod_network(pod, container, service);
	convert_namespaces(pod, container, service, initial);
	pod_environment(pod, container, service);
	pod_ports(pod, container, service);
	pod_mounts(pod, container, service);
	convert_resources(pod, container, service);
	pod_security_context(pod, container, service);
	pod_probes(pod, container, service);
	pod_names(pod, service);
}
