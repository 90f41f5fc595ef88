// SPDX-License-Identifier: Apache-2.0
#include "init/config/user_data.h"

#include "init/config/multipart.h"
#include "lib/tap.h"

#include <stdlib.h>

#define COMPOSE "services:\n  web:\n    image: nginx\n"

/* gzip -9n of COMPOSE, then base64. */
static const char packed[] =
	"H4sIAAAAAAACAytOLSrLTE4ttuJSUChPTQJRCgqZuYnpqVYKeemZeRVcAHtTo7EiAAAA";

static const char message[] =
	"Content-Type: multipart/mixed;\n boundary=\"==b==\"\nMIME-Version: 1.0\n\npreamble\n"
	"--==b==\nContent-Type: text/cloud-config; charset=\"utf-8\"\n\n#cloud-config\nusers: []\n"
	"--==b==\r\nContent-Type: text/x-shellscript\r\n\r\n#!/bin/sh\r\n"
	"--==b==\nContent-Type: text/x-berth\nContent-Transfer-Encoding: base64\n\n"
	"c2VydmljZXM6CiAgd2ViOgogICAgaW1hZ2U6IG5naW54Cg==\n"
	"--==b==--\nepilogue\n";

static enum user_data_kind kind_of(const char *text)
{
	struct user_data data;
	struct error err = ERROR_INIT;
	enum user_data_kind kind = user_data_read(text, strlen(text), false, &data, &err);
	user_data_free(&data);
	return kind;
}

static void test_unpacking(void)
{
	struct user_data data;
	struct error err = ERROR_INIT;
	ok(user_data_read(COMPOSE, strlen(COMPOSE), false, &data, &err) == USER_DATA_OURS,
	   "a plain document");
	is(data.text, COMPOSE, "is taken as it is");
	is(data.path, "", "and nothing was undone");
	user_data_free(&data);
	ok(user_data_read(packed, strlen(packed), false, &data, &err) == USER_DATA_OURS,
	   "base64 of gzip is found out: %s", err.text);
	is(data.text, COMPOSE, "its text");
	is(data.path, "base64, gzip", "its path");
	user_data_free(&data);
	ok(user_data_read("\xef\xbb\xbf" COMPOSE, 3 + strlen(COMPOSE), false, &data, &err) ==
		   USER_DATA_OURS && strcmp(data.text, COMPOSE) == 0, "a byte order mark is dropped");
	user_data_free(&data);
	ok(user_data_read("not base64!", 11, true, &data, &err) == USER_DATA_BROKEN,
	   "what the protocol calls base64 must be: %s", err.text);
	user_data_free(&data);
	ok(user_data_read("a\0b: c", 6, false, &data, &err) == USER_DATA_BROKEN, "a NUL is refused");
	user_data_free(&data);
	ok(user_data_read("\x1f\x8b\x08\0\0\0\0\0", 8, false, &data, &err) == USER_DATA_BROKEN,
	   "a cut gzip is refused: %s", err.text);
	user_data_free(&data);
}

static void test_judgement(void)
{
	static const struct {
		const char *text;
		enum user_data_kind kind;
	} cases[] = {
		{"", USER_DATA_EMPTY},
		{"# nothing\n\n  # more\n", USER_DATA_EMPTY},
		{"#cloud-config\npackages: [nginx]\n", USER_DATA_FOREIGN},
		{"#cloud-config\n" COMPOSE, USER_DATA_OURS},
		{"#cloud-config\nx-berth:\n  hostname: a\n", USER_DATA_OURS},
		{"#cloud-config\nwrite_files:\n  - content: |\n      services:\n", USER_DATA_FOREIGN},
		{"#!/bin/sh\necho\n", USER_DATA_FOREIGN},
		{"#include\nhttp://host/\n", USER_DATA_FOREIGN},
		{"{\"ignition\": {\"version\": \"3.0.0\"}}", USER_DATA_FOREIGN},
		{"{\"services\": {}}", USER_DATA_OURS},
		{"anything: else\n", USER_DATA_OURS},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ok(kind_of(cases[i].text) == cases[i].kind, "judged: %.40s",
		   *cases[i].text ? cases[i].text : "nothing");
}

static void test_multipart(void)
{
	struct user_data data;
	struct error err = ERROR_INIT;
	ok(user_data_read(message, strlen(message), false, &data, &err) == USER_DATA_OURS,
	   "a multipart message with a document: %s", err.text);
	is(data.text, COMPOSE, "the part's text");
	is(data.path, "part 3, base64", "the part's path");
	user_data_free(&data);
	ok(kind_of("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n"
		   "#cloud-config\n--x--\n") == USER_DATA_FOREIGN, "no part for us");
	ok(kind_of("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n" COMPOSE
		   "--x--\n") == USER_DATA_OURS, "a part without a type is known by its keys");
	ok(kind_of("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ncut") ==
		   USER_DATA_BROKEN, "a message that is cut");
	ok(kind_of("MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--x\n") == USER_DATA_BROKEN,
	   "no boundary");
	ok(kind_of("Content-Type: text/plain\n\nhello\n") == USER_DATA_BROKEN, "not multipart");
}

static void test_bounds(void)
{
	size_t size = USER_DATA_MAX + 1;
	char *big = malloc(size);
	struct user_data data;
	struct error err = ERROR_INIT;
	memset(big, 'a', size);
	ok(user_data_read(big, size, false, &data, &err) == USER_DATA_BROKEN, "too long: %s", err.text);
	user_data_free(&data);
	free(big);
	/* gzip of 300 KiB of blanks */
	static const char bomb[] =
		"H4sIAAAAAAACA+3BAQ0AAADCoCrvn9IcbkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAADAnwFZZ/RiALAEAA==";
	ok(kind_of(bomb) == USER_DATA_BROKEN, "what unpacks to too much is refused");
}

int main(void)
{
	test_unpacking();
	test_judgement();
	test_multipart();
	test_bounds();
	return tap_end();
}
