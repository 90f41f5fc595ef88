// SPDX-License-Identifier: Apache-2.0
#include "images/registry/registry_error.h"

#include "lib/json.h"

#include <stdio.h>
#include <string.h>

enum { JSON_MEMORY_MAX = 2 * 1024 * 1024, REASON_MAX = 160 };

/* ": CODE, message" of the first error in the body, or "" (distribution-spec, "Error Codes"). */
static void read_reason(const struct http_request *request, char *out, char *code, size_t capacity)
{
	struct json json;
	*out = *code = 0;
	if (json_open(&json, "answer", request->error_body, strlen(request->error_body),
		      JSON_MEMORY_MAX, NULL) == 0) {
		yyjson_val *first = yyjson_arr_get_first(json_array(json_root(&json), "errors"));
		const char *text = json_text_or_empty(first, "message");
		snprintf(code, capacity, "%s", json_text_or_empty(first, "code"));
		snprintf(out, REASON_MAX, "%s%.120s", *text ? ": " : "", text);
	}
	json_close(&json);
}

static int temporary(struct error *err)
{
	if (err)
		err->kind = ERROR_TEMPORARY;
	return -1;
}

static int refused_access(const struct endpoint *endpoint, long status, const char *reason,
			  struct error *err)
{
	const struct reference *reference = &endpoint->reference;
	return error_set(err, "%s refuses access to \"%s\" (%ld%s): the name is wrong or %s",
			 reference->registry, reference->repository, status, reason,
			 endpoint->has_credentials ? "these credentials do not suffice"
					       : "credentials are needed");
}

int registry_refused(const struct endpoint *endpoint, const char *target,
		     const struct http_request *request, struct error *err)
{
	const struct reference *reference = &endpoint->reference;
	char reason[REASON_MAX], code[64];
	read_reason(request, reason, code, sizeof code);
	switch (request->status) {
	case 401:
	case 403:
		return refused_access(endpoint, request->status, reason, err);
	case 404:
		if (strcmp(code, "NAME_UNKNOWN") == 0)
			return error_set(err, "%s has no repository \"%s\" (404)",
					 reference->registry, reference->repository);
		return error_set(err, "%s has no \"%s\" in the repository \"%s\" (404%s)",
				 reference->registry, target, reference->repository, reason);
	case 429:
		error_set(err, "%s answers too many requests (429%s); it asks to wait %u s",
			  reference->registry, reason, request->retry_after);
		return temporary(err);
	default:
		error_set(err, "%s answers with the status %ld to a request for \"%s\"%s",
			  reference->registry, request->status, target, reason);
		return request->status >= 500 || request->status == 408 ? temporary(err) : -1;
	}
}

/* "; it has 1.0, 1.1, latest", or "". */
static void list_tags(yyjson_val *tags, char *out, size_t capacity)
{
	size_t used = 0, index, count;
	yyjson_val *tag;
	*out = 0;
	yyjson_arr_foreach(tags, index, count, tag) {
		const char *text = json_value_text(tag);
		if (!text || used + strlen(text) + 16 > capacity)
			continue;
		used += (size_t)snprintf(out + used, capacity - used, "%s%s",
					 used ? ", " : "; it has ", text);
	}
}

int registry_no_tag(const struct endpoint *endpoint, const char *target, const char *body,
		    size_t size, struct error *err)
{
	char others[160];
	struct json json;
	*others = 0;
	if (json_open(&json, "answer", body, size, JSON_MEMORY_MAX, NULL) == 0)
		list_tags(json_array(json_root(&json), "tags"), others, sizeof others);
	json_close(&json);
	const struct reference *reference = &endpoint->reference;
	bool by_digest = strncmp(target, "sha256:", 7) == 0;
	return error_set(err, "%s has the repository \"%s\", but no %s \"%s\" in it (404)%s",
			 reference->registry, reference->repository,
			 by_digest ? "manifest" : "tag", target, by_digest ? "" : others);
}
