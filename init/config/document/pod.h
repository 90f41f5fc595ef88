// SPDX-License-Identifier: Apache-2.0
/* What the readers of a Pod's parts share; each part has a file of its name. */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_POD_H
#define BERTH_INIT_CONFIG_DOCUMENT_POD_H

#include "init/config/document/normalise.h"

struct pod {
	struct normaliser *normaliser;
	const struct node *documents; /* all of the file: ConfigMaps and Secrets are among them */
	const struct node *pod, *spec, *metadata;
	struct node *root; /* the Compose tree */
	const char
		*owner; /* the container that is started first: its network is that of the others */
	const char *first;  /* the first one that is not an initContainer */
	struct node *ports; /* of the owner */
	bool konlet;        /* without a head: the container is on the machine's network */
};

/* pod_tree.c: moves a value below another name; its place stays. */
void pod_put(struct pod *pod, struct node *map, const char *key, const struct node *value);
void pod_put_text(struct pod *pod, struct node *map, const char *key, const char *text,
		  const struct node *like);
/* A new member of a map, or item of a list. Never NULL. */
struct node *pod_put_new(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			 const struct node *like);
/* The member, made when it is not there. */
struct node *pod_member(struct pod *pod, struct node *map, const char *key, enum node_kind kind,
			const struct node *like);
void pod_put_bool(struct pod *pod, struct node *map, const char *key, bool value,
		  const struct node *like);
void pod_append_text(struct pod *pod, struct node *list, const char *text, const struct node *like);
void pod_put_seconds(struct pod *pod, struct node *map, const char *key, const struct node *value);
/* "500m" is 0.5, "2" is 2; "128Mi" is 134217728, "1G" a thousand million. Negative: neither. */
double pod_quantity(const char *text);
/* Whether it is one above 0; else that is reported. */
bool pod_check_quantity(struct pod *pod, const struct node *value);
void pod_put_quantity(struct pod *pod, struct node *map, const char *key, const struct node *value,
		      const char *format);
/* A map's member that is true. */
bool pod_says(const struct node *map, const char *key);
/* "%s" with room in the document; "" when there is none, which is reported. */
const char *pod_text(struct pod *pod, const struct node *like, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* pod_container.c: a service more. An initial one is of initContainers. */
void pod_container(struct pod *pod, const struct node *container, struct node *services, bool initial);

/* pod_security.c: what the container's securityContext says, else the Pod's. */
const struct node *pod_security(const struct pod *pod, const struct node *container,
				const char *key);
/* All of it, and sysctls. */
void pod_security_context(struct pod *pod, const struct node *container, struct node *service);

/* pod_network.c: the network that the container is on, and its name there. */
void pod_network(struct pod *pod, const struct node *container, struct node *service);
/* Only ports of the host are published, by the container whose network it is. */
void pod_ports(struct pod *pod, const struct node *container, struct node *service);
/* hostAliases, dnsConfig, dnsPolicy. */
void pod_names(struct pod *pod, struct node *service);

/* pod_environment.c: a ConfigMap or Secret of the file, or NULL. */
const struct node *pod_find_object(const struct pod *pod, const char *kind, const char *name);
/* The value of a key of one of them, plain; NULL: there is none, or it is no text, which is
 * reported. */
const char *pod_object_value(struct pod *pod, const struct node *object, const char *key,
			     const struct node *like);
/* What metadata.name and the like are; NULL, reported, when the file does not say it. A value that
 * only the machine knows is "", and *machine is what it is called in x-berth-variables. */
const char *pod_field(struct pod *pod, const struct node *reference, const char **machine);
/* limits.cpu and the like, divided. */
const char *pod_resource(struct pod *pod, const struct node *container,
			 const struct node *reference);

/* env, envFrom; command and args with $(NAME). */
void pod_environment(struct pod *pod, const struct node *container, struct node *service);

/* pod_probes.c: probes and hooks. */
void pod_probes(struct pod *pod, const struct node *container, struct node *service);

/* pod_volumes.c: volumeMounts. */
void pod_mounts(struct pod *pod, const struct node *container, struct node *service);

/* pod_schema.c: what the objects of a file may say. */
extern const struct schema_key schema_config_map, schema_secret;

#endif
