// SPDX-License-Identifier: Apache-2.0
#include "images/layout.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LAYOUTS_MAX = 1024 };

/* A blob's file; whatever links the layout holds, it stays below the layout. */
static int open_blob(const struct layout *layout, const struct digest *digest)
{
	char path[16 + DIGEST_TEXT];
	snprintf(path, sizeof path, "blobs/sha256/%s", digest->text + strlen("sha256:"));
	return sys_openat2(layout->fd, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
			   RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

static int blob_error(const struct layout *layout, const struct digest *digest, int code,
		      struct error *err)
{
	return error_errno(err, code, "layout %s: open blob %s", layout->path, digest->text);
}

int layout_open(const char *path, struct layout *layout, struct error *err)
{
	snprintf(layout->path, sizeof layout->path, "%s", path);
	layout->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return layout->fd < 0 ? error_errno(err, errno, "open layout %s", path) : 0;
}

int layout_index(const struct layout *layout, char *body, size_t capacity, size_t *size,
		 struct error *err)
{
	_cleanup_close_ int fd = sys_openat2(layout->fd, "index.json",
					     O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
					     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return error_errno(err, errno, "open %s/index.json", layout->path);
	ssize_t got = file_read_fd(fd, "index.json", body, capacity, err);
	if (got < 0)
		return error_context(err, "layout %s", layout->path);
	*size = (size_t)got;
	return 0;
}

int layout_document(const struct layout *layout, const struct digest *digest, char *body,
		    size_t capacity, size_t *size, struct error *err)
{
	_cleanup_close_ int fd = open_blob(layout, digest);
	if (fd < 0)
		return blob_error(layout, digest, errno, err);
	ssize_t got = file_read_fd(fd, digest->text, body, capacity, err);
	if (got < 0)
		return error_context(err, "layout %s", layout->path);
	*size = (size_t)got;
	return 0;
}

size_t layout_piece(const struct layout *layout, const struct digest *digest, uint64_t offset,
		    void *out, size_t size)
{
	_cleanup_close_ int fd = open_blob(layout, digest);
	ssize_t got = fd < 0 ? -1 : pread(fd, out, size, (off_t)offset);
	return got < 0 ? 0 : (size_t)got;
}

static int check_size(const struct layout *layout, const struct descriptor *blob, uint64_t received,
		      struct error *err)
{
	if (received == blob->size)
		return 0;
	return error_set(err, "layout %s has %s%llu of its %llu bytes", layout->path,
			 received > blob->size ? "more than " : "only ",
			 (unsigned long long)(received > blob->size ? blob->size : received),
			 (unsigned long long)blob->size);
}

int layout_blob(const struct layout *layout, const struct descriptor *blob, size_t buffer_size,
		http_sink *sink, void *context, struct error *err)
{
	_cleanup_close_ int fd = open_blob(layout, &blob->digest);
	_cleanup_free_ char *buffer = malloc(buffer_size);
	uint64_t received = 0;
	if (fd < 0)
		return blob_error(layout, &blob->digest, errno, err);
	if (!buffer)
		return error_temporary(err, "no memory for a buffer of %zu bytes", buffer_size);
	for (;;) {
		ssize_t got = read(fd, buffer, buffer_size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_errno(err, errno, "layout %s: read", layout->path);
		if (got == 0)
			break;
		received += (uint64_t)got;
		if (received > blob->size)
			break;
		if (sink(context, buffer, (size_t)got, err) < 0)
			return -1;
	}
	return check_size(layout, blob, received, err);
}

static bool is_wanted(const struct index_entry *entry, const char *typed,
		      const struct reference *reference)
{
	char normal[REFERENCE_TEXT_MAX];
	const char *const names[] = {entry->ref_name, entry->image_name};
	if (*reference->digest.text)
		return strcmp(entry->document.digest.text, reference->digest.text) == 0;
	reference_format(reference, normal);
	for (size_t i = 0; i < countof(names); i++)
		if (*names[i] && (strcmp(names[i], typed) == 0 || strcmp(names[i], normal) == 0))
			return true;
	return false;
}

/* 1: the wanted image is in this layout; 0: it is not, or this is no layout. */
static int search_layout(const struct layout *layout, const char *typed,
			 const struct reference *reference, struct arena *arena,
			 struct index_entry *out, struct error *err)
{
	_cleanup_close_ int fd = sys_openat2(layout->fd, "index.json",
					     O_RDONLY | O_NOCTTY | O_NONBLOCK, 0,
					     RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0 : error_errno(err, errno, "open %s/index.json", layout->path);
	_cleanup_free_ char *body = malloc(DOCUMENT_SIZE_MAX + 1);
	if (!body)
		return error_temporary(err, "no memory to read %s/index.json", layout->path);
	ssize_t size = file_read_fd(fd, "index.json", body, DOCUMENT_SIZE_MAX + 1, err);
	struct document document;
	if (size < 0 || document_parse(body, (size_t)size, "application/vnd.oci.image.index.v1+json",
				       arena, &document, err) < 0)
		return error_context(err, "layout %s: index.json", layout->path);
	for (size_t i = 0; i < document.index.count; i++)
		if (is_wanted(&document.index.entries[i], typed, reference)) {
			*out = document.index.entries[i];
			return 1;
		}
	return 0;
}

static int try_layout(const char *path, const char *typed, const struct reference *reference,
		      struct arena *arena, struct layout *layout, struct index_entry *out,
		      struct error *err)
{
	struct arena before = *arena;
	if (layout_open(path, layout, err) < 0)
		return err->code == ENOENT || err->code == ENOTDIR ? 0 : -1;
	int found = search_layout(layout, typed, reference, arena, out, err);
	if (found <= 0) {
		close(layout->fd);
		layout->fd = -1;
		*arena = before;
	}
	return found;
}

int layout_find(const char *directory, const char *typed, const struct reference *reference,
		struct arena *arena, struct layout *layout, struct index_entry *out,
		struct error *err)
{
	struct error broken = ERROR_INIT;
	layout->fd = -1;
	int found = try_layout(directory, typed, reference, arena, layout, out, &broken);
	_cleanup_closedir_ DIR *dir = found == 1 ? NULL : opendir(directory);
	for (int seen = 0; dir && found != 1 && seen < LAYOUTS_MAX; seen++) {
		struct dirent *entry = readdir(dir);
		char path[LAYOUT_PATH_MAX];
		if (!entry)
			break;
		if (entry->d_name[0] == '.' ||
		    snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) >=
			    (int)sizeof path)
			continue;
		found = try_layout(path, typed, reference, arena, layout, out, &broken);
	}
	if (found != 1 && *broken.text && broken.code != ENOENT && broken.code != ENOTDIR) {
		*err = broken;
		return -1;
	}
	return found == 1;
}
