// SPDX-License-Identifier: Apache-2.0
#include "images/reference.h"

#include "lib/cleanup.h"
#include "lib/tap.h"

#include <stdio.h>
#include <string.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *text, *normal;
} good[] = {
	{"nginx", "docker.io/library/nginx:latest"},
	{"nginx:1.25", "docker.io/library/nginx:1.25"},
	{"bitnami/redis", "docker.io/bitnami/redis:latest"},
	{"docker.io/nginx", "docker.io/library/nginx:latest"},
	{"index.docker.io/library/nginx", "docker.io/library/nginx:latest"},
	{"localhost/app", "localhost/app:latest"},
	{"localhost:5000/app", "localhost:5000/app:latest"},
	{"localhost:5000/a/b/c:tag_1.0-x", "localhost:5000/a/b/c:tag_1.0-x"},
	{"ghcr.io/owner/app@sha256:" HEX, "ghcr.io/owner/app@sha256:" HEX},
	{"ghcr.io/owner/app:1@sha256:" HEX, "ghcr.io/owner/app:1@sha256:" HEX},
	{"10.0.2.2:5000/app", "10.0.2.2:5000/app:latest"},
	{"[::1]:5000/app:x", "[::1]:5000/app:x"},
	{"MyHost/app", "MyHost/app:latest"},
	{"a__b/c--d.e_f", "docker.io/a__b/c--d.e_f:latest"},
	{"registry.example/x:" "A", "registry.example/x:A"},
};

static const struct {
	const char *text, *reason;
} bad[] = {
	{"", "empty"},
	{"Nginx", "lower case"},
	{"localhost:5000/App", "lower case"},
	{"https://ghcr.io/app", "URL"},
	{"nginx:", "not a tag"},
	{"nginx:-x", "not a tag"},
	{"nginx:a b", "not a tag"},
	{"nginx@sha256:123", "digest"},
	{"nginx@sha256:" "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", "digest"},
	{"nginx@sha512:" HEX HEX, "digest"},
	{"a//b", "not a repository name"},
	{"/a", "not a repository name"},
	{"a/", "not a repository name"},
	{"a..b", "not a repository name"},
	{"a___b", "not a repository name"},
	{"-a", "not a repository name"},
	{"a-/b", "not a repository name"},
	{"../../etc", "not a registry name"},
	{"host:99999/app", "not a registry name"},
	{"host:0/app", "not a registry name"},
	{"host-.example/app", "not a registry name"},
	{"localhost:5000/", "not a repository name"},
	{HEX, "image ID"},
	{"caf\xc3\xa9", "not a repository name"},
};

static void test_lengths(void)
{
	struct reference reference;
	struct error err = ERROR_INIT;
	char text[1200];
	memset(text, 'a', sizeof text);
	text[sizeof text - 1] = 0;
	ok(reference_parse(text, &reference, &err) < 0 && strstr(err.text, "longer"),
	   "a very long reference is refused");
	text[300] = 0;
	ok(reference_parse(text, &reference, &err) < 0 && strstr(err.text, "longer"),
	   "a name of 300 bytes is refused");
	text[250] = 0;
	ok(reference_parse(text, &reference, &err) < 0 && strstr(err.text, "longer"),
	   "library/ counts towards the length");
	text[240] = 0;
	ok(reference_parse(text, &reference, &err) < 0 && strstr(err.text, "longer"),
	   "and so does docker.io/");
	text[255 - strlen("docker.io/library/")] = 0;
	ok(reference_parse(text, &reference, &err) == 0, "a name of 255 bytes is taken");
	snprintf(text, sizeof text, "app:%0128d", 0);
	ok(reference_parse(text, &reference, &err) == 0, "a tag of 128 bytes is taken");
	snprintf(text, sizeof text, "app:%0129d", 0);
	ok(reference_parse(text, &reference, &err) < 0, "a tag of 129 bytes is refused");
}

int main(void)
{
	struct reference reference;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < countof(good); i++) {
		char normal[REFERENCE_TEXT_MAX] = "";
		if (reference_parse(good[i].text, &reference, &err) == 0)
			reference_format(&reference, normal);
		is(normal, good[i].normal, good[i].text);
		struct reference again;
		char twice[REFERENCE_TEXT_MAX] = "";
		if (reference_parse(normal, &again, &err) == 0)
			reference_format(&again, twice);
		is(twice, normal, "the normal form is a fixed point");
	}
	for (size_t i = 0; i < countof(bad); i++) {
		err = (struct error)ERROR_INIT;
		int result = reference_parse(bad[i].text, &reference, &err);
		ok(result < 0 && strstr(err.text, bad[i].reason), "\"%.40s\" refused: %s", bad[i].text,
		   err.text);
	}
	reference_parse("app:1@sha256:" HEX, &reference, &err);
	is(reference_target(&reference), "sha256:" HEX, "the digest wins over the tag");
	reference_parse("app:1", &reference, &err);
	is(reference_target(&reference), "1", "the tag is the target without a digest");
	test_lengths();
	return tap_end();
}
