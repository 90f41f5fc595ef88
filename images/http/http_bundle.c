// SPDX-License-Identifier: Apache-2.0
#include "images/http/http_bundle.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

static struct {
	char path[HTTP_BUNDLE_PATH_MAX];
	char *text; /* NULL: not read yet */
	size_t size;
} bundle;

void http_bundle_packed_name(const char *path, char out[HTTP_BUNDLE_PATH_MAX])
{
	snprintf(out, HTTP_BUNDLE_PATH_MAX, "%.4000s.zst", path);
}

static bool is_there(const char *path)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0;
}

bool http_bundle_is_packed(const char *path)
{
	char packed[HTTP_BUNDLE_PATH_MAX];
	if (!path || is_there(path))
		return false;
	http_bundle_packed_name(path, packed);
	return is_there(packed);
}

/* A file that is not there is empty. */
static ssize_t read_file(const char *path, char *out, struct error *err)
{
	ssize_t got = file_read(AT_FDCWD, path, out, HTTP_BUNDLE_MAX, err);
	if (got < 0 && err && err->code == ENOENT)
		return 0;
	return got < 0 ? error_context(err, "certificates") : got;
}

static int take(const char *bytes, size_t size, struct error *err)
{
	char *text = malloc(size + 1);
	if (!text)
		return error_temporary(err, "no memory for certificates");
	memcpy(text, bytes, size);
	free(bundle.text);
	bundle.text = text;
	bundle.size = size;
	return 0;
}

static int unpack(const char *path, const char *packed, size_t packed_size, struct error *err)
{
	unsigned long long size = ZSTD_getFrameContentSize(packed, packed_size);
	if (size > HTTP_BUNDLE_MAX) /* also when it is not known, or there is no frame */
		return error_set(err, "certificates: %s.zst is no compressed file of at most 2 MiB",
				 path);
	_cleanup_free_ char *text = malloc((size_t)size + 1);
	if (!text)
		return error_temporary(err, "no memory for certificates");
	size_t got = ZSTD_decompress(text, (size_t)size, packed, packed_size);
	if (ZSTD_isError(got))
		return error_set(err, "certificates: %s.zst cannot be unpacked: %s", path,
				 ZSTD_getErrorName(got));
	return take(text, got, err);
}

static int load(const char *path, struct error *err)
{
	char packed[HTTP_BUNDLE_PATH_MAX];
	bool is_packed = http_bundle_is_packed(path);
	_cleanup_free_ char *bytes = malloc(HTTP_BUNDLE_MAX);
	if (!bytes)
		return error_temporary(err, "no memory for certificates");
	http_bundle_packed_name(path, packed);
	ssize_t got = read_file(is_packed ? packed : path, bytes, err);
	if (got < 0)
		return -1;
	return is_packed ? unpack(path, bytes, (size_t)got, err) : take(bytes, (size_t)got, err);
}

int http_bundle_read(const char *path, const char **text, size_t *size, struct error *err)
{
	*text = "";
	*size = 0;
	if (!path)
		return 0;
	if (!bundle.text || strcmp(bundle.path, path) != 0) {
		if (load(path, err) < 0)
			return -1;
		snprintf(bundle.path, sizeof bundle.path, "%s", path);
	}
	*text = bundle.text;
	*size = bundle.size;
	return 0;
}
