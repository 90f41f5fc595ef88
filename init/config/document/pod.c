// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/document/forms.h"

#include <stdlib.h>
#include <string.h>

struct pod {
	struct normaliser *normaliser;
	const struct node *spec, *metadata;
	struct node *root; /* the Compose tree */
	const char *first; /* the first container's name, whose network the others share */
	bool konlet;       /* without a head: the container is on the machine's network */
};

bool declaration_is_pod(const struct node *root)
{
	const char *kind = node_get_text(root, "kind");
	if (node_get(root, "services"))
		return false;
	return (kind && node_get(root, "apiVersion")) || node_at(root, "spec.containers");
}

/* Moves a value below another name; its place stays. */
static void put(struct pod *pod, struct node *map, const char *key, const struct node *value)
{
	struct node *copy = value ? node_copy(pod->normaliser->pool, value) : NULL;
	if (copy)
		node_put(map, key, value->key ? value->key_at : value->at, copy);
	else if (value)
		complain_no_room(pod->normaliser, value);
}

static void put_text(struct pod *pod, struct node *map, const char *key, const char *text,
		     const struct node *like)
{
	struct node *value = node_text(pod->normaliser->pool, text, like->at);
	if (value)
		node_put(map, key, like->at, value);
	else
		complain_no_room(pod->normaliser, like);
}

static struct node *put_new(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			    const struct node *like)
{
	static struct node spare; /* after a failure, which has been reported */
	struct node *value = node_new(pod->normaliser->pool, kind, like->at);
	if (!value) {
		complain_no_room(pod->normaliser, like);
		spare = (struct node){.kind = kind, .text = "", .at = like->at};
		return &spare;
	}
	if (map->kind == NODE_MAP)
		node_put(map, key, like->at, value);
	else
		node_append(map, value);
	return value;
}

/* "500m" is 0.5, "2" is 2; "128Mi" is 134217728, "1G" a thousand million. Negative: neither. */
static double quantity(const char *text)
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

static void put_quantity(struct pod *pod, struct node *map, const char *key,
			 const struct node *value, const char *format)
{
	char text[64];
	double number = value ? quantity(value->text) : 0;
	if (!value)
		return;
	if (number <= 0) {
		complain(pod->normaliser, value,
			 "\"%.40s\" is not a quantity such as 500m or 128Mi", value->text);
		return;
	}
	snprintf(text, sizeof text, format, number);
	put_text(pod, map, key, text, value);
}

static void convert_resources(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *resources = node_get(container, "resources");
	const struct node *limits = node_get(resources, "limits");
	const struct node *requests = node_get(resources, "requests");
	if (limits) {
		put_quantity(pod, service, "mem_limit", node_get(limits, "memory"), "%.0f");
		put_quantity(pod, service, "cpus", node_get(limits, "cpu"), "%.3f");
	}
	if (requests)
		put_quantity(pod, service, "mem_reservation", node_get(requests, "memory"), "%.0f");
}

static void convert_variables(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "env");
	if (!list)
		return;
	struct node *map = put_new(pod, service, "environment", NODE_MAP, list);
	for (const struct node *item = list->first; item; item = item->next) {
		const char *name = node_get_text(item, "name");
		const struct node *value = node_get(item, "value");
		if (node_get(map, name))
			complain(pod->normaliser, item, "the variable %.60s is there twice", name);
		else if (value)
			put(pod, map, name, value);
		else
			put_text(pod, map, name, "", item);
	}
}

/* Only ports of the host are published; on the machine's own network all are there anyway. */
static void convert_ports(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "ports");
	if (!list || node_get(service, "network_mode"))
		return;
	struct node *ports = put_new(pod, service, "ports", NODE_LIST, list);
	for (const struct node *item = list->first; item; item = item->next) {
		const struct node *host = node_get(item, "hostPort"),
				  *udp = node_get(item, "protocol");
		if (!host)
			continue;
		struct node *port = put_new(pod, ports, NULL, NODE_MAP, item);
		put(pod, port, "target", node_get(item, "containerPort"));
		put(pod, port, "published", host);
		put(pod, port, "host_ip", node_get(item, "hostIP"));
		put_text(pod, port, "protocol",
			 udp && strcmp(udp->text, "UDP") == 0 ? "udp" : "tcp", item);
	}
}

static const struct node *find_volume(const struct pod *pod, const char *name)
{
	const struct node *list = node_get(pod->spec, "volumes");
	for (const struct node *item = list ? list->first : NULL; item; item = item->next)
		if (strcmp(node_get_text(item, "name"), name) == 0)
			return item;
	return NULL;
}

/* emptyDir in memory is a tmpfs, on disk a volume; hostPath is a bind mount. */
static void convert_mount(struct pod *pod, const struct node *item, struct node *mounts)
{
	const struct node *name = node_get(item, "name");
	const struct node *volume = find_volume(pod, name->text);
	const struct node *empty = node_get(volume, "emptyDir"),
			  *host = node_get(volume, "hostPath");
	if (!volume || (!empty && !host)) {
		complain(pod->normaliser, name, "\"%.60s\" is not among the Pod's volumes",
			 name->text);
		return;
	}
	struct node *mount = put_new(pod, mounts, NULL, NODE_MAP, item);
	bool memory = node_get(empty, "medium") != NULL;
	put_text(pod, mount, "type", host ? "bind" : memory ? "tmpfs" : "volume", item);
	put(pod, mount, "target", node_get(item, "mountPath"));
	put(pod, mount, "read_only", node_get(item, "readOnly"));
	if (host) {
		put(pod, mount, "source", node_get(host, "path"));
	} else if (memory) {
		struct node *tmpfs = put_new(pod, mount, "tmpfs", NODE_MAP, item);
		put_quantity(pod, tmpfs, "size", node_get(empty, "sizeLimit"), "%.0f");
	} else {
		put(pod, mount, "source", name);
		struct node *volumes = node_get(pod->root, "volumes");
		if (!volumes)
			volumes = put_new(pod, pod->root, "volumes", NODE_MAP, volume);
		if (!node_get(volumes, name->text))
			put_new(pod, volumes, name->text, NODE_NULL, volume);
	}
	if (node_get(item, "subPath") && !host && !memory) {
		struct node *options = put_new(pod, mount, "volume", NODE_MAP, item);
		put(pod, options, "subpath", node_get(item, "subPath"));
	} else if (node_get(item, "subPath")) {
		complain(pod->normaliser, node_get(item, "subPath"),
			 "only a volume on disk has folders");
	}
}

static void convert_mounts(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *list = node_get(container, "volumeMounts");
	if (!list)
		return;
	struct node *mounts = put_new(pod, service, "volumes", NODE_LIST, list);
	for (const struct node *item = list->first; item; item = item->next)
		convert_mount(pod, item, mounts);
}

static void put_option(struct pod *pod, struct node *service, const char *text,
		       const struct node *like)
{
	struct node *list = node_get(service, "security_opt");
	if (!list)
		list = put_new(pod, service, "security_opt", NODE_LIST, like);
	struct node *item = put_new(pod, list, NULL, NODE_TEXT, like);
	item->text = text;
}

static void convert_security(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *security = node_get(container, "securityContext");
	const struct node *user = node_get(security, "runAsUser");
	const struct node *group = node_get(security, "runAsGroup");
	const struct node *gain = node_get(security, "allowPrivilegeEscalation");
	const struct node *filter = node_at(security, "seccompProfile.type");
	char text[64];
	if (!security)
		return;
	put(pod, service, "privileged", node_get(security, "privileged"));
	put(pod, service, "read_only", node_get(security, "readOnlyRootFilesystem"));
	put(pod, service, "cap_add", node_at(security, "capabilities.add"));
	put(pod, service, "cap_drop", node_at(security, "capabilities.drop"));
	if (user || group) {
		snprintf(text, sizeof text, group ? "%lld:%lld" : "%lld",
			 (long long)(user ? user->integer : 0),
			 (long long)(group ? group->integer : 0));
		put_text(pod, service, "user", text, user ? user : group);
	}
	if (gain && !gain->integer)
		put_option(pod, service, "no-new-privileges:true", gain);
	if (filter && strcmp(filter->text, "Unconfined") == 0)
		put_option(pod, service, "seccomp=unconfined", filter);
}

static void put_seconds(struct pod *pod, struct node *map, const char *key,
			const struct node *value)
{
	char text[40];
	if (!value)
		return;
	snprintf(text, sizeof text, "%llds", (long long)value->integer);
	put_text(pod, map, key, text, value);
}

/* A Pod's container is tested more often than Docker does when it does not say how often, and one
 * that fails is started again. */
static void complete_probe(struct pod *pod, struct node *check, const struct node *probe)
{
	if (!node_get(check, "interval"))
		put_text(pod, check, "interval", "10s", probe);
	if (!node_get(check, "timeout"))
		put_text(pod, check, "timeout", "1s", probe);
	put_text(pod, check, "x-berth-on-failure", "stop", probe);
}

static void convert_probe(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *probe = node_get(container, "livenessProbe");
	const struct node *words = node_at(probe, "exec.command");
	if (!words)
		return;
	struct node *check = put_new(pod, service, "healthcheck", NODE_MAP, probe);
	struct node *test = put_new(pod, check, "test", NODE_LIST, words);
	struct node *kind = put_new(pod, test, NULL, NODE_TEXT, words);
	kind->text = "CMD";
	for (const struct node *word = words->first; word; word = word->next) {
		struct node *copy = put_new(pod, test, NULL, NODE_TEXT, word);
		copy->text = word->text;
	}
	put_seconds(pod, check, "interval", node_get(probe, "periodSeconds"));
	put_seconds(pod, check, "timeout", node_get(probe, "timeoutSeconds"));
	put_seconds(pod, check, "start_period", node_get(probe, "initialDelaySeconds"));
	put(pod, check, "retries", node_get(probe, "failureThreshold"));
	complete_probe(pod, check, probe);
}

static void convert_hosts(struct pod *pod, struct node *service)
{
	const struct node *list = node_get(pod->spec, "hostAliases");
	char text[300];
	if (!list)
		return;
	struct node *hosts = put_new(pod, service, "extra_hosts", NODE_LIST, list);
	for (const struct node *item = list->first; item; item = item->next) {
		const struct node *names = node_get(item, "hostnames");
		for (const struct node *name = names->first; name; name = name->next) {
			struct node *host = put_new(pod, hosts, NULL, NODE_TEXT, name);
			snprintf(text, sizeof text, "%.200s=%.60s", name->text,
				 node_get_text(item, "ip"));
			host->text = arena_strdup(pod->normaliser->pool->arena, text);
			if (!host->text)
				host->text = "";
		}
	}
}

static const char *restart_of(const struct pod *pod)
{
	const char *policy = node_get_text(pod->spec, "restartPolicy");
	if (!policy || strcmp(policy, "Always") == 0)
		return "always";
	return strcmp(policy, "Never") == 0 ? "no" : "on-failure";
}

static void convert_network(struct pod *pod, const struct node *container, struct node *service)
{
	const struct node *host = node_get(pod->spec, "hostNetwork");
	if (pod->konlet || (host && host->integer))
		put_text(pod, service, "network_mode", "host", host ? host : container);
	else if (pod->first)
		put_text(pod, service, "network_mode",
			 arena_printf(pod->normaliser->pool->arena, "service:%s", pod->first),
			 container);
	else
		put(pod, service, "hostname", node_get(pod->spec, "hostname"));
}

static bool says(const struct pod *pod, const char *key)
{
	const struct node *value = node_get(pod->spec, key);
	return value && value->integer;
}

/* The machine's, or with shareProcessNamespace the first container's. */
static void convert_namespaces(struct pod *pod, const struct node *container, struct node *service)
{
	if (says(pod, "hostPID"))
		put_text(pod, service, "pid", "host", node_get(pod->spec, "hostPID"));
	else if (says(pod, "shareProcessNamespace") && pod->first)
		put_text(pod, service, "pid",
			 arena_printf(pod->normaliser->pool->arena, "service:%s", pod->first),
			 container);
	if (says(pod, "hostIPC"))
		put_text(pod, service, "ipc", "host", node_get(pod->spec, "hostIPC"));
}

static void convert_container(struct pod *pod, const struct node *container, struct node *services)
{
	const char *policy = node_get_text(container, "imagePullPolicy");
	const char *name = node_get_text(container, "name");
	if (node_get(services, name)) {
		complain(pod->normaliser, container, "the container %.60s is there twice", name);
		return;
	}
	struct node *service = put_new(pod, services, name, NODE_MAP, container);
	put(pod, service, "image", node_get(container, "image"));
	put(pod, service, "entrypoint", node_get(container, "command"));
	put(pod, service, "command", node_get(container, "args"));
	put(pod, service, "working_dir", node_get(container, "workingDir"));
	put(pod, service, "stdin_open", node_get(container, "stdin"));
	put(pod, service, "tty", node_get(container, "tty"));
	put(pod, service, "labels", node_get(pod->metadata, "labels"));
	put(pod, service, "annotations", node_get(pod->metadata, "annotations"));
	put_text(pod, service, "restart", restart_of(pod), container);
	put_seconds(pod, service, "stop_grace_period",
		    node_get(pod->spec, "terminationGracePeriodSeconds"));
	if (policy)
		put_text(pod, service, "pull_policy",
			 strcmp(policy, "Always") == 0  ? "always"
			 : strcmp(policy, "Never") == 0 ? "never"
							: "missing",
			 node_get(container, "imagePullPolicy"));
	convert_network(pod, container, service);
	convert_namespaces(pod, container, service);
	convert_variables(pod, container, service);
	convert_ports(pod, container, service);
	convert_mounts(pod, container, service);
	convert_resources(pod, container, service);
	convert_security(pod, container, service);
	convert_probe(pod, container, service);
	convert_hosts(pod, service);
}

struct node *pod_read(struct normaliser *normaliser, struct node *root)
{
	struct pod pod = {.normaliser = normaliser, .konlet = !node_get(root, "kind")};
	normalise(normaliser, root, &schema_pod);
	if (normaliser->problems->count[PROBLEM_ERROR])
		return NULL;
	pod.spec = node_get(root, "spec");
	pod.metadata = node_get(root, "metadata");
	pod.root = node_new(normaliser->pool, NODE_MAP, root->at);
	const struct node *containers = node_get(pod.spec, "containers");
	if (!pod.root || !containers->count || (pod.konlet && containers->count > 1)) {
		complain(normaliser, containers, "there must be %s container",
			 pod.konlet ? "exactly one" : "a");
		return NULL;
	}
	struct node *services = put_new(&pod, pod.root, "services", NODE_MAP, containers);
	for (const struct node *item = containers->first; item; item = item->next) {
		convert_container(&pod, item, services);
		if (!pod.first)
			pod.first = node_get_text(item, "name");
	}
	return pod.root;
}
