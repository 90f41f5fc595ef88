// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_url.h"

#include "lib/tap.h"

#include <stdlib.h>
#include <string.h>

static struct error err;

static void test_origins(void)
{
	struct http_origin a, b;
	char text[HTTP_ORIGIN_TEXT];
	ok(http_url_origin("https://Host.example/x", &a, &err) == 0 && a.tls && a.port == 443, "https");
	http_url_origin("https://host.example:443/y", &b, &err);
	ok(http_same_origin(&a, &b), "the default port may be written");
	http_origin_format(&b, text);
	is(text, "host.example", "and is not shown");
	http_url_origin("http://host.example:443/y", &b, &err);
	ok(!http_same_origin(&a, &b), "another scheme is another origin");
	http_url_origin("https://host.example:444/y", &b, &err);
	ok(!http_same_origin(&a, &b), "another port is another origin");
	http_origin_format(&b, text);
	is(text, "host.example:444", "a port that is shown");
	ok(http_url_origin("http://[::1]:5000/", &a, &err) == 0 && a.port == 5000, "IPv6: %s", a.host);
	ok(http_url_origin("ftp://host/x", &a, &err) < 0, "ftp is refused");
	ok(http_url_origin("file:///etc/passwd", &a, &err) < 0, "file is refused");
	ok(http_url_origin("https://user:pass@host/x", &a, &err) < 0, "user information is refused");
	ok(http_url_origin("no scheme", &a, &err) < 0, "no scheme is refused");
}

static void is_joined(const char *base, const char *location, const char *want)
{
	char out[HTTP_URL_MAX];
	is(http_url_join(base, location, out, &err) == 0 ? out : "refused", want, location);
}

static void test_redirects(void)
{
	is_joined("https://a/v2/x", "/v2/y?z=1", "https://a/v2/y?z=1");
	is_joined("https://a/v2/x", "y", "https://a/v2/y");
	is_joined("https://a/v2/x", "https://b:8443/y#f", "https://b:8443/y");
	is_joined("https://a/v2/x", "//b/y", "https://b/y");
	is_joined("https://a/v2/x", "https://u:p@b/y", "refused");
	is_joined("https://a/v2/x", "file:///etc/passwd", "refused");
	char *location = calloc(1, 2 * HTTP_URL_MAX);
	memset(location, 'a', 2 * HTTP_URL_MAX - 1);
	ok(http_url_join("https://a/", location, (char[HTTP_URL_MAX]){0}, &err) < 0, "too long");
	free(location);
}

static bool may(const char *from, const char *to)
{
	static const struct registry_option options[] = {
		{"localhost:5000", true, NULL}, {"secure.example", false, "10.0.0.1:443"},
		{"docker.io", true, NULL},
	};
	const struct http_settings settings = {.registries = options, .registry_count = 3};
	struct http_origin a, b;
	return http_url_origin(from, &a, &err) == 0 && http_url_origin(to, &b, &err) == 0 &&
	       http_may_redirect(&settings, &a, &b);
}

static void test_downgrades(void)
{
	ok(may("https://a/", "https://b/"), "https to https");
	ok(may("http://a/", "https://b/"), "http to https");
	ok(may("http://a/", "http://b/"), "http to http");
	ok(!may("https://a/", "http://a/"), "CVE-2014-5277: https never becomes http");
	ok(!may("https://a/", "http://secure.example/"), "not for one that is only dialled elsewhere");
	ok(may("https://a/", "http://localhost:5000/"), "only for a registry marked insecure");
	ok(!may("https://a/", "http://localhost:5001/"), "and not for another port");
	ok(may("https://a/", "http://registry-1.docker.io/"), "docker.io stands for its host");
}

static void test_peers(void)
{
	static const struct http_peer peers[] = {
		{.host = "a.lan", .insecure = true},
		{.host = "b.lan:5000", .ca = "PEM"},
		{.host = "docker.io", .proxy = ""},
	};
	static const struct registry_option options[] = {{.host = "b.lan:5000", .insecure = true},
							 {.host = "c.lan", .insecure = true}};
	const struct http_settings settings = {.registries = options, .registry_count = 2,
					       .peers = peers, .peer_count = 3};
	struct http_origin a, b, c, other, hub, proxy;
	http_url_origin("https://a.lan/", &a, &err);
	http_url_origin("https://b.lan:5000/", &b, &err);
	http_url_origin("https://c.lan/", &c, &err);
	http_url_origin("https://a.lan:444/", &other, &err);
	http_url_origin("https://registry-1.docker.io/", &hub, &err);
	ok(http_is_insecure(&settings, &a), "insecure by the settings");
	ok(http_is_insecure(&settings, &c), "insecure by the command line");
	ok(!http_is_insecure(&settings, &b), "a stated authority goes before");
	ok(!http_is_insecure(&settings, &other) && !http_peer(&settings, &other), "another port");
	ok(http_peer(&settings, &hub) == &peers[2], "Docker Hub's own name");
	http_url_origin("http://a.lan/", &other, &err);
	ok(http_may_redirect(&settings, &c, &other), "down to http where it is insecure");
	http_url_origin("http://b.lan:5000/", &other, &err);
	ok(!http_may_redirect(&settings, &c, &other), "not where an authority is stated");
	ok(http_proxy_origin("proxy.lan:3128", &proxy, &err) == 0 && !proxy.tls, "a bare proxy");
	ok(http_proxy_origin("https://u:s3cret@proxy.lan", &proxy, &err) == 0 && proxy.tls &&
		   proxy.port == 443, "one with a password");
	ok(http_proxy_origin("socks5://u:s3cret@proxy.lan", &proxy, &err) < 0 &&
		   !strstr(err.text, "s3cret"), "of an unknown kind: %s", err.text);
	ok(http_proxy_origin("http://u:s3cret@[::", &proxy, &err) < 0 && !strstr(err.text, "s3cret"),
	   "a broken one: %s", err.text);
}

int main(void)
{
	test_peers();
	test_origins();
	test_redirects();
	test_downgrades();
	return tap_end();
}
