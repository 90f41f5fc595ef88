// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_url.h"
#include "images/registry/registry_settings.h"

#include <stdio.h>
#include <string.h>

/* The path of the address: what stands between the host and a query, which may not be there. */
static int path_of(const char *url, const char **out, size_t *length, struct error *err)
{
	const char *host = strstr(url, "://") + 3;
	*out = host + strcspn(host, "/");
	*length = strlen(*out);
	while (*length > 0 && (*out)[*length - 1] == '/')
		--*length;
	for (size_t i = 0; i < *length; i++) {
		char c = (*out)[i];
		bool known = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("/._-~", c);
		if (!known)
			return error_set(err, "\"%.120s\": a mirror's path has letters, digits and "
					 "/._-~ only", url);
	}
	if (*length >= MIRROR_PATH_MAX - 1)
		return error_set(err, "\"%.60s…\": the path is longer than %d bytes", url,
				 MIRROR_PATH_MAX - 2);
	return 0;
}

/* The segment "/v2" in path[0..length), or NULL. */
static const char *find_v2(const char *path, size_t length)
{
	for (size_t i = 0; i + 3 <= length; i++)
		if (memcmp(path + i, "/v2", 3) == 0 && (i + 3 == length || path[i + 3] == '/'))
			return path + i;
	return NULL;
}

int mirror_parse(const char *url, struct mirror *out, struct error *err)
{
	struct http_origin origin;
	const char *path;
	size_t length;
	*out = (struct mirror){0};
	if (!strstr(url, "://"))
		return error_set(err, "\"%.120s\" is not an address: it starts with https://", url);
	if (http_url_origin(url, &origin, err) < 0 || path_of(url, &path, &length, err) < 0)
		return -1;
	char host[HTTP_ORIGIN_TEXT];
	http_origin_format(&origin, host);
	if (snprintf(out->host, sizeof out->host, "%s", host) >= (int)sizeof out->host)
		return error_set(err, "\"%.60s…\": the name of the host is too long", url);
	out->plain = !origin.tls;
	const char *v2 = find_v2(path, length), *end = path + length;
	if (v2) {
		memcpy(out->base, path, (size_t)(v2 - path));
		path = v2 + 3;
	}
	path += path < end && *path == '/';
	if (path < end)
		snprintf(out->path, sizeof out->path, "%.*s/", (int)(end - path), path);
	return 0;
}
