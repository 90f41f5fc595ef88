// SPDX-License-Identifier: Apache-2.0
#include "images/signatures/signature_record.h"

#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_SIZE = 4096 };

void signature_record_encode(struct frame *frame, uint8_t type, void *storage, size_t capacity,
			     const struct signature_record *record)
{
	frame_begin(frame, type, storage, capacity);
	frame_put_u64(frame, record->signature.form);
	frame_put_string(frame, record->subject.text);
	frame_put_string(frame, record->manifest.text);
	frame_put_string(frame, record->signature.text);
	frame_put_bytes(frame, record->signature.body, record->signature.size);
}

int signature_record_decode(struct frame *frame, struct arena *arena, struct signature_record *out,
			    struct error *err)
{
	uint64_t form = frame_get_u64(frame);
	char subject[DIGEST_TEXT], manifest[DIGEST_TEXT];
	frame_get_text(frame, subject, sizeof subject);
	frame_get_text(frame, manifest, sizeof manifest);
	out->signature.text = frame_get_string(frame, arena);
	out->signature.body = frame_get_string(frame, arena);
	out->signature.size = strlen(out->signature.body);
	out->signature.form = form == SIGNATURE_BUNDLE ? SIGNATURE_BUNDLE : SIGNATURE_PAYLOAD;
	if (!frame_done(frame) || form > SIGNATURE_BUNDLE)
		return error_set(err, "the record of a signature is not well-formed");
	if (digest_parse(subject, &out->subject, err) < 0)
		return -1;
	return digest_parse(manifest, &out->manifest, err);
}

static const char *file_name(const struct digest *manifest)
{
	return manifest->text + strlen("sha256:");
}

int signature_record_folder(const char *store)
{
	char path[PATH_SIZE];
	if (snprintf(path, sizeof path, "%s/signatures", store) >= (int)sizeof path)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int signature_record_write(const char *store, const struct digest *manifest, const void *bytes,
			   size_t size, struct error *err)
{
	static const char partial[] = ".partial";
	char path[PATH_SIZE];
	snprintf(path, sizeof path, "%s/signatures", store);
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s", path);
	_cleanup_close_ int folder = signature_record_folder(store);
	_cleanup_close_ int fd =
		folder < 0 ? -1
			   : openat(folder, partial,
				    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write_all(fd, bytes, size, NULL) < 0 || fsync(fd) < 0 ||
	    renameat(folder, partial, folder, file_name(manifest)) < 0)
		return error_errno(err, errno, "write %s/%s", path, file_name(manifest));
	return 0;
}

int signature_record_read(int folder, const struct digest *manifest, struct arena *arena,
			  struct signature_record *out)
{
	_cleanup_free_ char *bytes = malloc(FRAME_MAX + 1);
	if (!bytes || folder < 0)
		return 0;
	ssize_t size = file_read(folder, file_name(manifest), bytes, FRAME_MAX + 1, NULL);
	if (size < 1)
		return 0;
	struct frame frame = {.type = (uint8_t)bytes[0], .data = (uint8_t *)bytes, .at = 1,
			      .size = (size_t)size, .capacity = (size_t)size};
	return signature_record_decode(&frame, arena, out, NULL) == 0 &&
	       strcmp(out->manifest.text, manifest->text) == 0;
}
