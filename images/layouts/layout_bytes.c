// SPDX-License-Identifier: Apache-2.0
#include "images/layouts/layout_bytes.h"

#include "images/layouts/layout_web.h"
#include "lib/cleanup.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct layout_blob_name layout_blob_name(const struct digest *digest)
{
	struct layout_blob_name name;
	snprintf(name.text, sizeof name.text, "blobs/sha256/%s",
		 digest->text + strlen("sha256:"));
	return name;
}

static int open_error(const struct layout *layout, const char *name, int code, struct error *err)
{
	if (code != EXDEV)
		return error_errno(err, code, "%s: open %s", layout->path, name);
	error_set(err, "%s: %s is a link that leads out of it", layout->path, name);
	if (err)
		err->code = code;
	return -1;
}

static int span_in_folder(const struct layout *layout, const char *name, struct layout_span *out,
			  struct error *err)
{
	struct stat st;
	_cleanup_close_ int fd = sys_openat2(layout->fd, name, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
					     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (fd < 0 || fstat(fd, &st) < 0)
		return open_error(layout, name, errno, err);
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s: %s is not a file", layout->path, name);
	*out = (struct layout_span){steal_fd(&fd), 0, (uint64_t)st.st_size};
	return 0;
}

static int span_in_archive(const struct layout *layout, const char *name, struct layout_span *out,
			   struct error *err)
{
	const struct archive_member *member = archive_index_find(&layout->index, name);
	if (!member)
		return open_error(layout, name, ENOENT, err);
	*out = (struct layout_span){fcntl(layout->fd, F_DUPFD_CLOEXEC, 0), member->offset,
				    member->size};
	return out->fd < 0 ? open_error(layout, name, errno, err) : 0;
}

int layout_span(const struct layout *layout, const char *name, struct layout_span *out,
		struct error *err)
{
	return layout->kind == LAYOUT_ARCHIVE ? span_in_archive(layout, name, out, err)
					      : span_in_folder(layout, name, out, err);
}

static int read_span(const struct layout_span *span, char *body, struct error *err)
{
	for (uint64_t at = 0; at < span->size;) {
		ssize_t got = pread(span->fd, body + at, (size_t)(span->size - at),
				    (off_t)(span->offset + at));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, errno, "read");
		if (got == 0)
			return error_set(err, "it is cut off");
		at += (uint64_t)got;
	}
	body[span->size] = 0;
	return 0;
}

int layout_read(struct layout *layout, const char *name, char *body, size_t capacity, size_t *size,
		struct error *err)
{
	struct layout_span span;
	if (layout->kind == LAYOUT_WEB)
		return layout_web_get(layout, name, body, capacity, size, err);
	if (layout_span(layout, name, &span, err) < 0)
		return -1;
	int result = 0;
	*size = (size_t)span.size;
	if (span.size >= capacity)
		result = error_set(err, "%s: %s has more than %zu bytes", layout->path, name,
				   capacity - 1);
	else if (read_span(&span, body, err) < 0)
		result = error_context(err, "%s: %s", layout->path, name);
	close(span.fd);
	return result;
}
