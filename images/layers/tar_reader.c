// SPDX-License-Identifier: Apache-2.0
#include "images/layers/tar_reader.h"

#include "lib/cleanup.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { BLOCK = 256 << 10 };

struct tar_reader {
	int fd;
	struct archive *archive;
	struct archive_entry *entry;
	bool empty;             /* the stream ended before its first byte */
	bool in_headers;
	size_t header_bytes;    /* read for the headers in hand */
	struct layer_budget *budget; /* or NULL */
	uint64_t uncharged;     /* bytes read before there was one */
	size_t waiting;         /* bytes in block that were read to see whether there are any */
	uint8_t block[BLOCK];
};

/* errno is EDOM when it is not: no read() fails so. */
static bool is_affordable(struct tar_reader *reader, uint64_t size)
{
	struct layer_budget *budget = reader->budget;
	if (!budget) {
		reader->uncharged += size;
		return true;
	}
	budget->stream += size;
	if (budget->stream_max == 0 || budget->stream <= budget->stream_max)
		return true;
	errno = EDOM;
	return false;
}

static const char *read_reason(void)
{
	return errno == EDOM ? "the image is so much smaller packed than unpacked that it can only "
			       "be meant to do harm"
			     : strerror(errno);
}

static ssize_t read_some(struct tar_reader *reader)
{
	ssize_t got;
	do
		got = read(reader->fd, reader->block, BLOCK);
	while (got < 0 && errno == EINTR);
	return got > 0 && !is_affordable(reader, (uint64_t)got) ? -1 : got;
}

/* libarchive's read callback. */
static la_ssize_t read_block(struct archive *archive, void *context, const void **out)
{
	struct tar_reader *reader = context;
	ssize_t got = (ssize_t)reader->waiting;
	reader->waiting = 0;
	if (got == 0)
		got = read_some(reader);
	if (got < 0) {
		archive_set_error(archive, errno, "%s", read_reason());
		return ARCHIVE_FATAL;
	}
	if (reader->in_headers) {
		reader->header_bytes += (size_t)got;
		if (reader->header_bytes > TAR_HEADERS_MAX + BLOCK) {
			archive_set_error(archive, EFBIG,
					  "more than %d MiB of headers for one entry",
					  TAR_HEADERS_MAX >> 20);
			return ARCHIVE_FATAL;
		}
	}
	*out = reader->block;
	return got;
}

static int archive_failed(struct tar_reader *reader, const char *what, struct error *err)
{
	const char *text = archive_error_string(reader->archive);
	int code = archive_errno(reader->archive);
	error_set(err, "%s: %s", what, text ? text : "unknown reason");
	if (err && (code == ENOMEM || code == EIO))
		err->code = code;
	return -1;
}

static int start(struct tar_reader *reader, struct error *err)
{
	ssize_t got = read_some(reader);
	if (got < 0)
		return error_errno(err, errno, "read the layer");
	reader->empty = got == 0;
	reader->waiting = (size_t)got;
	if (reader->empty)
		return 0;
	reader->archive = archive_read_new();
	if (!reader->archive)
		return error_errno(err, ENOMEM, "start the tar reader");
	if (archive_read_support_format_tar(reader->archive) != ARCHIVE_OK ||
	    archive_read_open(reader->archive, reader, NULL, read_block, NULL) != ARCHIVE_OK)
		return archive_failed(reader, "start the tar reader", err);
	return 0;
}

struct tar_reader *tar_reader_open(int fd, struct error *err)
{
	struct tar_reader *reader = malloc(sizeof *reader);
	if (!reader) {
		error_errno(err, ENOMEM, "start the tar reader");
		return NULL;
	}
	memset(reader, 0, offsetof(struct tar_reader, block));
	reader->fd = fd;
	if (start(reader, err) < 0) {
		tar_reader_close(reader);
		return NULL;
	}
	return reader;
}

void tar_reader_close(struct tar_reader *reader)
{
	if (!reader)
		return;
	if (reader->archive)
		archive_read_free(reader->archive);
	free(reader);
}

/*
 * libarchive converts the names in pax records from UTF-8 to the locale's character set, and where
 * that fails keeps the bytes as they are, with this warning. Berth has no locale and its libarchive
 * no iconv: every name that is not ASCII fails, and so stays what it was. (In a UTF-8 locale names
 * would come out in Unicode's composed form, which may be another file's name.) The other warning
 * is of ACLs, which are not looked at: as in umoci and containerd they count only as attributes.
 */
static bool is_harmless(struct tar_reader *reader)
{
	const char *text = archive_error_string(reader->archive);
	return text && (strstr(text, "can't be converted") || strstr(text, "SCHILY.acl"));
}

static struct timespec clamp_time(int64_t seconds, long nanoseconds)
{
	if (nanoseconds < 0 || nanoseconds > 999999999)
		nanoseconds = 0;
	return (struct timespec){.tv_sec = seconds, .tv_nsec = nanoseconds};
}

static int fill_owner(struct archive_entry *entry, struct tar_entry *out, struct error *err)
{
	int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);
	if (uid < 0 || uid >= UINT32_MAX || gid < 0 || gid >= UINT32_MAX)
		return error_set(err, "%.160s: owner %lld:%lld is out of range", out->name,
				 (long long)uid, (long long)gid);
	out->uid = (uid_t)uid;
	out->gid = (gid_t)gid;
	return 0;
}

static int fill(struct tar_reader *reader, struct tar_entry *out, struct error *err)
{
	struct archive_entry *entry = reader->entry;
	*out = (struct tar_entry){0};
	out->name = archive_entry_pathname(entry);
	if (!out->name)
		return error_set(err, "an entry without a name");
	out->link = archive_entry_hardlink(entry);
	out->hard_link = out->link != NULL;
	out->type = out->hard_link ? 0 : archive_entry_filetype(entry);
	if (out->type == S_IFLNK && !(out->link = archive_entry_symlink(entry)))
		return error_set(err, "%.160s: a symlink without a target", out->name);
	out->mode = archive_entry_perm(entry) & 07777;
	out->size = archive_entry_size(entry);
	if (out->size < 0)
		return error_set(err, "%.160s: negative size", out->name);
	out->sparse = archive_entry_sparse_count(entry) > 0;
	out->device = makedev(archive_entry_rdevmajor(entry), archive_entry_rdevminor(entry));
	out->times[1] = clamp_time(archive_entry_mtime(entry), archive_entry_mtime_nsec(entry));
	out->times[0] = out->times[1];
	if (archive_entry_atime_is_set(entry))
		out->times[0] = clamp_time(archive_entry_atime(entry),
					   archive_entry_atime_nsec(entry));
	return fill_owner(entry, out, err);
}

int tar_reader_charge(struct tar_reader *reader, struct layer_budget *budget, struct error *err)
{
	reader->budget = budget;
	return is_affordable(reader, reader->uncharged) ? 0 : error_set(err, "%s", read_reason());
}

int tar_reader_next(struct tar_reader *reader, struct tar_entry *out, bool *end, struct error *err)
{
	*end = reader->empty;
	if (reader->empty)
		return 0;
	/* What is left of the entry before does not count as headers. */
	if (reader->entry && archive_read_data_skip(reader->archive) < ARCHIVE_WARN)
		return archive_failed(reader, "skip to the next entry", err);
	reader->in_headers = true;
	reader->header_bytes = 0;
	errno = 0; /* libarchive takes a stale ENOMEM for its own */
	int result = archive_read_next_header(reader->archive, &reader->entry);
	reader->in_headers = false;
	if (result == ARCHIVE_EOF) {
		*end = true;
		return 0;
	}
	if (result != ARCHIVE_OK && !(result == ARCHIVE_WARN && is_harmless(reader)))
		return archive_failed(reader, "read the next tar header", err);
	archive_entry_xattr_reset(reader->entry);
	return fill(reader, out, err);
}

int tar_reader_data(struct tar_reader *reader, const void **data, size_t *size, int64_t *offset,
		    bool *end, struct error *err)
{
	la_int64_t at;
	int result = archive_read_data_block(reader->archive, data, size, &at);
	*offset = at;
	*end = result == ARCHIVE_EOF;
	if (result != ARCHIVE_OK && result != ARCHIVE_EOF)
		return archive_failed(reader, "read the content", err);
	return 0;
}

int tar_reader_xattr_count(struct tar_reader *reader)
{
	return archive_entry_xattr_count(reader->entry);
}

bool tar_reader_next_xattr(struct tar_reader *reader, struct tar_xattr *out)
{
	return archive_entry_xattr_next(reader->entry, &out->name, &out->value, &out->size) ==
	       ARCHIVE_OK;
}

int tar_reader_drain(struct tar_reader *reader, struct error *err)
{
	ssize_t got;
	while ((got = read_some(reader)) > 0)
		;
	if (got < 0 && errno != EDOM)
		return error_errno(err, errno, "read the layer");
	return got < 0 ? error_set(err, "%s", read_reason()) : 0;
}
