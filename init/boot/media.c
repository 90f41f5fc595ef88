// SPDX-License-Identifier: Apache-2.0
#include "init/boot/media.h"

#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/folder.h"
#include "lib/log.h"
#include "lib/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FOLDER "/run/berth/sources"

static const char label[] = VOLUME_IMAGES;

enum { PATIENCE_MS = 3000, FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME };

struct medium {
	char name[VOLUME_NAME]; /* "vdb", "9p" */
	char source[VOLUME_NAME + 8];
	const char *type, *options;
};

/* Waits for the child, or kills it. 0, or the errno of its mount(). */
static int result_of(pid_t pid)
{
	int status;
	_cleanup_close_ int pidfd = sys_pidfd_open(pid, 0);
	struct pollfd fd = {pidfd, POLLIN, 0};
	int ready;
	do
		ready = poll(&fd, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0) {
		kill(pid, SIGKILL); /* it may not die before its device answers */
		return ETIMEDOUT;
	}
	if (waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* In a child, for a device or a host that does not answer must not hold up PID 1. */
static int mount_medium(const struct medium *medium, const char *target)
{
	pid_t pid = fork();
	if (pid < 0)
		return errno;
	if (pid > 0)
		return result_of(pid);
	_exit(mount(medium->source, target, medium->type, FLAGS, medium->options) < 0 ? errno : 0);
}

static void say(char *summary, size_t capacity, const struct medium *medium)
{
	size_t used = strlen(summary);
	bool is_share = strcmp(medium->name, medium->type) == 0;
	snprintf(summary + used, capacity - used, is_share ? "%s%s" : "%s%s (%s)", used ? ", " : "",
		 medium->name, medium->type);
}

static void add(const struct medium *medium, struct arena *arena, struct string_list *places,
		char *summary, size_t capacity)
{
	char target[sizeof FOLDER + VOLUME_NAME + 1];
	snprintf(target, sizeof target, FOLDER "/%s", medium->name);
	make_directories(FOLDER, 0755, NULL);
	if (mkdir(target, 0755) < 0) {
		if (errno != EEXIST)
			log_warning("berth", "6 devices: create %s: %s", target, strerror(errno));
		return; /* mounted before, or tried in vain */
	}
	int failed = mount_medium(medium, target);
	if (failed)
		log_warning("berth", "6 devices: %s (%s, %s) is not used: mount: %s", medium->name,
			    medium->type, label, strerror(failed));
	else if (string_list_add(places, arena, target, NULL) == 0)
		say(summary, capacity, medium);
}

static void add_volumes(const struct volumes *volumes, struct arena *arena,
			struct string_list *places, char *summary, size_t capacity)
{
	for (size_t i = 0; i < volumes->count; i++) {
		const struct volume *volume = &volumes->items[i];
		struct medium medium = {.type = volume_type(volume->format), .options = ""};
		if (!volume_has_label(volume, label))
			continue;
		/* The journal of a file system that was not unmounted stays as it is. */
		if (volume->format == VOLUME_EXT4)
			medium.options = "noload";
		snprintf(medium.name, sizeof medium.name, "%s", volume->device);
		snprintf(medium.source, sizeof medium.source, "/dev/%s", volume->device);
		add(&medium, arena, places, summary, capacity);
	}
}

/* Whether a device below the sysfs folder has our tag in the file `name`. */
static bool has_tag(const char *folder, const char *name)
{
	_cleanup_folder_ struct folder dir;
	folder_open(&dir, folder);
	for (const char *device; (device = folder_next(&dir));) {
		char path[300], tag[sizeof label + 1];
		snprintf(path, sizeof path, "%.200s/%s", device, name);
		if (file_read(dir.fd, path, tag, sizeof tag, NULL) < 0)
			continue;
		tag[strcspn(tag, "\n")] = 0;
		if (strcmp(tag, label) == 0)
			return true;
	}
	return false;
}

void boot_media(const struct volumes *volumes, struct arena *arena, struct string_list *places,
		char *summary, size_t capacity)
{
	static const struct {
		const char *folder, *file;
		struct medium medium;
	} shares[] = {
		/* "any": the host decides what may be read, for whichever user is asking. */
		{"/sys/bus/virtio/drivers/9pnet_virtio", "mount_tag",
		 {"9p", VOLUME_IMAGES, "9p", "trans=virtio,version=9p2000.L,msize=131072,access=any"}},
		{"/sys/fs/virtiofs", "tag", {"virtiofs", VOLUME_IMAGES, "virtiofs", ""}},
	};
	*summary = 0;
	add_volumes(volumes, arena, places, summary, capacity);
	for (size_t i = 0; i < countof(shares); i++)
		if (has_tag(shares[i].folder, shares[i].file))
			add(&shares[i].medium, arena, places, summary, capacity);
}
