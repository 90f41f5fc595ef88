// SPDX-License-Identifier: Apache-2.0
/*
 * Other people's declarations, rewritten as a Compose tree before anything else is done: a
 * Kubernetes Pod with its ConfigMaps and Secrets, konlet's gce-container-declaration (which is a Pod without its head), and
 * `docker run …`. Values keep their places. There are no variables in them.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_DECLARATION_H
#define BERTH_INIT_CONFIG_DOCUMENT_DECLARATION_H

#include "init/config/document/document.h"
#include "init/config/document/normalise.h"

/* The text is a `docker run …`, or `docker container run …`. */
bool declaration_is_docker_run(const struct document_layer *layer);
/* Its Compose tree, or NULL after a problem. */
struct node *docker_run_read(struct normaliser *normaliser, const struct document_layer *layer,
			     unsigned file);

/* Among the documents of a file is one of the form of a Pod, of what stands beside one, or of what
 * konlet takes. */
bool declaration_is_pod(const struct node *documents);
/* Their Compose tree, or NULL after a problem. */
struct node *pod_read(struct normaliser *normaliser, struct node *documents);

/* pod_schema.c: what a Pod may say. */
extern const struct schema_key schema_pod;
/* What may stand in its file and has no meaning without a cluster. */
#define POD_IGNORED_KINDS "Namespace|Service|ServiceAccount|PersistentVolumeClaim"

#endif
