// SPDX-License-Identifier: Apache-2.0
#include "images/registry/registry_settings.h"

#include "images/http/http_url.h"
#include "lib/tap.h"

#include <string.h>

static struct registry_settings settings;
static struct error err;

static int read(const char *json, const char *image)
{
	static struct settings_file file;
	struct reference reference;
	err = (struct error)ERROR_INIT;
	registry_settings_close(&settings);
	file.size = strlen(json);
	memcpy(file.text, json, file.size + 1);
	reference_parse(image, &reference, &err);
	return registry_settings_read(&file, &reference, &settings, &err);
}

static void is_mirror(const char *url, const char *host, const char *base, const char *path)
{
	struct mirror mirror;
	ok(mirror_parse(url, &mirror, &err) == 0, "%s", url);
	is(mirror.host, host, "host");
	is(mirror.base, base, "base");
	is(mirror.path, path, "path");
}

static void test_addresses(void)
{
	struct mirror mirror;
	is_mirror("https://mirror.lan", "mirror.lan", "", "");
	is_mirror("https://mirror.lan:443/", "mirror.lan", "", "");
	is_mirror("https://mirror.lan:5000/hub", "mirror.lan:5000", "", "hub/");
	is_mirror("https://mirror.lan/a/b//", "mirror.lan", "", "a/b/");
	is_mirror("https://mirror.lan/v2", "mirror.lan", "", "");
	is_mirror("https://mirror.lan/v2/hub/", "mirror.lan", "", "hub/");
	is_mirror("https://mirror.lan/api/docker/v2/x", "mirror.lan", "/api/docker", "x/");
	is_mirror("https://mirror.lan/v20", "mirror.lan", "", "v20/");
	is_mirror("http://[::1]:5000", "[::1]:5000", "", "");
	ok(mirror_parse("http://[::1]:5000", &mirror, &err) == 0 && mirror.plain, "plain http");
	ok(mirror_parse("mirror.lan", &mirror, &err) < 0, "no scheme: %s", err.text);
	ok(mirror_parse("https://u:p@mirror.lan", &mirror, &err) < 0, "a password: %s", err.text);
	ok(mirror_parse("https://mirror.lan/a?b", &mirror, &err) < 0, "a query: %s", err.text);
	ok(mirror_parse("https://mirror.lan/a%2f", &mirror, &err) < 0, "an escape: %s", err.text);
	ok(mirror_parse("ftp://mirror.lan", &mirror, &err) < 0, "ftp: %s", err.text);
}

static const char file[] =
	"{\"registries\":{"
	"\"docker.io\":{\"mirrors\":[{\"url\":\"https://a.lan/hub\",\"ns\":true,\"insecure\":true},"
	"{\"url\":\"http://b.lan:80\"}],\"proxy\":\"\"},"
	"\"quay.io:443\":{\"mirrors\":[]},"
	"\"x.lan:5000\":{\"insecure\":true},"
	"\"default\":{\"mirrors\":[{\"url\":\"https://all.lan\"}],\"proxy\":\"http://proxy:3128\","
	"\"no_proxy\":[\".lan\",\"10.0.0.0/8\"]}}}";

static void test_lookup(void)
{
	struct http_origin origin;
	ok(read(file, "nginx") == 0, "read: %s", err.text);
	ok(settings.mirror_count == 2, "mirrors of Docker Hub");
	is(settings.mirrors[0].host, "a.lan", "in order");
	ok(settings.mirrors[0].proxy && !settings.mirrors[1].proxy, "ns");
	is(settings.mirrors[1].host, "b.lan", "without its usual port");
	is(settings.defaults.proxy, "http://proxy:3128", "default proxy");
	is(settings.no_proxy, ".lan,10.0.0.0/8", "no_proxy");
	const struct http_settings http = {.peers = settings.peers, .peer_count = settings.peer_count};
	http_url_origin("https://a.lan/v2/", &origin, &err);
	ok(http_is_insecure(&http, &origin), "a mirror's members are its host's");
	http_url_origin("https://x.lan/v2/", &origin, &err);
	ok(!http_is_insecure(&http, &origin), "another port is another registry");
	http_url_origin("https://registry-1.docker.io/v2/", &origin, &err);
	ok(http_peer(&http, &origin) && !*http_peer(&http, &origin)->proxy, "docker.io's own name");
	ok(read(file, "quay.io/a/b") == 0 && settings.mirror_count == 0, "none, instead of the default");
	ok(read(file, "ghcr.io/a/b") == 0 && settings.mirror_count == 1, "the default");
	ok(read(file, "registry-1.docker.io/library/nginx") == 0 && settings.mirror_count == 2,
	   "Docker Hub's other name");
	ok(read("{}", "nginx") == 0 && settings.peer_count == 0, "nothing");
}

static void is_refused(const char *json, const char *why)
{
	ok(read(json, "nginx") < 0 && strstr(err.text, why), "%s: %s", why, err.text);
}

static void test_mistakes(void)
{
	is_refused("{\"registries\":{\"x.lan\":{\"insecur\":true}}}", "did you mean \"insecure\"?");
	is_refused("{\"registries\":{\"x.lan\":7}}", "is not an object");
	is_refused("{\"registries\":7}", "not an object");
	is_refused("{\"registries\":{\"x/y\":{}}}", "is not a registry");
	is_refused("{\"registries\":{\"name\":{}}}", "is not a registry");
	is_refused("{\"registries\":{\"registry-1.docker.io\":{}}}", "docker.io here");
	is_refused("{\"registries\":{\"index.docker.io\":{}}}", "write docker.io");
	is_refused("{\"registries\":{\"x.lan\":{\"mirrors\":{}}}}", "not a list");
	is_refused("{\"registries\":{\"x.lan\":{\"mirrors\":[7]}}}", "mirror 1: not an object");
	is_refused("{\"registries\":{\"x.lan\":{\"ca\":7}}}", "\"ca\" is not a text");
	is_refused("{\"registries\":{\"x.lan\":{\"client_key\":\"k\",\"client_certificate\":\"c\"}}}",
		   "holds no certificate");
	is_refused("{\"registries\":{\"x.lan\":{\"insecure\":true},"
		   "\"x.lan:443\":{\"proxy\":\"http://p:1\"}}}", "stated twice, and differently");
	ok(read("{\"registries\":{\"x.lan\":{\"insecure\":true},\"x.lan:443\":{\"insecure\":true}}}",
		"nginx") == 0, "stated twice, and the same: %s", err.text);
}

int main(void)
{
	test_addresses();
	test_lookup();
	test_mistakes();
	registry_settings_close(&settings);
	return tap_end();
}
