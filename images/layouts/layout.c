// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/layout.h"

#include "images/layouts/layout_bytes.h"
#include "images/layouts/layout_web.h"
#include "lib/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int layout_open(const char *path, const struct http_settings *settings, struct layout *layout,
		struct error *err)
{
	struct stat st;
	*layout = (struct layout){.fd = -1, .settings = settings};
	if (snprintf(layout->path, sizeof layout->path, "%s", path) >= (int)sizeof layout->path)
		return error_set(err, "%.100s…: the path is longer than %d bytes", path,
				 LAYOUT_PATH_MAX - 1);
	if (layout_is_url(path)) {
		layout->kind = LAYOUT_WEB;
		return 0;
	}
	layout->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (layout->fd < 0 || fstat(layout->fd, &st) < 0)
		return error_errno(err, errno, "open %s", path);
	layout->kind = S_ISDIR(st.st_mode) ? LAYOUT_FOLDER : LAYOUT_ARCHIVE;
	return S_ISDIR(st.st_mode) || S_ISREG(st.st_mode)
		       ? 0 : error_set(err, "%s is neither a folder nor a file", path);
}

void layout_close(struct layout *layout)
{
	if (layout->kind != LAYOUT_NONE && layout->fd >= 0)
		close(layout->fd);
	if (layout->http)
		http_close(layout->http);
	archive_index_free(&layout->index);
	free(layout->manifest);
	*layout = (struct layout){.fd = -1};
}

int layout_index(struct layout *layout, char *body, size_t capacity, size_t *size,
		 struct error *err)
{
	return layout_read(layout, "index.json", body, capacity, size, err);
}

int layout_document(struct layout *layout, const struct digest *digest, char *body,
		    size_t capacity, size_t *size, struct error *err)
{
	if (layout->manifest && strcmp(layout->manifest_digest.text, digest->text) == 0 &&
	    layout->manifest_size < capacity) {
		*size = layout->manifest_size;
		memcpy(body, layout->manifest, *size + 1);
		return 0;
	}
	return layout_read(layout, layout_blob_name(digest).text, body, capacity, size, err);
}

size_t layout_piece(struct layout *layout, const struct digest *digest, uint64_t offset,
		    void *out, size_t size)
{
	const struct layout_blob_name name = layout_blob_name(digest);
	struct layout_span span;
	if (layout->kind == LAYOUT_WEB)
		return layout_web_piece(layout, name.text, offset, out, size);
	if (layout_span(layout, name.text, &span, NULL) < 0)
		return 0;
	_cleanup_close_ int fd = span.fd;
	if (offset > span.size || size > span.size - offset)
		return 0;
	ssize_t got = pread(fd, out, size, (off_t)(span.offset + offset));
	return got < 0 ? 0 : (size_t)got;
}

static int check_size(const struct layout *layout, const struct descriptor *blob, uint64_t has,
		      struct error *err)
{
	if (has == blob->size)
		return 0;
	return error_set(err, "%s has %s%llu of the %llu bytes of %s", layout->path,
			 has > blob->size ? "more than " : "only ",
			 (unsigned long long)(has > blob->size ? blob->size : has),
			 (unsigned long long)blob->size, blob->digest.text);
}

int layout_locate(struct layout *layout, const struct descriptor *blob, uint64_t *offset,
		  struct error *err)
{
	struct layout_span span;
	*offset = 0;
	if (layout->kind == LAYOUT_WEB)
		return 0;
	if (layout_span(layout, layout_blob_name(&blob->digest).text, &span, err) < 0)
		return -1;
	close(span.fd);
	*offset = span.offset;
	return check_size(layout, blob, span.size, err);
}

static int stream(const struct layout *layout, const struct layout_span *span, char *buffer,
		  size_t buffer_size, http_sink *sink, void *context, struct error *err)
{
	for (uint64_t at = 0; at < span->size;) {
		uint64_t left = span->size - at;
		ssize_t got = pread(span->fd, buffer, left < buffer_size ? (size_t)left : buffer_size,
				    (off_t)(span->offset + at));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, errno, "read %s", layout->path);
		if (got == 0)
			return error_set(err, "%s has only %llu of %llu bytes", layout->path,
					 (unsigned long long)at, (unsigned long long)span->size);
		if (sink(context, buffer, (size_t)got, err) < 0)
			return -1;
		at += (uint64_t)got;
	}
	return 0;
}

int layout_blob(struct layout *layout, const struct descriptor *blob, uint64_t offset,
		size_t buffer_size, http_sink *sink, void *context, struct error *err)
{
	const struct layout_blob_name name = layout_blob_name(&blob->digest);
	struct layout_span span = {-1, offset, blob->size};
	if (layout->kind == LAYOUT_WEB)
		return layout_web_blob(layout, name.text, blob->size, sink, context, err);
	if (offset)
		span.fd = fcntl(layout->fd, F_DUPFD_CLOEXEC, 0);
	else if (layout_span(layout, name.text, &span, err) < 0)
		return -1;
	_cleanup_close_ int fd = span.fd;
	_cleanup_free_ char *buffer = malloc(buffer_size);
	if (fd < 0 || !buffer)
		return error_temporary(err, "no memory for a buffer of %zu bytes", buffer_size);
	if (check_size(layout, blob, span.size, err) < 0)
		return -1;
	return stream(layout, &span, buffer, buffer_size, sink, context, err);
}
