// SPDX-License-Identifier: Apache-2.0
#include "images/store/last_good.h"

#include "images/reference.h"
#include "lib/cleanup.h"
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { LINES_MAX = DIGEST_TEXT + REFERENCE_TEXT_MAX + 2 };

#define FOLDER "references"

struct name {
	char text[sizeof FOLDER "/.partial-" + DIGEST_TEXT];
};

static struct name name_of(const char *normal, bool partial)
{
	struct name name;
	struct digest digest;
	struct sha256 sha;
	sha256_begin(&sha);
	sha256_add(&sha, normal, strlen(normal));
	sha256_end(&sha, &digest);
	snprintf(name.text, sizeof name.text, FOLDER "/%s%s", partial ? ".partial-" : "",
		 digest.text + strlen("sha256:"));
	return name;
}

bool last_good_find(const struct store *store, const char *normal, struct digest *manifest)
{
	char lines[LINES_MAX + 1];
	struct name name = name_of(normal, false);
	if (file_read(store->fd, name.text, lines, sizeof lines, NULL) < 0)
		return false;
	char *second = strchr(lines, '\n');
	if (!second)
		return false;
	*second++ = 0;
	second[strcspn(second, "\n")] = 0;
	return strcmp(second, normal) == 0 && digest_parse(lines, manifest, NULL) == 0;
}

int last_good_write(const struct store *store, const char *normal, const struct digest *manifest,
		    struct error *err)
{
	struct digest noted;
	char lines[LINES_MAX + 1];
	if (last_good_find(store, normal, &noted) && strcmp(noted.text, manifest->text) == 0)
		return 0;
	if (mkdirat(store->fd, FOLDER, 0700) < 0 && errno != EEXIST)
		return error_errno(err, errno, "create %s/" FOLDER, store->path);
	struct name name = name_of(normal, false), partial = name_of(normal, true);
	int size = snprintf(lines, sizeof lines, "%s\n%s\n", manifest->text, normal);
	_cleanup_close_ int fd = openat(store->fd, partial.text,
					O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write_all(fd, lines, (size_t)size, NULL) < 0 ||
	    (!store->in_memory && fsync(fd) < 0) ||
	    renameat(store->fd, partial.text, store->fd, name.text) < 0)
		return error_errno(err, errno, "write %s/%s", store->path, name.text);
	return 0;
}
