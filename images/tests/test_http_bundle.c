// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_bundle.h"

#include "lib/file.h"
#include "lib/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char pem[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

static char folder[] = "/tmp/berth-bundle-XXXXXX";
static unsigned number;
static struct error err;

/* A new path each time: what was read of one stays. */
static const char *bundle_with(const char *plain, const void *packed, size_t packed_size)
{
	static char path[200];
	char name[220];
	err = (struct error)ERROR_INIT;
	snprintf(path, sizeof path, "%s/%u.pem", folder, number++);
	if (plain)
		file_write(AT_FDCWD, path, plain, strlen(plain), 0600, &err);
	snprintf(name, sizeof name, "%s.zst", path);
	if (packed)
		file_write(AT_FDCWD, name, packed, packed_size, 0600, &err);
	return path;
}

static void reads(const char *path, const char *want, const char *what)
{
	const char *text;
	size_t size;
	ok(http_bundle_read(path, &text, &size, &err) == 0 && size == strlen(want) &&
		   memcmp(text, want, size) == 0,
	   "%s: %s", what, err.text);
}

static void refuses(const char *path, const char *why)
{
	const char *text;
	size_t size;
	ok(http_bundle_read(path, &text, &size, &err) < 0 && strstr(err.text, why) && size == 0, "%s: %s",
	   why, err.text);
}

static void test_forms(const char *packed, size_t size)
{
	const char *path = bundle_with(NULL, packed, size);
	ok(http_bundle_is_packed(path), "compressed");
	reads(path, pem, "unpacked");
	unlink(path);
	reads(path, pem, "once");
	path = bundle_with("plain\n", packed, size);
	ok(!http_bundle_is_packed(path), "a plain one counts");
	reads(path, "plain\n", "plain");
	path = bundle_with(NULL, NULL, 0);
	ok(!http_bundle_is_packed(path), "none");
	reads(path, "", "none is empty");
	reads(NULL, "", "no path");
	ok(!http_bundle_is_packed(NULL), "no path is not compressed");
}

static void test_broken(const char *packed, size_t size)
{
	/* RFC 8878, 3.1.1.1: one segment of 2 MiB and one byte */
	static const char large[] = "\x28\xb5\x2f\xfd\xa0\x01\x00\x20\x00\x03\x00\x00";
	refuses(bundle_with(NULL, packed, size - 1), "cannot be unpacked");
	refuses(bundle_with(NULL, pem, sizeof pem), "is no compressed file of at most 2 MiB");
	refuses(bundle_with(NULL, "", 0), "is no compressed file of at most 2 MiB");
	refuses(bundle_with(NULL, large, sizeof large - 1), "is no compressed file of at most 2 MiB");
}

static void remove_all(void)
{
	char name[220];
	while (number-- > 0) {
		snprintf(name, sizeof name, "%s/%u.pem", folder, number);
		unlink(name);
		strcat(name, ".zst");
		unlink(name);
	}
	rmdir(folder);
}

/* The text as a frame with one block that is stored as it is (RFC 8878, 3.1.1). */
static size_t frame_of(const char *text, char *out)
{
	size_t length = strlen(text);
	memcpy(out, "\x28\xb5\x2f\xfd\x20", 5);
	out[5] = (char)length;
	out[6] = (char)(length << 3 | 1);
	out[7] = (char)(length >> 5);
	out[8] = 0;
	memcpy(out + 9, text, length);
	return length + 9;
}

int main(void)
{
	char packed[200];
	if (!mkdtemp(folder))
		return 1;
	size_t size = frame_of(pem, packed);
	test_forms(packed, size);
	test_broken(packed, size);
	remove_all();
	return tap_end();
}
