// SPDX-License-Identifier: Apache-2.0
/* One place that a repository can be pulled from: the registry itself or a mirror of it. */
#ifndef BERTH_IMAGES_REGISTRY_ENDPOINT_H
#define BERTH_IMAGES_REGISTRY_ENDPOINT_H

#include "images/registry/auth.h"
#include "images/registry/registry_settings.h"

/* What one worker learns about an endpoint and the next can use: how it is spoken to, and the
 * token. */
struct registry_access {
	bool decided;          /* `plain` is known to be right */
	bool plain;            /* http; only ever for a registry marked insecure */
	uint64_t expires_at;   /* of the token, monotonic_ns; 0: not stated */
	char authorization[AUTHORIZATION_MAX]; /* "" when none was asked for */
};

struct endpoint {
	struct http *http;
	const struct http_settings *settings;
	struct reference reference;    /* as the repository is called there; its registry is the host */
	char base[MIRROR_PATH_MAX];    /* before /v2 */
	const char *original;          /* value of ?ns=, NULL: none */
	bool mirror;                   /* somebody else can be asked when it fails */
	bool patient;                  /* nobody else is left: as with a registry, it is asked again */
	bool reached;                  /* the last time there was somebody at the address */
	bool has_credentials;
	struct credentials credentials;
	struct registry_access access;
};

enum { ENDPOINT_PATH_MAX = 256 + REFERENCE_TAG_MAX + DIGEST_TEXT };

/* A request together with the storage of its address. */
struct exchange {
	struct http_request request;
	char path[ENDPOINT_PATH_MAX]; /* below the repository: "manifests/latest" */
	char url[2 * REFERENCE_NAME_MAX + 2 * MIRROR_PATH_MAX + 512];
	bool pending;
};

enum { EXCHANGES_MAX = 9 };

/* Runs all exchanges (at most EXCHANGES_MAX), with a token where one is asked for. 0: each has its
 * result; -1: none is of use, because no token was to be had. */
int endpoint_send(struct endpoint *endpoint, struct exchange *exchanges, size_t count,
		  struct error *err);
/* A failure that asking somebody else would not make good: a connection that fails may be tried
 * elsewhere, what came over a good one is an answer. */
bool endpoint_failed_for_good(const struct http_request *request);

#endif
