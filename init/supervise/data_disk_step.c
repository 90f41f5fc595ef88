// SPDX-License-Identifier: Apache-2.0
#include "init/supervise/data_disk_step.h"

#include "init/boot/disk_format.h"
#include "init/boot/disk_list.h"
#include "init/boot/steps.h"
#include "init/boot/volume.h"
#include "init/clock/clock.h"
#include "init/config/data_disk.h"
#include "init/supervise/errand.h"
#include "init/supervise/late_disks.h"
#include "init/supervise/ledger.h"
#include "lib/cleanup.h"
#include "lib/file.h"
#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* The kernel has it in fs/ext4/ext4.h only. */
#define RESIZE_FS _IOW('f', 16, uint64_t)

enum {
	LIMIT_MS = 300000, /* a large disk is formatted in a few seconds */
	FLAGS = MS_NOSUID | MS_NODEV | MS_NOATIME,
	DONE = 1, FAILED, NOT_THERE,
};

static const char store[] = "/var/lib/berth", place[] = "/run/berth/disk";

static struct {
	struct data_disk wanted;
	char current[32];
	void (*done)(const struct error *failure);
} step;

/* What the child says of a disk that is mounted. */
struct outcome {
	char device[32], what[120];
	bool errors;
};

/* To the end of the disk; the kernel does it while the file system is in use. */
static void grow(const struct disk *disk, struct outcome *out)
{
	_cleanup_close_ int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statvfs space;
	if (fd < 0 || fstatvfs(fd, &space) < 0)
		return;
	uint64_t blocks = disk->bytes / space.f_bsize, before = space.f_blocks;
	size_t used = strlen(out->what);
	if (ioctl(fd, RESIZE_FS, &blocks) < 0)
		snprintf(out->what + used, sizeof out->what - used, "%scould not be grown: %s",
			 used ? ", " : "", strerror(errno));
	else if (fstatvfs(fd, &space) == 0 && space.f_blocks > before)
		snprintf(out->what + used, sizeof out->what - used, "%sgrown by %.1f MB",
			 used ? ", " : "",
			 (double)(space.f_blocks - before) * (double)space.f_frsize / 1e6);
}

/* Beside the store first: what is there now goes only when the disk is good. */
static int mount_on_store(const struct disk *disk, const char *options, struct error *err)
{
	char device[48];
	snprintf(device, sizeof device, "/dev/%s", disk->device);
	if (make_directories(place, 0700, err) < 0)
		return -1;
	if (mount(device, place, "ext4", FLAGS, options) < 0)
		return error_errno(err, errno, "mount %s", device);
	umount2(store, MNT_DETACH);
	if (mount(place, store, NULL, MS_MOVE, NULL) < 0)
		return error_errno(err, errno, "move %s to %s", device, store);
	chmod(store, 0700);
	return 0;
}

static int take(const struct disk *disk, bool format, struct outcome *out, struct error *err)
{
	const char *label = *step.wanted.label ? step.wanted.label : VOLUME_DATA;
	snprintf(out->device, sizeof out->device, "%s", disk->device);
	out->errors = !format && disk->reading.errors;
	if (format) {
		if (disk_format(disk->device, label, err) < 0)
			return -1;
		snprintf(out->what, sizeof out->what,
			 "it was empty and has an ext4 file system labelled %s now", label);
	}
	if (strcmp(step.current, disk->device) != 0 &&
	    mount_on_store(disk, step.wanted.options, err) < 0)
		return -1;
	if (step.wanted.grow && !disk->read_only)
		grow(disk, out);
	return 0;
}

static void run(int fd, void *context)
{
	static struct disk_list list;
	unsigned char storage[1024];
	struct outcome outcome = {0};
	struct error err = ERROR_INIT;
	struct frame frame;
	const struct disk *disk = NULL;
	bool format;
	(void)context;
	uint8_t type = FAILED;
	if (disk_list_read(&list, &err) == 0 &&
	    !(disk = disk_list_choose(&list, &step.wanted, &format, &err)))
		type = NOT_THERE;
	if (disk && take(disk, format, &outcome, &err) == 0)
		type = DONE;
	frame_begin(&frame, type, storage, sizeof storage);
	if (type == DONE) {
		frame_put_string(&frame, outcome.device);
		frame_put_string(&frame, outcome.what);
		frame_put_u64(&frame, outcome.errors);
	} else {
		frame_put_string(&frame, err.text);
	}
	frame_send(fd, &frame, NULL);
}

static void tell(const struct outcome *outcome)
{
	struct statvfs space = {0};
	statvfs(store, &space);
	clock_keep_in(store);
	ledger_end(STEP_DEVICES, 0, "disk", "store on /dev/%s, %.1f MB free%s%s", outcome->device,
		   (double)space.f_bavail * (double)space.f_frsize / 1e6,
		   *outcome->what ? "; " : "", outcome->what);
	if (outcome->errors)
		log_warning("berth", "6 devices: the file system on /dev/%s has errors that the kernel "
			    "has found before: check it with e2fsck", outcome->device);
}

static bool take_outcome(struct frame *frame)
{
	struct outcome outcome;
	frame_get_text(frame, outcome.device, sizeof outcome.device);
	frame_get_text(frame, outcome.what, sizeof outcome.what);
	outcome.errors = frame_get_u64(frame) == 1;
	if (frame_done(frame))
		tell(&outcome);
	return frame_done(frame);
}

static void fail(const char *why)
{
	struct error err = ERROR_INIT;
	error_set(&err, "berth.data: %s", why);
	ledger_fail(STEP_DEVICES, !step.wanted.optional, "disk", err.text);
	step.done(step.wanted.optional ? NULL : &err);
}

static void look(void *context);

static void on_ended(struct frame *frame, const char *how, void *context)
{
	char why[ERROR_TEXT_MAX];
	snprintf(why, sizeof why, "%s", how);
	(void)context;
	if (frame && frame->type == DONE && take_outcome(frame)) {
		step.done(NULL);
		return;
	}
	if (frame && frame->type != DONE)
		frame_get_text(frame, why, sizeof why);
	if (frame && frame->type == NOT_THERE && late_disks_may_help())
		late_disks_look(look, NULL);
	else
		fail(why);
}

static void look(void *context)
{
	static struct errand errand = {.timeout_ms = LIMIT_MS, .run = run, .ended = on_ended};
	struct error err = ERROR_INIT;
	(void)context;
	ledger_begin(STEP_DEVICES);
	if (errand_start(&errand, &err) < 0)
		fail(err.text);
}

/* The store stays, or goes, in memory. */
static void do_without(void)
{
	struct error err = ERROR_INIT;
	if (*step.current && umount2(store, 0) == 0) {
		clock_keep_in(NULL);
		ledger_begin(STEP_DEVICES);
		if (boot_store_in_memory(&err) < 0) {
			step.done(&err);
			return;
		}
		ledger_end(STEP_DEVICES, 0, "memory", "store on memory: berth.data=none");
	}
	step.done(NULL);
}

void data_disk_take(const char *wanted, const char *current,
		    void (*done)(const struct error *failure))
{
	struct error err = ERROR_INIT;
	step.done = done;
	snprintf(step.current, sizeof step.current, "%s", current);
	if (data_disk_parse(wanted, &step.wanted, &err) < 0)
		done(&err);
	else if (step.wanted.none)
		do_without();
	else
		look(NULL);
}
