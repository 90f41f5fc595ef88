// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/layout_web.h"

#include "lib/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

bool layout_is_url(const char *place)
{
	return strncasecmp(place, "http://", 7) == 0 || strncasecmp(place, "https://", 8) == 0;
}

/* A request together with the storage of its address. */
struct web_request {
	struct http_request request;
	char url[LAYOUT_PATH_MAX + 16 + DIGEST_TEXT];
};

static int run(struct layout *layout, const char *name, struct web_request *web, struct error *err)
{
	size_t length = strlen(layout->path);
	while (length > 0 && layout->path[length - 1] == '/')
		length--;
	snprintf(web->url, sizeof web->url, "%.*s/%s", (int)length, layout->path, name);
	if (!layout->http)
		layout->http = http_open(layout->settings, err);
	if (!layout->http)
		return -1;
	struct http_request *list[] = {&web->request};
	web->request.url = web->url;
	http_run(layout->http, list, 1);
	if (web->request.result == 0)
		return 0;
	*err = web->request.err;
	return -1;
}

static int refused(const struct web_request *web, struct error *err)
{
	long status = web->request.status;
	if (status >= 500 || status == 429)
		return error_temporary(err, "%s: the server answers %ld", web->url, status);
	error_set(err, "%s: the server answers %ld", web->url, status);
	err->code = status == 404 || status == 410 ? ENOENT : 0;
	return -1;
}

int layout_web_get(struct layout *layout, const char *name, char *body, size_t capacity,
		   size_t *size, struct error *err)
{
	_cleanup_free_ struct web_request *web = calloc(1, sizeof *web);
	if (!web)
		return error_temporary(err, "no memory for a request");
	web->request = (struct http_request){.size = HTTP_SIZE_UNKNOWN, .buffer = body,
					     .capacity = capacity};
	if (run(layout, name, web, err) < 0)
		return -1;
	if (web->request.status != 200)
		return refused(web, err);
	*size = (size_t)web->request.received;
	return 0;
}

size_t layout_web_piece(struct layout *layout, const char *name, uint64_t offset, void *out,
			size_t size)
{
	struct error ignored = ERROR_INIT;
	char piece[64];
	_cleanup_free_ struct web_request *web = calloc(1, sizeof *web);
	if (!web || size >= sizeof piece)
		return 0;
	web->request = (struct http_request){.size = HTTP_SIZE_UNKNOWN, .buffer = piece,
					     .capacity = sizeof piece, .range_first = offset,
					     .range_size = size};
	if (run(layout, name, web, &ignored) < 0 || web->request.status != 206 ||
	    web->request.received > size)
		return 0;
	memcpy(out, piece, (size_t)web->request.received);
	return (size_t)web->request.received;
}

int layout_web_blob(struct layout *layout, const char *name, uint64_t size, http_sink *sink,
		    void *context, struct error *err)
{
	_cleanup_free_ struct web_request *web = calloc(1, sizeof *web);
	if (!web)
		return error_temporary(err, "no memory for a request");
	web->request = (struct http_request){.size = size, .sink = sink, .context = context};
	if (run(layout, name, web, err) < 0)
		return -1;
	return web->request.status == 200 || web->request.status == 206 ? 0 : refused(web, err);
}
