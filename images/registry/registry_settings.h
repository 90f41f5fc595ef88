// SPDX-License-Identifier: Apache-2.0
/*
 * The member "registries" of the image settings: how each registry is reached, and which mirrors
 * stand before it. docs/pull.md describes the form.
 */
#ifndef BERTH_IMAGES_REGISTRY_REGISTRY_SETTINGS_H
#define BERTH_IMAGES_REGISTRY_REGISTRY_SETTINGS_H

#include "images/http/http.h"
#include "images/reference.h"
#include "images/settings.h"

enum { MIRRORS_MAX = 8, PEERS_MAX = 128, MIRROR_PATH_MAX = 128 };

/* A mirror's address, "https://HOST[:PORT][/PATH]": the path stands before the name of the repository,
 * https://HOST/v2/PATH/NAME; or, with "/v2" in it, https://HOST/BASE/v2/PATH/NAME. */
struct mirror {
	char host[REFERENCE_NAME_MAX]; /* "mirror.lan:5000" */
	char base[MIRROR_PATH_MAX];    /* "" or "/artifactory/api/docker/hub" */
	char path[MIRROR_PATH_MAX];    /* "" or "hub/" */
	bool plain;                    /* the address says http */
	bool proxy;                    /* "ns": it is told whom to ask, with ?ns=docker.io */
};

struct registry_settings {
	struct http_peer defaults;
	const char *no_proxy;
	struct http_peer peers[PEERS_MAX];
	size_t peer_count;
	struct mirror mirrors[MIRRORS_MAX]; /* of the registry that was asked for, in order */
	size_t mirror_count;
	struct arena texts;
};

/* Reads and checks all of the member, also what is not for this reference. An absent file gives empty
 * settings. Close in any case. */
int registry_settings_read(const struct settings_file *file, const struct reference *reference,
			   struct registry_settings *out, struct error *err);
void registry_settings_close(struct registry_settings *settings);
/* One mirror's address. */
int mirror_parse(const char *url, struct mirror *out, struct error *err);

#endif
