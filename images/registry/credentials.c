// SPDX-License-Identifier: Apache-2.0
#include "images/registry/auth.h"
#include "lib/json.h"

#include <mbedtls/base64.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { JSON_MEMORY_MAX = 8 * 1024 * 1024 };

/* How well the key of an entry fits: the length of the matching name, 0 = not at all. Keys are
 * "HOST", "HOST/path", or URLs as old versions of Docker wrote them. */
static size_t key_fit(const char *key, const char *name)
{
	const char *scheme = strstr(key, "://");
	if (scheme)
		key = scheme + 3;
	size_t length = strlen(key);
	while (length > 0 && key[length - 1] == '/')
		length--;
	if (length > 3 && (strncmp(key + length - 3, "/v1", 3) == 0 ||
			   strncmp(key + length - 3, "/v2", 3) == 0))
		length -= 3;
	static const char *const hub[] = {"index.docker.io", "registry-1.docker.io"};
	for (size_t i = 0; i < 2; i++)
		if (length == strlen(hub[i]) && strncasecmp(key, hub[i], length) == 0) {
			key = "docker.io";
			length = strlen(key);
		}
	if (length == 0 || strncasecmp(key, name, length) != 0)
		return 0;
	return name[length] == 0 || name[length] == '/' ? length : 0;
}

static int copy(char *out, const char *text, const char *what, struct error *err)
{
	if (strlen(text) >= CREDENTIAL_MAX)
		return error_set(err, "%s is longer than %d bytes", what, CREDENTIAL_MAX - 1);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

/* base64 of USER:PASSWORD. */
static int decode_auth(const char *auth, struct credentials *out, struct error *err)
{
	unsigned char text[2 * CREDENTIAL_MAX];
	size_t length = 0;
	if (mbedtls_base64_decode(text, sizeof text - 1, &length, (const unsigned char *)auth,
				  strlen(auth)) != 0)
		return error_set(err, "\"auth\" is not valid base64");
	text[length] = 0;
	char *colon = strchr((char *)text, ':');
	if (!colon || strlen((char *)text) != length)
		return error_set(err, "\"auth\" does not hold USER:PASSWORD");
	*colon = 0;
	if (copy(out->user, (char *)text, "the user name", err) < 0)
		return -1;
	return copy(out->password, colon + 1, "the password", err);
}

static int read_entry(yyjson_val *entry, struct credentials *out, struct error *err)
{
	const char *auth = json_text_or_empty(entry, "auth");
	if (*auth) {
		if (decode_auth(auth, out, err) < 0)
			return -1;
	} else if (copy(out->user, json_text_or_empty(entry, "username"), "the user name", err) < 0 ||
		   copy(out->password, json_text_or_empty(entry, "password"), "the password", err) <
			   0) {
		return -1;
	}
	if (copy(out->identity_token, json_text_or_empty(entry, "identitytoken"),
		 "the identity token", err) < 0)
		return -1;
	const char *token = json_text_or_empty(entry, "registrytoken");
	for (const char *c = token; *c; c++)
		if (*c <= 0x20 || *c >= 0x7f)
			return error_set(err, "\"registrytoken\" has characters that no token has");
	return copy(out->registry_token, token, "the registry token", err);
}

/* Who keeps the credentials that are not in the file: Docker leaves an empty entry for those in the
 * common store. */
static void find_helper(yyjson_val *root, const struct reference *reference, bool has_entry,
			struct credentials *out)
{
	size_t index, count;
	yyjson_val *key, *value, *helpers = json_object(root, "credHelpers");
	const char *helper = has_entry ? json_text(root, "credsStore") : NULL;
	if (helpers)
		yyjson_obj_foreach(helpers, index, count, key, value) {
			const char *text = json_value_text(key);
			if (text && key_fit(text, reference->registry) > 0 && json_value_text(value))
				helper = json_value_text(value);
		}
	snprintf(out->helper, sizeof out->helper, "%s", helper ? helper : "");
}

static yyjson_val *best_entry(yyjson_val *auths, const struct reference *reference)
{
	char name[2 * REFERENCE_NAME_MAX];
	snprintf(name, sizeof name, "%s/%s", reference->registry, reference->repository);
	size_t index, count, best = 0;
	yyjson_val *key, *value, *found = NULL;
	if (!auths)
		return NULL;
	yyjson_obj_foreach(auths, index, count, key, value) {
		const char *text = json_value_text(key);
		size_t fit = text ? key_fit(text, name) : 0;
		if (fit > best && yyjson_is_obj(value)) {
			best = fit;
			found = value;
		}
	}
	return found;
}

int credentials_find(const char *text, size_t size, const struct reference *reference,
		     struct credentials *out, struct error *err)
{
	*out = (struct credentials){0};
	struct json json;
	int result = json_open(&json, "credentials file", text, size, JSON_MEMORY_MAX, err);
	if (result == 0) {
		yyjson_val *entry = best_entry(json_object(json_root(&json), "auths"), reference);
		result = entry && read_entry(entry, out, err) < 0 ? -1 : entry != NULL;
		if (result < 0)
			error_context(err, "credentials file, entry for %s", reference->registry);
		else if (!*out->user && !*out->identity_token && !*out->registry_token)
			result = 0;
		if (result == 0)
			find_helper(json_root(&json), reference, entry != NULL, out);
	}
	json_close(&json);
	return result;
}

int credentials_check(const char *text, size_t size, struct error *err)
{
	struct json json;
	size_t index, count;
	yyjson_val *key, *value;
	int result = json_open(&json, "credentials file", text, size, JSON_MEMORY_MAX, err);
	yyjson_val *auths = result == 0 ? json_object(json_root(&json), "auths") : NULL;
	if (auths)
		yyjson_obj_foreach(auths, index, count, key, value) {
			struct credentials entry = {0};
			const char *name = json_value_text(key);
			if (result == 0 && yyjson_is_obj(value) && read_entry(value, &entry, err) < 0)
				result = error_context(err, "the entry for %s", name ? name : "a registry");
		}
	json_close(&json);
	return result;
}
