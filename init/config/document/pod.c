// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/document/forms.h"
#include "init/config/document/pod.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool declaration_is_pod(const struct node *documents)
{
	for (const struct node *root = documents->first; root; root = root->next) {
		const char *kind = node_get_text(root, "kind");
		if (!node_get(root, "services") &&
		    ((kind && node_get(root, "apiVersion")) || node_at(root, "spec.containers")))
			return true;
	}
	return false;
}

void pod_put(struct pod *pod, struct node *map, const char *key, const struct node *value)
{
	struct node *copy = value ? node_copy(pod->normaliser->pool, value) : NULL;
	if (copy)
		node_put(map, key, value->key ? value->key_at : value->at, copy);
	else if (value)
		complain_no_room(pod->normaliser, value);
}

void pod_put_text(struct pod *pod, struct node *map, const char *key, const char *text,
		  const struct node *like)
{
	struct node *value = node_text(pod->normaliser->pool, text, like->at);
	if (value)
		node_put(map, key, like->at, value);
	else
		complain_no_room(pod->normaliser, like);
}

void pod_put_bool(struct pod *pod, struct node *map, const char *key, bool value,
		  const struct node *like)
{
	struct node *node = node_bool(pod->normaliser->pool, value, like->at);
	if (node)
		node_put(map, key, like->at, node);
	else
		complain_no_room(pod->normaliser, like);
}

void pod_append_text(struct pod *pod, struct node *list, const char *text, const struct node *like)
{
	struct node *value = node_text(pod->normaliser->pool, text, like->at);
	if (value)
		node_append(list, value);
	else
		complain_no_room(pod->normaliser, like);
}

struct node *pod_put_new(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			 const struct node *like)
{
	static struct node spare; /* after a failure, which has been reported */
	struct node *value = node_new(pod->normaliser->pool, kind, like->at);
	if (!value) {
		complain_no_room(pod->normaliser, like);
		spare = (struct node){
			.kind = kind, .text = "", .key = key ? key : "", .at = like->at};
		return &spare;
	}
	if (map->kind == NODE_MAP)
		node_put(map, key, like->at, value);
	else
		node_append(map, value);
	return value;
}

struct node *pod_member(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			const struct node *like)
{
	struct node *there = node_get(map, key);
	return there ? there : pod_put_new(pod, map, key, kind, like);
}

const char *pod_text(struct pod *pod, const struct node *like, const char *format, ...)
{
	struct arena *arena = pod->normaliser->pool->arena;
	va_list ap, again;
	va_start(ap, format);
	va_copy(again, ap);
	int length = vsnprintf(NULL, 0, format, ap);
	char *out = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (out)
		vsnprintf(out, (size_t)length + 1, format, again);
	else
		complain_no_room(pod->normaliser, like);
	va_end(again);
	va_end(ap);
	return out ? out : "";
}

bool pod_says(const struct node *map, const char *key)
{
	const struct node *value = node_get(map, key);
	return value && value->integer;
}

const struct node *pod_security(const struct pod *pod, const struct node *container,
				const char *key)
{
	const struct node *own = node_get(node_get(container, "securityContext"), key);
	return own ? own : node_get(node_get(pod->spec, "securityContext"), key);
}

double pod_quantity(const char *text)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {
		{"", 1},
		{"m", 1e-3},
		{"k", 1e3},
		{"M", 1e6},
		{"G", 1e9},
		{"T", 1e12},
		{"Ki", 1024},
		{"Mi", 1024.0 * 1024},
		{"Gi", 1024.0 * 1024 * 1024},
		{"Ti", 1024.0 * 1024 * 1024 * 1024},
	};
	char *end;
	if (!*text || !strchr("0123456789.", *text))
		return -1;
	double number = strtod(text, &end);
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(units[i].suffix, end) == 0)
			return number * units[i].factor;
	return -1;
}

void pod_put_quantity(struct pod *pod, struct node *map, const char *key, const struct node *value,
		      const char *format)
{
	char text[64];
	double number = value ? pod_quantity(value->text) : 0;
	if (!value)
		return;
	if (number <= 0) {
		complain(pod->normaliser, value,
			 "\"%.40s\" is not a quantity such as 500m or 128Mi", value->text);
		return;
	}
	snprintf(text, sizeof text, format, number);
	pod_put_text(pod, map, key, text, value);
}

void pod_put_seconds(struct pod *pod, struct node *map, const char *key, const struct node *value)
{
	if (value)
		pod_put_text(pod, map, key,
			     pod_text(pod, value, "%llds", (long long)value->integer), value);
}

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

/* Only ports of the host are published, by the container whose network it is; on the machine's own
 * network all are there anyway. */
static void convert_ports(struct pod *pod, const struct node *container, struct node *service)
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

static void convert_security(struct pod *pod, const struct node *container, struct node *service)
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
static void convert_names(struct pod *pod, struct node *service)
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

static void convert_network(struct pod *pod, const struct node *container, struct node *service)
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

static void convert_container(struct pod *pod, const struct node *container, struct node *services,
			      bool initial)
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
	convert_network(pod, container, service);
	convert_namespaces(pod, container, service, initial);
	pod_environment(pod, container, service);
	convert_ports(pod, container, service);
	pod_mounts(pod, container, service);
	convert_resources(pod, container, service);
	convert_security(pod, container, service);
	pod_probes(pod, container, service);
	convert_hosts(pod, service);
	convert_names(pod, service);
}

/* What a cluster schedules with keeps no Pod from running on the one machine there is. */
struct ignored {
	char names[240];
	size_t used;
	struct position at;
};

static void ignore(struct ignored *ignored, const char *name, struct position at)
{
	if (ignored->used && strstr(ignored->names, name))
		return;
	if (!ignored->used)
		ignored->at = at;
	int length = snprintf(ignored->names + ignored->used, sizeof ignored->names - ignored->used,
			      "%s%s", ignored->used ? ", " : "", name);
	ignored->used +=
		(size_t)length < sizeof ignored->names - ignored->used ? (size_t)length : 0;
}

static void ignore_members(struct ignored *ignored, const struct node *map,
			   const struct schema_key *rows)
{
	for (const struct node *member = map ? map->first : NULL; member; member = member->next) {
		const struct schema_key *row = schema_find(rows, member->key);
		if (row && (row->flags & SCHEMA_NO_EFFECT))
			ignore(ignored, member->key, member->key_at);
	}
}

static void warn(struct pod *pod)
{
	static const char *const lists[] = {"initContainers", "containers"};
	const struct schema_key *spec = schema_find(schema_pod.members, "spec");
	struct ignored ignored = {.used = 0};
	ignore_members(&ignored, pod->spec, spec->members);
	for (size_t i = 0; i < 2; i++) {
		const struct node *list = node_get(pod->spec, lists[i]);
		const struct schema_key *row = schema_find(spec->members, lists[i]);
		for (const struct node *at = list ? list->first : NULL; at; at = at->next)
			ignore_members(&ignored, at, row->item->members);
	}
	for (const struct node *at = pod->documents->first; at; at = at->next)
		if (node_get_text(at, "kind") &&
		    schema_is_choice(POD_IGNORED_KINDS, node_get_text(at, "kind")))
			ignore(&ignored, node_get_text(at, "kind"), at->at);
	if (ignored.used)
		problem_add(pod->normaliser->problems, PROBLEM_WARNING, ignored.at, "", NULL,
			    "without a cluster this has no meaning: %s", ignored.names);
}

static struct node *read_pod(struct pod *pod, const struct node *root)
{
	const struct node *containers = node_get(pod->spec, "containers");
	const struct node *initial = node_get(pod->spec, "initContainers");
	pod->root = node_new(pod->normaliser->pool, NODE_MAP, root->at);
	if (!pod->root || !containers->count ||
	    (pod->konlet && (containers->count > 1 || initial))) {
		complain(pod->normaliser, containers, "there must be %s container",
			 pod->konlet ? "exactly one" : "a");
		return NULL;
	}
	struct node *services = pod_put_new(pod, pod->root, "services", NODE_MAP, containers);
	pod->first = node_get_text(containers->first, "name");
	pod->owner = initial && initial->count ? node_get_text(initial->first, "name") : pod->first;
	for (const struct node *item = initial ? initial->first : NULL; item; item = item->next)
		convert_container(pod, item, services, true);
	for (const struct node *item = containers->first; item; item = item->next)
		convert_container(pod, item, services, false);
	const struct node *deadline = node_get(pod->spec, "activeDeadlineSeconds");
	if (deadline)
		pod_put_seconds(pod, pod_put_new(pod, pod->root, "x-berth", NODE_MAP, deadline),
				"deadline", deadline);
	warn(pod);
	return pod->root;
}

/* Checks an object by its kind. True: it is a Pod. */
static bool check_object(struct normaliser *normaliser, struct node *root)
{
	const char *kind = node_get_text(root, "kind");
	normaliser->path[0] = 0;
	if (root->kind != NODE_MAP)
		complain(normaliser, root, "is no map");
	else if (!kind || strcmp(kind, "Pod") == 0)
		normalise(normaliser, root, &schema_pod);
	else if (strcmp(kind, "ConfigMap") == 0)
		normalise(normaliser, root, &schema_config_map);
	else if (strcmp(kind, "Secret") == 0)
		normalise(normaliser, root, &schema_secret);
	else if (schema_is_choice(
			 "Deployment|StatefulSet|DaemonSet|ReplicaSet|Job|ReplicationController",
			 kind))
		complain(normaliser, node_get(root, "kind"),
			 "%s is for a cluster: write what stands under spec.template as a Pod",
			 kind);
	else if (strcmp(kind, "CronJob") == 0)
		complain(normaliser, node_get(root, "kind"),
			 "CronJob is for a cluster: write what stands under "
			 "spec.jobTemplate.spec.template as a Pod");
	else if (!schema_is_choice(POD_IGNORED_KINDS, kind))
		complain(normaliser, node_get(root, "kind"),
			 "\"%.40s\" is none of Pod, ConfigMap and Secret, which a machine has use "
			 "for",
			 kind);
	return !kind || strcmp(kind, "Pod") == 0;
}

struct node *pod_read(struct normaliser *normaliser, struct node *documents)
{
	struct pod pod = {.normaliser = normaliser, .documents = documents};
	for (struct node *root = documents->first; root; root = root->next) {
		if (!check_object(normaliser, root))
			continue;
		if (pod.pod)
			complain(normaliser, root,
				 "there is another Pod before it, and a machine is one");
		pod.pod = root;
	}
	normaliser->path[0] = 0;
	if (!pod.pod && !normaliser->problems->count[PROBLEM_ERROR])
		complain(normaliser, documents, "there is no Pod");
	if (normaliser->problems->count[PROBLEM_ERROR])
		return NULL;
	pod.konlet = !node_get(pod.pod, "kind");
	pod.spec = node_get(pod.pod, "spec");
	pod.metadata = node_get(pod.pod, "metadata");
	return read_pod(&pod, pod.pod);
}
