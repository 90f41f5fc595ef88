// SPDX-License-Identifier: Apache-2.0
/*
 * Laying one normalised tree over another by Compose's rules: maps key by key; lists one behind the
 * other, where ports, volumes, secrets and configs of the same target take the earlier one's place;
 * commands and tests replace; everything else replaces. !reset takes a value away, !override
 * replaces it whole.
 */
#ifndef BERTH_INIT_CONFIG_DOCUMENT_MERGE_H
#define BERTH_INIT_CONFIG_DOCUMENT_MERGE_H

#include "init/config/document/normalise.h"

/* Changes `base`, which takes over copies of what is in `over`. -1, reported, when there is no
 * room. */
int merge(struct normaliser *normaliser, struct node *base, const struct node *over,
	  const struct schema_key *row);

/* What a list below a service says twice counts once, and of mounts, ports and the like with the same
 * target the last one; a list without anything is none. */
void merge_twins(struct node *service, const struct schema_key *row);

#endif
