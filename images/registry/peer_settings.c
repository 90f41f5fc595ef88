// SPDX-License-Identifier: Apache-2.0
#include "images/registry/peer_settings.h"

#include "images/http/http_url.h"

#include <mbedtls/x509_crt.h>
#include <string.h>

int settings_flag(yyjson_val *object, const char *name, bool *out, struct error *err)
{
	yyjson_val *value = yyjson_obj_get(object, name);
	if (value && !yyjson_is_bool(value))
		return error_set(err, "\"%s\" is neither true nor false", name);
	*out = value && yyjson_get_bool(value);
	return 0;
}

/* *out is NULL when the member is missing. */
static int read_text(yyjson_val *object, const char *name, struct arena *arena, const char **out,
		     struct error *err)
{
	const char *text = json_text(object, name);
	*out = NULL;
	if (!yyjson_obj_get(object, name))
		return 0;
	if (!text)
		return error_set(err, "\"%s\" is not a text", name);
	*out = arena_strdup(arena, text);
	return *out ? 0 : error_set(err, "no memory for \"%s\"", name);
}

static int read_certificates(yyjson_val *object, const char *name, struct arena *arena,
			     const char **out, struct error *err)
{
	if (read_text(object, name, arena, out, err) < 0)
		return -1;
	if (!*out)
		return 0;
	mbedtls_x509_crt chain;
	mbedtls_x509_crt_init(&chain);
	int result = mbedtls_x509_crt_parse(&chain, (const unsigned char *)*out, strlen(*out) + 1);
	mbedtls_x509_crt_free(&chain);
	if (result != 0)
		return error_set(err, "\"%s\" holds no certificate in PEM, or a damaged one", name);
	return 0;
}

static int read_client(yyjson_val *object, struct arena *arena, struct http_peer *out,
		       struct error *err)
{
	if (read_certificates(object, "client_certificate", arena, &out->client_certificate, err) <
		    0 ||
	    read_text(object, "client_key", arena, &out->client_key, err) < 0)
		return -1;
	if (!out->client_certificate != !out->client_key)
		return error_set(err, "\"client_certificate\" and \"client_key\" belong together");
	if (!out->client_key)
		return 0;
	if (strstr(out->client_key, "ENCRYPTED"))
		return error_set(err, "\"client_key\" is encrypted, and there is nobody to ask for "
				 "its password: store it without one");
	if (!strstr(out->client_key, "PRIVATE KEY-----"))
		return error_set(err, "\"client_key\" holds no private key in PEM");
	return 0;
}

static int read_proxy(yyjson_val *object, struct arena *arena, struct http_peer *out,
		      struct error *err)
{
	struct http_origin ignored;
	if (read_text(object, "proxy", arena, &out->proxy, err) < 0)
		return -1;
	if (!out->proxy || !*out->proxy)
		return 0;
	return http_proxy_origin(out->proxy, &ignored, err);
}

int peer_read(yyjson_val *object, struct arena *arena, struct http_peer *out, struct error *err)
{
	if (settings_flag(object, "insecure", &out->insecure, err) < 0 ||
	    settings_flag(object, "ca_only", &out->ca_only, err) < 0 ||
	    read_certificates(object, "ca", arena, &out->ca, err) < 0 ||
	    read_client(object, arena, out, err) < 0 || read_proxy(object, arena, out, err) < 0)
		return -1;
	if (out->ca_only && !out->ca)
		return error_set(err, "\"ca_only\" needs a \"ca\"");
	if (out->insecure && out->ca)
		return error_set(err, "\"insecure\" and \"ca\" exclude each other: an insecure "
				 "registry's certificate is not checked");
	return 0;
}
