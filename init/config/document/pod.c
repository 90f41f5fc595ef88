// SPDX-License-Identifier: Apache-2.0
#include "init/config/document/declaration.h"

#include "init/config/document/pod.h"

#include <stdio.h>
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
		pod_container(pod, item, services, true);
	for (const struct node *item = containers->first; item; item = item->next)
		pod_container(pod, item, services, false);
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
	if (!pod.pod || normaliser->problems->count[PROBLEM_ERROR])
		return NULL;
	pod.konlet = !node_get(pod.pod, "kind");
	pod.spec = node_get(pod.pod, "spec");
	pod.metadata = node_get(pod.pod, "metadata");
	return read_pod(&pod, pod.pod);
}
