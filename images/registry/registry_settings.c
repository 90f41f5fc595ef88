// SPDX-License-Identifier: Apache-2.0
#include "images/registry/registry_settings.h"

#include "images/registry/peer_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DEFAULT_KEY "default"

static const char *const entry_members[] = {"mirrors", PEER_MEMBERS, NULL};
static const char *const default_members[] = {"mirrors", "ca", "proxy", "no_proxy", NULL};
static const char *const mirror_members[] = {"url", "ns", PEER_MEMBERS, NULL};

/* References may have Docker Hub's other name. */
static const char *usual_name(const char *host)
{
	return strncasecmp(host, "registry-1.docker.io", 20) == 0 ? host + strlen("registry-1.") : host;
}

/* "host" and "host:443" are one registry. */
static bool same_registry(const char *a, const char *b)
{
	a = usual_name(a);
	b = usual_name(b);
	size_t a_length = strlen(a), b_length = strlen(b);
	if (a_length > 4 && strcmp(a + a_length - 4, ":443") == 0)
		a_length -= 4;
	if (b_length > 4 && strcmp(b + b_length - 4, ":443") == 0)
		b_length -= 4;
	return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

/* A registry as it stands in a reference. */
static int check_host(const char *host, struct error *err)
{
	struct reference below;
	char image[2 * REFERENCE_NAME_MAX];
	snprintf(image, sizeof image, "%.250s/any", host);
	if (strchr(host, '/') || reference_parse(image, &below, NULL) < 0 ||
	    strcasecmp(below.registry, host) != 0) {
		bool hub = strstr(host, "docker.io") || strstr(host, "docker.com");
		return error_set(err, "\"%.80s\" is not a registry, HOST or HOST:PORT%s", host,
				 hub ? ": write docker.io" : "");
	}
	if (strcasecmp(host, "registry-1.docker.io") == 0)
		return error_set(err, "\"%s\" is called docker.io here", host);
	return 0;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_peer(const struct http_peer *a, const struct http_peer *b)
{
	return a->insecure == b->insecure && a->ca_only == b->ca_only && same_text(a->ca, b->ca) &&
	       same_text(a->client_certificate, b->client_certificate) &&
	       same_text(a->client_key, b->client_key) && same_text(a->proxy, b->proxy);
}

/* A host may be stated several times, as a registry and as a mirror of others, but not differently. */
static int add_peer(struct registry_settings *out, const struct http_peer *peer, struct error *err)
{
	static const struct http_peer nothing;
	if (same_peer(peer, &nothing))
		return 0;
	for (size_t i = 0; i < out->peer_count; i++) {
		if (!same_registry(out->peers[i].host, peer->host))
			continue;
		if (same_peer(&out->peers[i], peer))
			return 0;
		return error_set(err, "how %s is reached is stated twice, and differently: state it "
				 "once, as \"%s\" of \"registries\"", peer->host, peer->host);
	}
	if (out->peer_count == PEERS_MAX)
		return error_set(err, "more than %d registries", PEERS_MAX);
	out->peers[out->peer_count++] = *peer;
	return 0;
}

static int read_mirror(struct registry_settings *out, yyjson_val *object, struct mirror *mirror,
		       struct error *err)
{
	struct http_peer peer = {0};
	const char *url = json_text(object, "url");
	if (!yyjson_is_obj(object))
		return error_set(err, "not an object with the member \"url\"");
	if (settings_check_members(object, mirror_members, "mirror", err) < 0)
		return -1;
	if (!url)
		return error_set(err, "it has no \"url\"");
	if (mirror_parse(url, mirror, err) < 0 ||
	    settings_flag(object, "ns", &mirror->proxy, err) < 0 ||
	    peer_read(object, &out->texts, &peer, err) < 0)
		return -1;
	if (mirror->plain && (peer.ca || peer.client_certificate))
		return error_set(err, "certificates have no meaning with http://: write https://");
	peer.host = arena_strdup(&out->texts, mirror->host);
	if (!peer.host)
		return error_set(err, "no memory");
	return add_peer(out, &peer, err);
}

/* Mirrors of other registries are read for their mistakes and for how their hosts are reached. */
static int read_mirrors(struct registry_settings *out, yyjson_val *entry, bool wanted,
			struct error *err)
{
	yyjson_val *list = yyjson_obj_get(entry, "mirrors"), *object;
	size_t index, count;
	if (!list)
		return 0;
	if (!yyjson_is_arr(list))
		return error_set(err, "\"mirrors\" is not a list");
	if (yyjson_arr_size(list) > MIRRORS_MAX)
		return error_set(err, "more than %d mirrors", MIRRORS_MAX);
	if (wanted)
		out->mirror_count = 0;
	yyjson_arr_foreach(list, index, count, object) {
		struct mirror mirror = {0};
		if (read_mirror(out, object, &mirror, err) < 0)
			return error_context(err, "mirror %zu", index + 1);
		if (wanted)
			out->mirrors[out->mirror_count++] = mirror;
	}
	return 0;
}

static int read_no_proxy(struct registry_settings *out, yyjson_val *entry, struct error *err)
{
	struct string_list list = {0};
	size_t size = 1;
	if (json_list(entry, "no_proxy", &out->texts, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		size += strlen(list.items[i]) + 1;
	char *text = arena_alloc(&out->texts, size), *at = text;
	if (!text)
		return error_set(err, "no memory");
	for (size_t i = 0; i < list.count; i++)
		at += sprintf(at, "%s%s", i ? "," : "", list.items[i]);
	out->no_proxy = list.count > 0 ? text : NULL;
	return 0;
}

static int read_defaults(struct registry_settings *out, yyjson_val *entry, struct error *err)
{
	if (settings_check_members(entry, default_members, DEFAULT_KEY, err) < 0)
		return -1;
	if (peer_read(entry, &out->texts, &out->defaults, err) < 0 ||
	    read_no_proxy(out, entry, err) < 0 || read_mirrors(out, entry, true, err) < 0)
		return error_context(err, DEFAULT_KEY);
	return 0;
}

static int read_entry(struct registry_settings *out, const char *host, yyjson_val *entry,
		      const struct reference *reference, struct error *err)
{
	struct http_peer peer = {.host = arena_strdup(&out->texts, host)};
	if (!peer.host)
		return error_set(err, "no memory");
	if (check_host(host, err) < 0 || settings_check_members(entry, entry_members, host, err) < 0)
		return -1;
	if (peer_read(entry, &out->texts, &peer, err) < 0 || add_peer(out, &peer, err) < 0 ||
	    read_mirrors(out, entry, same_registry(host, reference->registry), err) < 0)
		return error_context(err, "%.80s", host);
	return 0;
}

static int read_registries(struct registry_settings *out, yyjson_val *registries,
			   const struct reference *reference, struct error *err)
{
	size_t index, count;
	yyjson_val *key, *entry;
	yyjson_val *defaults = yyjson_obj_get(registries, DEFAULT_KEY);
	/* First, because an entry's own mirrors replace the default ones. */
	if (defaults && read_defaults(out, defaults, err) < 0)
		return -1;
	yyjson_obj_foreach(registries, index, count, key, entry) {
		const char *host = json_value_text(key);
		if (!host || !yyjson_is_obj(entry))
			return error_set(err, "\"%.80s\" is not an object", host ? host : "?");
		if (entry != defaults && read_entry(out, host, entry, reference, err) < 0)
			return -1;
	}
	return 0;
}

int registry_settings_read(const struct settings_file *file, const struct reference *reference,
			   struct registry_settings *out, struct error *err)
{
	struct json json;
	*out = (struct registry_settings){0};
	int result = settings_open(file, &json, err);
	yyjson_val *registries = result == 0 ? yyjson_obj_get(json_root(&json), "registries") : NULL;
	if (registries) {
		/* Every text at most once or twice, with a NUL and its alignment. */
		size_t size = 16 * file->size + 4096;
		void *block = malloc(size);
		arena_init(&out->texts, block, block ? size : 0);
		if (!block)
			result = error_temporary(err, "no memory for the image settings");
		else if (!yyjson_is_obj(registries))
			result = error_set(err, "not an object");
		else
			result = read_registries(out, registries, reference, err);
		if (result < 0)
			error_context(err, "image settings: registries");
	}
	json_close(&json);
	return result;
}

void registry_settings_close(struct registry_settings *settings)
{
	free(settings->texts.block);
	*settings = (struct registry_settings){0};
}
