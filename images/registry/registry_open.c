// SPDX-License-Identifier: Apache-2.0
/* The endpoints of a repository, from the settings and the credentials. */
#include "images/pull/resolve.h"
#include "images/registry/registry.h"

#include "lib/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int find_credentials(const struct resolve_context *context, struct endpoint *endpoint,
			    struct error *err)
{
	const struct credentials_file *file = context->credentials;
	if (file->size == 0)
		return 0;
	int found = credentials_find(file->text, file->size, &endpoint->reference,
				     &endpoint->credentials, err);
	endpoint->has_credentials = found > 0;
	return found < 0 ? -1 : 0;
}

static int add_mirror(struct registry *registry, const struct mirror *mirror, struct error *err)
{
	struct endpoint *endpoint = &registry->endpoints[registry->count++];
	struct reference *reference = &endpoint->reference;
	int length = snprintf(reference->repository, sizeof reference->repository, "%s%s",
			      mirror->path, registry->reference->repository);
	if (length >= (int)sizeof reference->repository)
		return error_set(err, "the name of the repository at the mirror %s is longer than "
				 "%zu bytes", mirror->host, sizeof reference->repository - 1);
	memcpy(reference->registry, mirror->host, sizeof reference->registry);
	memcpy(endpoint->base, mirror->base, sizeof endpoint->base);
	endpoint->original = mirror->proxy ? registry->reference->registry : NULL;
	endpoint->mirror = true;
	endpoint->access.decided = endpoint->access.plain = mirror->plain;
	return 0;
}

static void fill_settings(struct registry *registry, const struct resolve_context *context)
{
	const struct pull_request *request = context->request;
	const struct registry_settings *configured = &registry->settings;
	registry->http_settings = (struct http_settings){
		.ca_bundle = request->ca_bundle,
		.registries = request->registries,
		.registry_count = request->registry_count,
		.peers = configured->peers,
		.peer_count = configured->peer_count,
		.defaults = configured->defaults,
		.https_proxy = request->https_proxy,
		.http_proxy = request->http_proxy,
		.no_proxy = configured->no_proxy ? configured->no_proxy : request->no_proxy,
		.buffer_size = context->buffer_size,
		.clock_is_floor = request->clock_is_floor,
	};
}

static int add_endpoints(struct registry *registry, const struct resolve_context *context,
			 struct error *err)
{
	const struct registry_settings *settings = &registry->settings;
	registry->endpoints = calloc(settings->mirror_count + 1, sizeof *registry->endpoints);
	if (!registry->endpoints)
		return error_temporary(err, "no memory for the registry");
	for (size_t i = 0; i < settings->mirror_count; i++)
		if (add_mirror(registry, &settings->mirrors[i], err) < 0)
			return -1;
	registry->endpoints[registry->count++].reference = *registry->reference;
	for (size_t i = 0; i < registry->count; i++) {
		struct endpoint *endpoint = &registry->endpoints[i];
		endpoint->http = registry->http;
		endpoint->settings = &registry->http_settings;
		if (find_credentials(context, endpoint, err) < 0)
			return -1;
	}
	return 0;
}

int registry_open(struct registry *registry, const struct resolve_context *context,
		  void (*alive)(void *context), void *alive_context, struct error *err)
{
	*registry = (struct registry){.reference = context->reference};
	if (registry_settings_read(context->settings, context->reference, &registry->settings,
				   err) < 0)
		return -1;
	fill_settings(registry, context);
	registry->http_settings.alive = alive;
	registry->http_settings.alive_context = alive_context;
	registry->http = http_open(&registry->http_settings, err);
	return registry->http ? add_endpoints(registry, context, err) : -1;
}

void registry_close(struct registry *registry)
{
	http_close(registry->http);
	free(registry->endpoints);
	registry_settings_close(&registry->settings);
	*registry = (struct registry){0};
}

void registry_resume(struct registry *registry, size_t first, const struct registry_access *access)
{
	if (first >= registry->count)
		return;
	registry->first = first;
	registry->endpoints[first].access = *access;
}

void registry_describe(const struct registry *registry, size_t endpoint, char *out)
{
	const struct endpoint *asked = &registry->endpoints[endpoint];
	if (asked->mirror)
		snprintf(out, PULL_TEXT, "mirror %.100s of %.100s", asked->reference.registry,
			 registry->reference->registry);
	else
		snprintf(out, PULL_TEXT, "registry %.200s", asked->reference.registry);
}
