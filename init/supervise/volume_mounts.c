// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/volume_mounts.h"

#include "init/config/volume_sources.h"
#include "init/supervise/errand.h"
#include "init/supervise/late_disks.h"
#include "init/supervise/ledger.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/syscalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LIMIT_MS = 30000, /* a journal is replayed in less */
	DONE = 1,
	FAILED,
	PLACE_SIZE = sizeof VOLUME_PLACES + 208,
	DEVICE_SIZE = 140,
};

static const char store[] = "/var/lib/berth";

static struct {
	const struct machine *machine;
	const struct volumes *disks;
	void (*done)(const struct error *failure);
	size_t next;
	struct volume_source source; /* that is being mounted */
	char device[DEVICE_SIZE];    /* for mount(2) */
	struct arena arena;
	char block[4096];
} step;

static void place_of(const char *name, char out[PLACE_SIZE])
{
	snprintf(out, PLACE_SIZE, VOLUME_PLACES "/%s", name);
}

/* Nor the disk of the store under another name: what is on it is for the machine alone. */
static int check_device(const char *device, struct error *err)
{
	struct stat disk, there;
	if (stat(device, &disk) < 0)
		return error_errno(err, errno, "look at %s", device);
	if (!S_ISBLK(disk.st_mode))
		return error_set(err, "%s is no disk", device);
	return stat(store, &there) == 0 && there.st_dev == disk.st_rdev
		       ? error_set(err,
				   "%s is the machine's own data disk: a volume without "
				   "driver_opts lies "
				   "there",
				   device)
		       : 0;
}

static int mount_it(struct error *err)
{
	const struct volume_source *source = &step.source;
	struct mount_option options[countof(source->options) + 1] = {{"source", step.device}};
	char place[PLACE_SIZE];
	memcpy(options + 1, source->options, sizeof source->options);
	if (source->kind == VOLUME_OF_DISK && check_device(step.device, err) < 0)
		return -1;
	_cleanup_close_ int fd = mount_new(source->type, options, source->attributes, err);
	if (fd < 0) /* EACCES: a disk that cannot be written, EROFS: a file system that may not be */
		return (err->code == EACCES || err->code == EROFS) &&
				       !(source->attributes & MOUNT_ATTR_RDONLY)
			       ? error_set(err, "%s can only be read: o: ro", step.device)
			       : -1;
	place_of(source->name, place);
	if (make_directories(place, 0700, err) < 0)
		return -1;
	_cleanup_close_ int target = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return target < 0 ? error_errno(err, errno, "open %s", place)
			  : mount_attach(fd, target, place, err);
}

static void run(int fd, void *context)
{
	unsigned char storage[1024];
	struct error err = ERROR_INIT;
	struct frame frame;
	(void)context;
	bool good = mount_it(&err) == 0;
	frame_begin(&frame, good ? DONE : FAILED, storage, sizeof storage);
	frame_put_string(&frame, err.text);
	frame_send(fd, &frame, NULL);
}

static void mount_next(void *context);

static void fail(const char *why)
{
	struct error err = ERROR_INIT;
	error_set(&err, "volume %.100s: %s", step.source.name, why);
	ledger_fail(STEP_DEVICES, 1, "volume", err.text);
	step.done(&err);
}

static void on_ended(struct frame *frame, const char *how, void *context)
{
	char why[ERROR_TEXT_MAX], text[ERROR_TEXT_MAX];
	(void)context;
	snprintf(why, sizeof why, "mount %s (%s): %s", step.device, step.source.type, how);
	if (frame && (frame->type == DONE || frame->type == FAILED)) {
		frame_get_text(frame, text, sizeof text);
		if (frame_done(frame) && frame->type == DONE) {
			ledger_end(STEP_DEVICES, 0, "volume", "volume %s on %s (%s)",
				   step.source.name, step.device, step.source.type);
			mount_next(NULL);
			return;
		}
		snprintf(why, sizeof why, "%s", text);
	}
	fail(why);
}

static bool is_it(const struct volume *volume, const char *wanted)
{
	if (strncmp(wanted, "LABEL=", 6) == 0)
		return volume_has_label(volume, wanted + 6);
	if (strncmp(wanted, "UUID=", 5) == 0)
		return volume_has_uuid(volume, wanted + 5);
	return strcmp(volume->device, wanted + 5) == 0; /* behind /dev/ */
}

/* "vda (ext4, berth-data), sr0". */
static void list_disks(char *out, size_t capacity)
{
	size_t used = 0;
	out[0] = 0;
	for (size_t i = 0; i < step.disks->count && used + 80 < capacity; i++) {
		const struct volume *volume = &step.disks->items[i];
		used += (size_t)snprintf(out + used, capacity - used, "%s%s", used ? ", " : "",
					 volume->device);
		if (volume->format != VOLUME_OTHER)
			used += (size_t)snprintf(out + used, capacity - used, " (%s%s%s)",
						 volume_type(volume->format),
						 *volume->label ? ", " : "", volume->label);
	}
}

/* Those with these labels have what is for the machine alone. */
static bool is_the_machines(const struct volume *volume)
{
	static const char *const labels[] = {VOLUME_DATA, VOLUME_IMAGES, "cidata", "config-2"};
	for (size_t i = 0; i < countof(labels); i++)
		if (volume_has_label(volume, labels[i]))
			return true;
	return false;
}

static int check_format(const struct volume *volume, struct error *err)
{
	const char *wanted = step.source.type, *is = volume_type(volume->format);
	bool same = volume->format == VOLUME_OTHER || strcmp(is, wanted) == 0 ||
		    (volume->format == VOLUME_EXT4 && strncmp(wanted, "ext", 3) == 0);
	if (is_the_machines(volume))
		return error_set(err, "the disk %s (%s, %s) is the machine's own", volume->device,
				 is, volume->label);
	return same ? 0
		    : error_set(err, "the disk %s has the file system %s and not %s",
				volume->device, is, wanted);
}

/* 0, or -1; `*late`: it may be one that has not been looked for. */
static int find_device(bool *late, struct error *err)
{
	const struct volume_source *source = &step.source;
	const char *device = source->device;
	char disks[300];
	size_t i = 0;
	*late = false;
	if (source->kind != VOLUME_OF_DISK) {
		if (strcmp(device, VOLUME_IMAGES) == 0)
			return error_set(err, "the share %s is the machine's own", device);
		snprintf(step.device, sizeof step.device, "%s", device);
		return 0;
	}
	while (i < step.disks->count && !is_it(&step.disks->items[i], device))
		i++;
	if (i < step.disks->count) {
		snprintf(step.device, sizeof step.device, "/dev/%s", step.disks->items[i].device);
		return check_format(&step.disks->items[i], err);
	}
	*late = late_disks_may_help();
	list_disks(disks, sizeof disks);
	return error_set(err, "there is no disk %s; there %s %s", device,
			 step.disks->count == 1 ? "is" : "are", *disks ? disks : "none");
}

static void mount_one(void)
{
	static struct errand errand = {.timeout_ms = LIMIT_MS, .run = run, .ended = on_ended};
	struct error err = ERROR_INIT;
	bool late;
	ledger_begin(STEP_DEVICES);
	if (find_device(&late, &err) < 0) {
		if (late) {
			step.next--; /* again, when they are there */
			late_disks_look(mount_next, NULL);
			return;
		}
		fail(err.text);
	} else if (errand_start(&errand, &err) < 0) {
		fail(err.text);
	}
}

static void mount_next(void *context)
{
	struct error err = ERROR_INIT;
	(void)context;
	if (step.next == step.machine->volumes.count) {
		step.done(NULL);
		return;
	}
	arena_init(&step.arena, step.block, sizeof step.block);
	const char *text = step.machine->volumes.items[step.next++];
	if (parse_volume_source(text, &step.arena, &step.source, &err) < 0)
		step.done(&err);
	else
		mount_one();
}

void volume_mounts_make(const struct machine *machine, const struct volumes *disks,
			void (*done)(const struct error *failure))
{
	step.machine = machine;
	step.disks = disks;
	step.done = done;
	step.next = 0;
	mount_next(NULL);
}

void volume_mounts_release(void)
{
	char place[PLACE_SIZE];
	for (size_t i = 0; i < step.next; i++) {
		const char *text = step.machine->volumes.items[i];
		snprintf(place, sizeof place, VOLUME_PLACES "/%.*s", (int)strcspn(text, ","), text);
		if (umount2(place, UMOUNT_NOFOLLOW) < 0)
			mount(NULL, place, NULL, MS_REMOUNT | MS_RDONLY, NULL);
	}
}
